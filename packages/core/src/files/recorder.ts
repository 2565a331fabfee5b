import type { Trail } from './types.js';

/** Notes which paths a piece of work looked at, for the files that hand it their look-ups. */
export class Recorder {
  #open: Map<string, string>[] = [];
  readonly #observe: ((path: string) => void) | undefined;

  /** @param observe is told of every path that is looked at, whoever asks */
  constructor(observe?: (path: string) => void) {
    this.#observe = observe;
  }

  /** Whether anybody wants to know. */
  get active(): boolean {
    return this.#open.length > 0;
  }

  add(path: string, print: string): void {
    this.#observe?.(path);
    this.#open.at(-1)?.set(path, print);
  }

  note(trail: Trail): void {
    const open = this.#open.at(-1);
    if (open !== undefined) for (const [path, print] of trail) open.set(path, print);
  }

  record<T>(work: () => T): { value: T; trail: Trail } {
    const trail = new Map<string, string>();
    this.#open.push(trail);
    let value: T;
    try {
      value = work();
    } finally {
      this.#open.pop();
      this.note(trail);
    }
    return { value, trail };
  }
}
