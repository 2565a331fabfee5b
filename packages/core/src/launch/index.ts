export {
  KernelStartError,
  START_FAILURE_KINDS,
  StartAbortedError,
  type StartFailure,
  type StartFailureKind,
  type StartTimings,
} from './errors.js';
export {
  checkPlan,
  DEFAULT_START_TIMEOUT,
  type LaunchedKernel,
  type LaunchOptions,
  launch,
  type Staying,
  type StayingKernel,
} from './launch.js';
export { NoFreePortError } from './ports.js';
export { RunDirError } from './run-dir.js';
