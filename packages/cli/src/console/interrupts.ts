import type { Kernel } from '@kernelkit/core';
import { failureText } from '../servers/entries.js';

/** The Ctrl-Cs of one cell. */
export class Interrupts {
  readonly #kernel: Kernel;
  readonly #say: (line: string) => void;
  #count = 0;
  #hasBegun = false;
  #isSent = false;
  /** The kernel takes none, as has been said. */
  #isRefused = false;
  readonly #waits: boolean;

  /** @param waits another client's code runs, and ours waits for it */
  constructor(kernel: Kernel, waits: boolean, say: (line: string) => void) {
    this.#kernel = kernel;
    this.#say = say;
    this.#waits = waits;
  }

  /** Whether the kernel was interrupted while our code ran. */
  get sent(): boolean {
    return this.#isSent;
  }

  /** Our code runs now: an interrupt that was asked for before would have hit nothing, or somebody else. */
  begun(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    if (this.#count === 1) this.#send();
    this.#count = 0;
  }

  /** Does not wait, and does not fail: what goes wrong is said. */
  interrupt(): void {
    this.#count += 1;
    if (this.#hasBegun) {
      if (this.#count === 3 && !this.#isRefused) this.#say('The code does not heed it. Ctrl-\\ restarts the kernel.');
      this.#send();
    } else if (this.#count > 1) this.#send();
    else if (this.#waits)
      this.#say('The kernel runs code of another client, and this waits for it. Ctrl-C once more interrupts that.');
  }

  #send(): void {
    if (this.#isRefused) return;
    this.#isSent = this.#hasBegun;
    this.#kernel.interrupt().catch((error: unknown) => {
      if (this.#isRefused) return;
      this.#isSent = false;
      this.#isRefused = (error as { kind?: string }).kind === 'interrupt-unsupported';
      this.#say(`${failureText(error)}${this.#isRefused ? ' (Ctrl-\\)' : ''}`);
    });
  }
}
