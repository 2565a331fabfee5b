import type { ProcessExit } from './kernel-process.js';

/** A kernel's process that is ours to signal and to end, whether this process started it or found it running. */
export interface RunningProcess {
  readonly pid: number;
  readonly argv: readonly string[];
  /** performance.now() at its start. */
  readonly startedAt: number;
  /** When the system says that it was started (`startTimeOf`): with the pid, its name. Null on Windows. */
  readonly startTime: string | null;
  /** Resolves once, when it has ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** How it ended, or null while it runs. */
  readonly exit: ProcessExit | null;
  /** What it has written to standard output so far (the last 64 KiB). */
  readonly stdout: string;
  /** What it has written to standard error so far (the last 64 KiB). */
  readonly stderr: string;
  /** Signals the whole process group. False when it has ended already. */
  signal(signal: NodeJS.Signals): boolean;
  /** Waits for the exit for at most `ms` milliseconds. */
  exitsWithin(ms: number): Promise<boolean>;
  /**
   * Ends it for certain: SIGTERM to the group, SIGKILL after `grace` milliseconds; then what is left of the group.
   * @throws ProcessStuckError when even SIGKILL does not end it
   */
  end(grace?: number): Promise<ProcessExit>;
}
