const REMEMBERED = 256;

/** The ids that were added last. */
export class RecentIds {
  readonly #ids = new Set<string>();

  add(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size > REMEMBERED) this.#ids.delete(this.#ids.values().next().value!);
  }

  has(id: string | null): boolean {
    return id !== null && this.#ids.has(id);
  }
}
