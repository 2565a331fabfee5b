export {
  isThere as isPrivateDirectory,
  type JournalOptions,
  journalDirectory,
  makeDirectory as makePrivateDirectory,
  removeIfEmpty,
} from './directory.js';
export type { JournalEntry, JournalProblem, KernelRecord, KernelState, RecordedKernel } from './entry.js';
export { JournalError } from './errors.js';
export { LockFile, type LockHolder, withLock } from './lock-file.js';
export { type Machine, thisMachine } from './machine.js';
export { type Journal, readJournal } from './read.js';
export { type JournalRecord, recordKernel } from './record.js';
export { type SweepResult, sweep } from './sweep.js';
