import { type FileHandle, open, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubPlaces, HubStore, LogEntry, OpenRequest, RestoredHub, Runs, Tally } from '@kernelkit/core';
import { createMessage } from '@kernelkit/protocol';
import { KeepError } from './errors.js';
import { type ReadLog, type Segment, segmentName } from './read-segments.js';
import { encodeEntry, encodeHead, encodeNote, type SegmentNote } from './segment-format.js';

export interface LogFilesOptions {
  readonly directory: string;
  readonly read: ReadLog;
  readonly restored: RestoredHub | null;
  /** Bytes that are kept; some more are, up to a segment. */
  readonly keepBytes: number;
  /** Told when the log cannot be written. What comes then is not kept, until it can be again. */
  readonly failed: (error: KeepError) => void;
}

/** Written at once, at most. */
const BATCH_BYTES = 1024 ** 2;
/** What may wait for the disk, at the least; fewer entries than numbers are skipped. */
const WAITING_BYTES = 64 * 1024 ** 2;
const WAITING_ENTRIES = 2 ** 19;
const AGAIN_MS = 5000;
const TALLIED_SESSIONS = 4096;

/**
 * A hub's log in files: appended in batches, one write at a time, so that the kernel's output waits for no disk. Nothing is forced to the disk: it
 * outlives the gateway's process, and not the machine's.
 */
export class LogFiles implements HubStore {
  #restored: RestoredHub | null;
  readonly #options: LogFilesOptions;
  readonly #segmentBytes: number;
  readonly #waitingLimit: number;
  #look: () => HubPlaces = () => ({ places: new Map(), requests: [], runs: null });
  #segments: Segment[];
  #file: FileHandle | null = null;
  #number: number;
  #bytes = 0;
  #waiting: LogEntry[] = [];
  #waitingBytes = 0;
  readonly #asked = new Set<string>();
  /** The last entry that is in a file; null: there is none. */
  #last: number | null;
  /** Some behind it were given up: what follows begins anew. */
  #isBroken = false;
  readonly #toAll: Tally = { messages: 0, bytes: 0 };
  readonly #to = new Map<string, Tally>();
  #places = new Map<string, number>();
  #runs: Runs | null = null;
  #isDirty = false;
  #writing: Promise<void> | null = null;
  #isClosed = false;
  #notBefore = 0;

  constructor(options: LogFilesOptions) {
    this.#options = options;
    this.#segmentBytes = Math.min(Math.max(options.keepBytes / 8, 64 * 1024), 4 * 1024 ** 2);
    this.#waitingLimit = Math.max(WAITING_BYTES, 2 * options.keepBytes);
    const { restored, read } = options;
    this.#restored = restored;
    this.#segments = [...read.segments];
    this.#number = read.segments.at(-1)?.number ?? 0;
    this.#last = restored?.log.entries.at(-1)?.seq ?? null;
    if (restored === null) return;
    Object.assign(this.#toAll, restored.log.gone.toAll);
    for (const [session, tally] of restored.log.gone.to) this.#to.set(session, { ...tally });
    for (const entry of restored.log.entries) this.#tally(entry);
  }

  get restored(): RestoredHub | null {
    return this.#restored;
  }

  begin(look: () => HubPlaces): void {
    this.#look = look;
    // the hub has them, and gives them up in time
    if (this.#restored !== null) this.#restored = { ...this.#restored, log: { ...this.#restored.log, entries: [] } };
    // the next gateway finds one, whatever comes
    this.moved();
  }

  append(entry: LogEntry): void {
    if (this.#isClosed) return;
    if (this.#isFailing) {
      this.#tally(entry);
      return;
    }
    this.#waiting.push(entry);
    this.#waitingBytes += entry.bytes;
    if (this.#waitingBytes > this.#waitingLimit || this.#waiting.length > WAITING_ENTRIES) this.#skip();
    this.moved();
  }

  asked({ id }: OpenRequest): void {
    // what cannot be written now is in the head of what is written next
    if (!this.#isFailing) this.#asked.add(id);
    this.moved();
  }

  moved(): void {
    if (this.#isClosed || this.#isFailing) return;
    this.#isDirty = true;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
      if (this.#isDirty) this.moved();
    });
  }

  /** Writes what waits, and no more. */
  async close(): Promise<void> {
    if (!this.#isClosed) this.moved();
    this.#isClosed = true;
    await this.#writing;
    await this.#closeFile().catch(() => {});
    // until now its output was read, whether there was any or not
    const now = new Date();
    await utimes(join(this.#options.directory, segmentName(this.#number)), now, now).catch(() => {});
  }

  get #isFailing(): boolean {
    return performance.now() < this.#notBefore;
  }

  async #write(): Promise<void> {
    // what comes in one go is written in one go, and clients have taken it by then
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#isDirty) {
      try {
        await this.#writeOnce();
      } catch (error) {
        await this.#closeFile().catch(() => {});
        this.#fail(error as Error);
        return;
      }
    }
  }

  async #writeOnce(): Promise<void> {
    const batch: Uint8Array[] = [];
    if (this.#isBroken) await this.#closeFile();
    const isNew = this.#file === null;
    if (isNew) await this.#open();
    // from here to the write nothing comes between
    if (isNew) batch.push(this.#head());
    let size = 0;
    let taken = 0;
    for (const entry of this.#waiting) {
      if (size >= Math.min(BATCH_BYTES, this.#segmentBytes)) break;
      const bytes = encoded(entry);
      batch.push(bytes);
      size += bytes.byteLength;
      taken += 1;
    }
    const entries = this.#waiting.splice(0, taken);
    this.#isDirty = this.#waiting.length > 0;
    const note = this.#isDirty ? null : this.#note();
    if (note !== null) batch.push(encodeNote(note));
    if (batch.length > 0) {
      const whole = Buffer.concat(batch);
      await this.#file?.appendFile(whole);
      this.#bytes += whole.byteLength;
    }
    for (const entry of entries) {
      this.#tally(entry);
      this.#waitingBytes -= entry.bytes;
      this.#last = entry.seq;
    }
    if (this.#bytes >= this.#segmentBytes) await this.#rotate();
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    this.#file = null;
    this.#segments.push({ number: this.#number, bytes: this.#bytes });
    await file.close();
  }

  async #open(): Promise<void> {
    this.#number += 1;
    this.#bytes = 0;
    this.#file = await open(join(this.#options.directory, segmentName(this.#number)), 'ax', 0o600);
  }

  /** What a segment begins with. */
  #head(): Uint8Array {
    const { places, requests, runs } = this.#look();
    this.#places = new Map(places);
    this.#runs = runs;
    // they are all in `requests`
    this.#asked.clear();
    const tallies = { toAll: { ...this.#toAll }, to: [...this.#to] };
    const follows = this.#isBroken ? null : this.#last;
    this.#isBroken = false;
    return encodeHead({ follows, ...tallies, places: [...places], requests, runs });
  }

  async #rotate(): Promise<void> {
    await this.#closeFile();
    let total = this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
    while (total - (this.#segments[0]?.bytes ?? total) >= this.#options.keepBytes) {
      const { number, bytes } = this.#segments.shift()!;
      total -= bytes;
      await rm(join(this.#options.directory, segmentName(number)), { force: true });
    }
  }

  /** What has changed since the last one, beside the entries; null: nothing. */
  #note(): SegmentNote | null {
    const { places, requests, runs } = this.#look();
    const moved = [...places].filter(([session, cursor]) => this.#places.get(session) !== cursor);
    // those that are answered by now need not be known
    const asked = this.#asked.size === 0 ? [] : requests.filter(({ id }) => this.#asked.has(id));
    this.#asked.clear();
    const isOther = runs?.seq !== this.#runs?.seq;
    if (moved.length + asked.length === 0 && !isOther) return null;
    for (const [session, cursor] of moved) this.#places.set(session, cursor);
    this.#runs = runs;
    return {
      ...(moved.length > 0 && { places: moved }),
      ...(asked.length > 0 && { asked }),
      ...(isOther && { runs }),
    };
  }

  /** The disk is too slow: what is older than all that is kept is given up, as it would be by then. */
  #skip(): void {
    let left = 0;
    while (this.#waitingBytes > this.#options.keepBytes && left < this.#waiting.length - 1) {
      const entry = this.#waiting[left]!;
      this.#tally(entry);
      this.#waitingBytes -= entry.bytes;
      left += 1;
    }
    this.#waiting = this.#waiting.slice(left);
    this.#isBroken = true;
  }

  /** What is in the files, and what waits, is given up: the log begins anew when it can be written again. */
  #fail(cause: Error): void {
    this.#notBefore = performance.now() + AGAIN_MS;
    for (const entry of this.#waiting) this.#tally(entry);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#asked.clear();
    this.#isDirty = false;
    this.#isBroken = true;
    this.#options.failed(KeepError.ofFiles(this.#options.directory, cause));
  }

  #tally({ to, bytes }: LogEntry): void {
    let tally = to === null ? this.#toAll : this.#to.get(to);
    if (tally === undefined) {
      tally = { messages: 0, bytes: 0 };
      this.#to.set(to!, tally);
      if (this.#to.size > TALLIED_SESSIONS) this.#to.delete(this.#to.keys().next().value!);
    }
    tally.messages += 1;
    tally.bytes += bytes;
  }
}

/** One that cannot be written leaves its place to the news of that. */
function encoded(entry: LogEntry): Uint8Array {
  try {
    return encodeEntry(entry);
  } catch (error) {
    const { header, parent_header } = entry.message;
    const text = `[kernelkit] A message could not be kept: ${(error as Error).message}\n`;
    const { session, username } = header;
    const said = createMessage({
      ...{ channel: 'iopub', type: 'stream', session, username, content: { name: 'stderr', text } },
    });
    return encodeEntry({ ...entry, message: { ...said, parent_header } });
  }
}
