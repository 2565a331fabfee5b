export { signalGroup } from './group.js';
export {
  KernelProcess,
  type ProcessExit,
  type ProcessOptions,
  ProcessStuckError,
  SpawnError,
} from './kernel-process.js';
export { ownUntilExit, removeAtExit } from './owned.js';
