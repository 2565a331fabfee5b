import { isLoose, merge, type Packed, pack, unpack } from './packed.js';
import type { HubCodec, LogEntry, Tally } from './types.js';

/** So many entries are packed at once: they are done with soon, and their memory is free before it has become old. */
const AT_ONCE = 8;
/** So many packs are put together. */
const TOGETHER = 8;
/** Removed items that are left at a list's beginning before it is moved. */
const COMPACT_AT = 1024;

/** The first that would go: one entry, or some that are packed together. */
export type Oldest = Pick<Packed, 'last' | 'bytes' | 'tallies'>;

/** Entries in their order, from a first one to the last: those at the end as they are, those that are done with packed. */
export class Shelf {
  readonly #packed = new Queue<Packed>();
  readonly #entries = new Queue<LogEntry>();
  /** What was unpacked last: who reads one reads the next. */
  #unpacked: { block: Packed; entries: readonly LogEntry[] } | null = null;
  #bytes = 0;
  readonly #codec: HubCodec | undefined;

  /** @param codec without it what is packed is not deflated */
  constructor(codec?: HubCodec) {
    this.#codec = codec;
  }

  /** The number of the first; undefined while there is none. */
  get first(): number | undefined {
    return this.#packed.at(0)?.first ?? this.#entries.at(0)?.seq;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there is more than what goes next. */
  get hasMore(): boolean {
    return this.#packed.length + this.#entries.length > 1;
  }

  push(entry: LogEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
  }

  /** The first entry with a higher number. */
  after(seq: number): LogEntry | undefined {
    const hot = this.#entries.at(0);
    if (hot === undefined || hot.seq > seq + 1) {
      const block = this.#packed.at(this.#packed.indexAfter(seq, ({ last }) => last));
      if (block !== undefined) return this.#open(block).find((entry) => entry.seq > seq);
    }
    return this.#entries.at(this.#entries.indexAfter(seq, (entry) => entry.seq));
  }

  /** How much there is up to that number, for all and for these sessions. */
  tally(sessions: ReadonlySet<string>, upTo: number): Tally {
    const sum: Tally = { messages: 0, bytes: 0 };
    const add = ({ messages, bytes }: Tally): void => {
      sum.messages += messages;
      sum.bytes += bytes;
    };
    const one = ({ seq, to, bytes }: LogEntry): void => {
      if (seq <= upTo && (to === null || sessions.has(to))) add({ messages: 1, bytes });
    };
    for (const block of this.#packed) {
      if (block.first > upTo) break;
      if (block.last > upTo) this.#open(block).forEach(one);
      else for (const [to, tally] of block.tallies) if (to === null || sessions.has(to)) add(tally);
    }
    for (const entry of this.#entries) one(entry);
    return sum;
  }

  /** Packs what may be. @param isNeeded whether somebody who is there has yet to come to that number */
  settle(isNeeded: (seq: number) => boolean): void {
    while (this.#entries.length > AT_ONCE && !isNeeded(this.#entries.at(AT_ONCE - 1)!.seq)) {
      this.#packed.push(pack(Array.from({ length: AT_ONCE }, () => this.#entries.shift()!)));
      this.#putTogether();
    }
  }

  #putTogether(): void {
    if (this.#codec === undefined) return;
    const last = Array.from({ length: TOGETHER }, (_, n) => this.#packed.at(this.#packed.length - TOGETHER + n));
    if (!last.every((each) => each !== undefined && isLoose(each))) return;
    for (const _ of last) this.#packed.pop();
    this.#packed.push(merge(last as Packed[], this.#codec));
  }

  get oldest(): Oldest | undefined {
    const block = this.#packed.at(0);
    const entry = this.#entries.at(0);
    if (block !== undefined || entry === undefined) return block;
    const { seq, to, bytes } = entry;
    return { last: seq, bytes, tallies: new Map([[to, { messages: 1, bytes }]]) };
  }

  /** Lets the oldest go. */
  shift(): void {
    const gone = this.#packed.shift() ?? this.#entries.shift();
    this.#bytes -= gone?.bytes ?? 0;
    if (this.#unpacked?.block === gone) this.#unpacked = null;
  }

  #open(block: Packed): readonly LogEntry[] {
    if (this.#unpacked?.block !== block) this.#unpacked = { block, entries: unpack(block) };
    return this.#unpacked.entries;
  }

  /** Nobody reads what was unpacked. */
  close(): void {
    this.#unpacked = null;
  }
}

/** A list that is added to at its end and taken from at its beginning. */
class Queue<T> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  pop(): void {
    if (this.length > 0) this.#items.pop();
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined as never;
    this.#head += 1;
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Where the items begin whose number is higher; numbers rise. Most often counted from the end, and looked for where some were skipped. */
  indexAfter(seq: number, numberOf: (item: T) => number): number {
    const { length } = this;
    if (length === 0 || numberOf(this.at(length - 1)!) <= seq) return length;
    const guess = length - (numberOf(this.at(length - 1)!) - seq);
    if (guess >= 0 && numberOf(this.at(guess)!) === seq + 1) return guess;
    let [low, high] = [0, length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numberOf(this.at(middle)!) > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = 0; index < this.length; index++) yield this.at(index)!;
  }
}
