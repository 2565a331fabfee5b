/** How many read events may be kept before they are dropped, where they are not kept for good. */
const TRIM_EVERY = 1024;

/**
 * Events for any number of readers, each at its own pace. Kept from the first on, so that a reader that begins late misses
 * nothing; or, where they are not (`keep` false), only for the readers that are there, until they have read them.
 */
export class EventLog<T> {
  readonly #keep: boolean;
  #events: T[] = [];
  /** Events that were dropped before the first in `#events`. */
  #dropped = 0;
  readonly #readers = new Set<{ next: number }>();
  #waiting: (() => void)[] = [];
  #ended = false;
  #failure: Error | null = null;

  constructor(keep: boolean) {
    this.#keep = keep;
  }

  push(event: T): void {
    if (!this.#keep && this.#readers.size === 0) return;
    this.#events.push(event);
    this.#wake();
  }

  /** Nothing follows; with an error, readers throw it after the last event. */
  end(failure: Error | null): void {
    this.#ended = true;
    this.#failure = failure;
    this.#wake();
  }

  /** Reads from the first event that is kept. It begins now, not when the first value is asked for. */
  read(): AsyncGenerator<T, void, undefined> {
    const reader = { next: this.#dropped };
    this.#readers.add(reader);
    return this.#read(reader);
  }

  async *#read(reader: { next: number }): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        while (reader.next < this.#dropped + this.#events.length) {
          yield this.#events[reader.next++ - this.#dropped]!;
          if (reader.next % TRIM_EVERY === 0) this.#trim();
        }
        this.#trim();
        if (this.#ended) break;
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
      if (this.#failure !== null) throw this.#failure;
    } finally {
      this.#readers.delete(reader);
      this.#trim();
    }
  }

  #trim(): void {
    if (this.#keep) return;
    let read = this.#dropped + this.#events.length;
    for (const { next } of this.#readers) read = Math.min(read, next);
    if (read === this.#dropped) return;
    this.#events.splice(0, read - this.#dropped);
    this.#dropped = read;
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
