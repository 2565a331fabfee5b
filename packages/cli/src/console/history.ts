/** What was entered, the newest last. */
export class History {
  #entries: string[];

  constructor(entries: readonly string[] = []) {
    this.#entries = distinct(entries);
  }

  get entries(): readonly string[] {
    return this.#entries;
  }

  /** @returns false where it was the last one already, or nothing */
  add(code: string): boolean {
    if (code.trim() === '' || this.#entries.at(-1) === code) return false;
    this.#entries = distinct([...this.#entries, code]);
    return true;
  }

  /** Older ones that have been found elsewhere. */
  addOlder(entries: readonly string[]): void {
    this.#entries = distinct([...entries, ...this.#entries]);
  }

  /** The next older (-1) or newer (1) one from a place on that fits; -1: there is none. `length` stands for what is being written. */
  find(from: number, step: -1 | 1, fits: (entry: string) => boolean): number {
    for (let at = from + step; at >= 0 && at < this.#entries.length; at += step) {
      if (fits(this.#entries[at]!)) return at;
    }
    return -1;
  }
}

/** Of equal ones the newest. */
function distinct(entries: readonly string[]): string[] {
  return [...new Set([...entries].reverse())].reverse();
}
