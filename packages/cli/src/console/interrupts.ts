import type { Kernel } from '@kernelkit/core';
import { failureText } from '../servers/entries.js';

/** The Ctrl-Cs of one cell. */
export class Interrupts {
  readonly #kernel: Kernel;
  readonly #say: (line: string) => void;
  #count = 0;

  constructor(kernel: Kernel, say: (line: string) => void) {
    this.#kernel = kernel;
    this.#say = say;
  }

  /** Does not wait, and does not fail: what goes wrong is said. */
  interrupt(): void {
    this.#count += 1;
    if (this.#count === 3) this.#say('The code does not heed it. Ctrl-\\ restarts the kernel.');
    this.#kernel.interrupt().catch((error: unknown) => this.#say(failureText(error)));
  }
}
