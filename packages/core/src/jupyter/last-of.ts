/** The last so many that were added. */
export class LastOf {
  readonly #bound: number;
  readonly #values = new Set<string>();

  constructor(bound: number) {
    this.#bound = bound;
  }

  add(value: string): void {
    this.#values.add(value);
    if (this.#values.size > this.#bound) this.#values.delete(this.#values.values().next().value!);
  }

  has(value: string): boolean {
    return this.#values.has(value);
  }
}
