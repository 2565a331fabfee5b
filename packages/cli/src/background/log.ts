/** So much is written in a gateway's life; it may be a long one, and nobody looks. */
const MOST_BYTES = 256 * 1024;

/** Lines with their time, and an end. */
export class BoundedLog {
  readonly #write: (line: string) => void;
  #left = MOST_BYTES;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  add(line: string): void {
    if (this.#left <= 0) return;
    const text = `${new Date().toISOString()} ${line}`;
    this.#left -= Buffer.byteLength(text) + 1;
    this.#write(this.#left > 0 ? text : `${text}\n(what follows is left out)`);
  }
}
