import type { CellStatus, Notebook, RunEvent } from '@kernelkit/core';
import type { Screen } from './screen.js';
import { shortened } from './width.js';

/** Milliseconds between two drawings of the live line. */
const REDRAW = 100;

/** A cell that has run. `index` counts all cells from 0, `number` those with code from 1. */
export interface CellDone {
  index: number;
  number: number;
  id: string | null;
  status: CellStatus;
  executionCount: number | null;
  ms: number;
}

/** Shows how far a notebook is, on standard error: a live line on a terminal, else a line for each cell. */
export class Progress implements Disposable {
  readonly #screen: Screen;
  readonly #total: number;
  readonly #done: (cell: CellDone) => void;
  #number = 0;
  #current = '';
  #since = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(screen: Screen, notebook: Notebook, done: (cell: CellDone) => void) {
    this.#screen = screen;
    this.#total = notebook.cells.filter((cell) => cell.cell_type === 'code' && cell.source.trim() !== '').length;
    this.#done = done;
    if (screen.hasLive) this.#timer = setInterval(() => this.#draw(), REDRAW);
  }

  /** For `executeNotebook`'s `onProgress`. */
  take(event: RunEvent): void {
    if (event.type === 'output' || event.cell.cell_type !== 'code' || event.cell.source.trim() === '') return;
    const { index, cell } = event;
    if (event.type === 'cell-start') {
      this.#number += 1;
      this.#since = performance.now();
      this.#current = cell.source.trim().split('\n', 1)[0] ?? '';
      this.#draw();
      return;
    }
    const ms = performance.now() - this.#since;
    const { status } = event;
    if (!this.#screen.hasLive)
      this.#screen.note(`  ${this.#number}/${this.#total}  cell ${index + 1}  ${status}  ${duration(ms)}`);
    this.#done({
      index,
      number: this.#number,
      id: cell.id ?? null,
      status,
      executionCount: cell.execution_count ?? null,
      ms: Math.round(ms * 10) / 10,
    });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#screen.live('');
  }

  #draw(): void {
    if (this.#number === 0) return;
    const line = `  ${this.#number}/${this.#total}  ${duration(performance.now() - this.#since)}  ${this.#current}`;
    // A tab is as wide as the terminal likes, and a line that wraps cannot be taken back.
    this.#screen.live(shortened(line.replace(/\s/g, ' '), this.#screen.liveColumns - 1));
  }
}

/** Milliseconds for people. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
