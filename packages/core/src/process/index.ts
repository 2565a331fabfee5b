export {
  KernelProcess,
  type ProcessExit,
  type ProcessOptions,
  ProcessStuckError,
  SpawnError,
} from './kernel-process.js';
export { removeAtExit } from './owned.js';
