export { describeExit } from './diagnose.js';
export { KernelStartError, type StartFailure, type StartTimings } from './errors.js';
export { DEFAULT_START_TIMEOUT, type LaunchedKernel, type LaunchOptions, launch } from './launch.js';
export { NoFreePortError } from './ports.js';
export { RunDirError } from './run-dir.js';
