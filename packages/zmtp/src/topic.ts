/** What a topic may be given as; a string stands for its UTF-8 bytes. */
export type Topic = Uint8Array | string;

/** Subscriptions as ZeroMQ counts them: two of the same topic need two cancellations. A topic matches as a prefix. */
export class Topics {
  readonly #counts = new Map<string, number>();
  #all = false;

  /** Adds one; says whether the topic is new. */
  add(topic: Uint8Array): boolean {
    const key = latin1(topic);
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    if (key === '') this.#all = true;
    return count === 0;
  }

  /** Takes one away; says whether it was the topic's last. */
  remove(topic: Uint8Array): boolean {
    const key = latin1(topic);
    const count = this.#counts.get(key);
    if (count === undefined) return false;
    if (count > 1) {
      this.#counts.set(key, count - 1);
      return false;
    }
    this.#counts.delete(key);
    if (key === '') this.#all = false;
    return true;
  }

  matches(frame: Uint8Array): boolean {
    if (this.#all) return true;
    if (this.#counts.size === 0) return false;
    const text = latin1(frame);
    for (const topic of this.#counts.keys()) if (text.startsWith(topic)) return true;
    return false;
  }

  /** Each topic once. */
  list(): Uint8Array[] {
    return [...this.#counts.keys()].map((key) => Buffer.from(key, 'latin1'));
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
