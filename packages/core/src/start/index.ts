export type { ActivationOptions } from './activation.js';
export { type AdoptedKernel, adopt } from './adopt.js';
export { type AttachOptions, attach } from './attach.js';
export {
  ConnectionFileError,
  type FindConnectionFileOptions,
  findConnectionFile,
  readConnectionFile,
} from './connection-file.js';
export { DotenvError } from './dotenv.js';
export { KernelUnreachableError } from './join.js';
export { type LocalJupyterOptions, specOfPlan, startThroughLocalServer } from './local-jupyter.js';
export { type PlanKernelOptions, planKernel, type StartedKernel, startPlan } from './raw.js';
export { type HostOptions, InterruptError, RawHost, type ShutdownOptions } from './raw-host.js';
export type { AutoRestart } from './reviver.js';
export {
  planServer,
  ServerOptionError,
  type ServerPlan,
  type ServerStartOptions,
} from './server.js';
export { type StartOptions, start } from './start.js';
