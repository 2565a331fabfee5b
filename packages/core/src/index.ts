export {
  type Activation,
  ActivationCache,
  type ActivationFallback,
  type ActivationMethod,
  type ActivationNote,
  activate,
  loginEnvironment,
} from './activation/index.js';
export * from './catalog/index.js';
export * from './channels/index.js';
export {
  BELOW,
  cacheFile,
  commandToInstall,
  type Environment,
  EnvironmentCache,
  type EnvironmentKind,
  environmentMakers,
  externalManager,
  type FindEnvironmentsOptions,
  findEnvironments,
  hasEnsurepip,
  newEnvironment,
  program as programAsTyped,
  type Where,
  whereOf,
} from './environments/index.js';
export * from './errors/index.js';
export { type Files, NodeFiles } from './files/index.js';
export * from './hub/index.js';
export * from './journal/index.js';
export * from './jupyter/index.js';
export * from './jupyter-local/index.js';
export * from './jupyter-node/index.js';
export * from './kernel/index.js';
export * from './launch/index.js';
export * from './notebook/index.js';
export * from './plan/index.js';
export {
  AdoptedProcess,
  cutOutput,
  isRunning,
  lookAt,
  type OutputFiles,
  type ProcessExit,
  ProcessStuckError,
  runTool,
  SpawnError,
  startTimeOf,
  type ToolOptions,
  tailOf,
} from './process/index.js';
export * from './raw/index.js';
export * from './specs/index.js';
export * from './start/index.js';
export { Deadline } from './wait/index.js';
