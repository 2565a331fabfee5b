/** The last bytes of a stream: what a kernel said before it died, bounded however much it says. */
export class Tail {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #cut = false;

  /** @param limit bytes to keep */
  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    // Dropping whole chunks keeps this linear; one chunk more than the limit is the price.
    while (this.#chunks.length > 1 && this.#size - this.#chunks[0]!.byteLength >= this.#limit) {
      this.#size -= this.#chunks.shift()!.byteLength;
      this.#cut = true;
    }
  }

  /** The kept text; begins at a line's start where something before it was cut. */
  toString(): string {
    let bytes = Buffer.concat(this.#chunks);
    let cut = this.#cut;
    if (bytes.byteLength > this.#limit) {
      bytes = bytes.subarray(bytes.byteLength - this.#limit);
      cut = true;
    }
    const text = bytes.toString('utf8');
    return cut ? text.slice(text.indexOf('\n') + 1) : text;
  }
}
