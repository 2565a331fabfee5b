import type { JupyterMessage } from '@kernelkit/protocol';
import { callOut } from '../channels/index.js';
import { LogReader } from './reader.js';
import { Shelf } from './shelf.js';
import type { HubCodec, HubItem, LogEntry, RestoredLog, Tally } from './types.js';

/** How much a hub's log keeps. */
export interface LogBounds {
  /** Bytes that are kept although everybody who is there has taken them. */
  readonly keepBytes: number;
  /** Bytes that are kept at most, whoever still waits for them. */
  readonly maxBytes: number;
  readonly codec?: HubCodec | undefined;
}

/** Sessions whose tally is kept; what is told to be lost is exact for these. */
const TALLIED_SESSIONS = 4096;
/**
 * The messages of one kernel in their order, for readers at their own pace. The oldest go when there is more than `keepBytes` and
 * every reader that is there has them; beyond `maxBytes` they go in any case, and a reader learns exactly what it missed. One entry is
 * always kept. Appending, reading and giving up cost a constant, amortised: what was given up is tallied, not looked for. Numbers are skipped
 * only where the log of an earlier gateway goes on. What everybody who is there has taken is packed, and goes in small parts, not one by one.
 */
export class HubLog {
  readonly #bounds: LogBounds;
  readonly #shelf: Shelf;
  #last = 0;
  readonly #readers = new Set<LogReader>();
  readonly #waiting = new Set<LogReader>();
  #slowest: LogReader | null = null;
  readonly #goneToAll: Tally = { messages: 0, bytes: 0 };
  readonly #goneTo = new Map<string, Tally>();

  /** @param restored what an earlier log had; its numbers are not used again */
  constructor(bounds: LogBounds, restored?: RestoredLog) {
    this.#bounds = bounds;
    this.#shelf = new Shelf(bounds.codec);
    if (restored === undefined) return;
    for (const entry of restored.entries) this.#shelf.push(entry);
    this.#last = restored.last;
    Object.assign(this.#goneToAll, restored.gone.toAll);
    for (const [session, tally] of restored.gone.to) this.#goneTo.set(session, { ...tally });
    this.#evict();
  }

  /** The number of the first entry that is kept; one more than `last` while there is none. */
  get first(): number {
    return this.#shelf.first ?? this.#last + 1;
  }

  get last(): number {
    return this.#last;
  }

  get bytes(): number {
    return this.#shelf.bytes;
  }

  /** @param to null: for every reader; else the session that it is for */
  append(to: string | null, message: JupyterMessage, bytes: number): LogEntry {
    this.#last += 1;
    const entry: LogEntry = { seq: this.#last, to, message, bytes };
    this.#shelf.push(entry);
    const wake: LogReader[] = [];
    for (const reader of this.#waiting) {
      // who waits has seen all before: what is not for it costs it nothing later
      if (!reader.sees(entry)) reader.cursor = entry.seq;
      else {
        this.#waiting.delete(reader);
        wake.push(reader);
      }
    }
    this.#evict();
    for (const reader of wake) callOut(reader.wake);
    return entry;
  }

  /** The entry of that number; undefined where it is not kept. */
  at(seq: number): LogEntry | undefined {
    const entry = this.#shelf.after(seq - 1);
    return entry?.seq === seq ? entry : undefined;
  }

  /**
   * A reader of what comes after the entry `cursor`. `before`: another one of the same sessions that stood there: what was given up since
   * is counted from it. Without it, and where `cursor` is neither kept nor 0, no more is told to be lost than could be.
   */
  read(sessions: ReadonlySet<string>, cursor: number, wake: () => void, before?: LogReader): LogReader {
    const at = Math.max(0, Math.min(cursor, this.#last));
    const reader = new LogReader(sessions, at, wake);
    const { first } = this;
    if (before !== undefined && before.cursor === at && sameSet(before.sessions, sessions)) {
      Object.assign(reader.seen, before.seen);
    } else if (at >= first - 1) {
      const [gone, kept] = [this.#goneFor(sessions), this.#shelf.tally(sessions, at)];
      Object.assign(reader.seen, { messages: gone.messages + kept.messages, bytes: gone.bytes + kept.bytes });
    } else if (at > 0) {
      reader.seen.messages = Math.max(0, this.#goneFor(sessions).messages - (first - 1 - at));
    }
    this.#readers.add(reader);
    if (this.#slowest !== null && at < this.#slowest.cursor) this.#slowest = reader;
    return reader;
  }

  /** The reader's next item; null: none, and its `wake` will be called once when there is one. */
  take(reader: LogReader): HubItem | null {
    const { first } = this;
    if (reader.cursor < first - 1) {
      const gone = this.#goneFor(reader.sessions);
      const messages = Math.max(0, gone.messages - reader.seen.messages);
      const bytes = Math.max(0, gone.bytes - reader.seen.bytes);
      const from = reader.cursor + 1;
      reader.cursor = first - 1;
      Object.assign(reader.seen, gone);
      if (messages > 0) return { kind: 'lost', from, to: first - 1, messages, bytes };
    }
    for (let entry = this.#next(reader); entry !== undefined; entry = this.#next(reader)) {
      reader.cursor = entry.seq;
      if (!reader.sees(entry)) continue;
      reader.count(entry);
      this.#evict();
      return { kind: 'message', entry };
    }
    reader.cursor = this.#last;
    this.#shelf.close();
    if (this.#readers.has(reader)) this.#waiting.add(reader);
    this.#evict();
    return null;
  }

  /** Wakes the reader at the next entry for it. It stands at the end. */
  wait(reader: LogReader): void {
    if (this.#readers.has(reader) && reader.cursor === this.#last) this.#waiting.add(reader);
  }

  /** The reader is not there any more: nothing is kept for it, nor is it woken. It may still take. */
  leave(reader: LogReader): void {
    this.#readers.delete(reader);
    this.#waiting.delete(reader);
    if (this.#slowest === reader) this.#slowest = null;
    this.#evict();
  }

  #next({ cursor }: LogReader): LogEntry | undefined {
    return cursor < this.#last ? this.#shelf.after(cursor) : undefined;
  }

  #evict(): void {
    const { keepBytes, maxBytes } = this.#bounds;
    this.#shelf.settle((seq) => this.#isNeeded(seq));
    while (this.bytes > keepBytes && this.#shelf.hasMore) {
      const oldest = this.#shelf.oldest!;
      if (this.bytes <= maxBytes && this.#isNeeded(oldest.last)) break;
      this.#shelf.shift();
      for (const [to, { messages, bytes }] of oldest.tallies) {
        const tally = to === null ? this.#goneToAll : this.#tallyOf(to);
        tally.messages += messages;
        tally.bytes += bytes;
      }
    }
  }

  /** Whether a reader has not come to that entry. The slowest is looked for only when the one that was has moved on. */
  #isNeeded(seq: number): boolean {
    if (this.#slowest !== null && this.#slowest.cursor < seq) return true;
    this.#slowest = null;
    for (const reader of this.#readers) {
      if (this.#slowest === null || reader.cursor < this.#slowest.cursor) this.#slowest = reader;
    }
    return this.#slowest !== null && this.#slowest.cursor < seq;
  }

  #tallyOf(session: string): Tally {
    let tally = this.#goneTo.get(session);
    if (tally === undefined) {
      tally = { messages: 0, bytes: 0 };
      this.#goneTo.set(session, tally);
      if (this.#goneTo.size > TALLIED_SESSIONS) this.#goneTo.delete(this.#goneTo.keys().next().value!);
    }
    return tally;
  }

  /** What is gone of all that a reader of these sessions sees. */
  #goneFor(sessions: ReadonlySet<string>): Tally {
    const sum = { ...this.#goneToAll };
    for (const session of sessions) {
      const own = this.#goneTo.get(session);
      sum.messages += own?.messages ?? 0;
      sum.bytes += own?.bytes ?? 0;
    }
    return sum;
  }
}

function sameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((each) => other.has(each));
}
