import { basename } from 'node:path';
import type { OutputEvent } from '@kernelkit/core';
import type { Display } from '../display.js';
import { nbformatOutput, TextOutputs } from '../outputs.js';
import type { Session } from '../session.js';

/** Prints a notebook's outputs as they come, one after the other. */
export class ShownOutputs {
  readonly #take: (index: number, output: OutputEvent) => Promise<void>;
  #last: Promise<void> = Promise.resolve();

  constructor({ screen, json }: Session, path: string, display: Display) {
    const sink = new TextOutputs(screen, display);
    const name = basename(path, '.ipynb');
    this.#take = (index, event) => {
      if (!json) return sink.take(event, `${name}-cell-${index + 1}`);
      const output = nbformatOutput(event);
      return output === null ? Promise.resolve() : screen.json({ notebook: path, cell: index, output });
    };
  }

  take(index: number, output: OutputEvent): void {
    // what cannot be written ends the session by itself
    this.#last = this.#last.then(() => this.#take(index, output)).catch(() => {});
  }

  /** Calls `tell` when what came before is out: a picture or a table takes longer than its cell's end. */
  after(tell: () => void): void {
    this.#last = this.#last.then(tell);
  }

  /** Resolves when all is out. */
  finish(): Promise<void> {
    return this.#last;
  }
}
