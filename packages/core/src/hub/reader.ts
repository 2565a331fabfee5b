import type { LogEntry } from './types.js';

/** Where one client stands in the log. */
export class LogReader {
  /** Whose answers and questions it sees, beside what is for everybody. */
  readonly sessions: ReadonlySet<string>;
  readonly wake: () => void;
  /** The last entry that it took, or skipped as somebody else's. */
  cursor: number;
  /** Of all that it sees of the kernel's, from the first entry on, how much lies before its cursor. */
  readonly seen = { messages: 0, bytes: 0 };

  constructor(sessions: ReadonlySet<string>, cursor: number, wake: () => void) {
    this.sessions = sessions;
    this.cursor = cursor;
    this.wake = wake;
  }

  sees({ to }: LogEntry): boolean {
    return to === null || this.sessions.has(to);
  }

  count(entry: LogEntry): void {
    if (!this.sees(entry)) return;
    this.seen.messages += 1;
    this.seen.bytes += entry.bytes;
  }
}
