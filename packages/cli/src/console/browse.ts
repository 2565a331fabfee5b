import type { Draft } from './draft.js';
import type { History } from './history.js';

/** Up and down through the history: the entries that begin as what stood before the cursor. */
export class Browse {
  readonly #history: History;
  readonly #prefix: string;
  readonly #begun: Draft;
  #at: number;
  #shown: string;

  constructor(history: History, draft: Draft) {
    this.#history = history;
    this.#begun = draft;
    this.#prefix = draft.text.slice(0, draft.cursor);
    this.#at = history.entries.length;
    this.#shown = draft.text;
  }

  /** Whether nothing has been changed since: else another browse begins. */
  goesOn(draft: Draft): boolean {
    return draft.text === this.#shown;
  }

  /** @returns null where there is none any more */
  step(step: -1 | 1): Draft | null {
    const entries = this.#history.entries;
    const at = this.#history.find(this.#at, step, (entry) => entry.startsWith(this.#prefix) && entry !== this.#shown);
    if (at === -1) {
      if (step === -1 || this.#at === entries.length) return null;
      this.#at = entries.length;
      this.#shown = this.#begun.text;
      return this.#begun;
    }
    this.#at = at;
    this.#shown = entries[at]!;
    return { text: this.#shown, cursor: this.#shown.length };
  }
}
