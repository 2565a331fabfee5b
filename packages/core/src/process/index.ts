export { AdoptedProcess, type ProcessName } from './adopted-process.js';
export { groupRuns, killGroup, signalGroup } from './group.js';
export {
  KernelProcess,
  type ProcessExit,
  type ProcessOptions,
  SpawnError,
} from './kernel-process.js';
export { cutOutput, type OutputFiles, tailOf } from './output-files.js';
export { guardUntilGone, ownUntilExit, removeAtExit } from './owned.js';
export type { RunningProcess } from './running-process.js';
export { childrenOf, isRunning, lookAt, startTimeOf } from './start-time.js';
export { ProcessStuckError } from './stop.js';
export { runTool, type ToolOptions } from './tool.js';
export { type InterruptEvent, InterruptEventError, interruptEvents } from './windows-interrupt.js';
