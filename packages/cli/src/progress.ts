import type { Cell, RunEvent } from '@kernelkit/core';
import { firstLine, hasCode } from './run/report.js';
import type { Screen } from './screen.js';
import { shortened } from './width.js';

/** Milliseconds between two drawings of the live line. */
const REDRAW = 100;
/** Milliseconds between two looks for cells that take long, where there is no live line. */
const LOOK = 5_000;
/** When a cell takes long: CI services end what prints nothing for ten minutes. */
const LONG = 60_000;
/** Between two lines for one cell, however long it takes. */
const SILENCE = 5 * LONG;

/** What a notebook's progress is told of its kernel. */
export interface WatchedKernel {
  readonly status: string;
}

/**
 * Shows how far notebooks are, on standard error: one live line on a terminal for all that are under way, else a line for each cell.
 */
export class ProgressBoard implements Disposable {
  readonly #screen: Screen;
  readonly #total: number;
  readonly #isLive: boolean;
  readonly #timer: NodeJS.Timeout;
  readonly #underWay = new Set<Progress>();
  #done = 0;

  /**
   * @param total notebooks
   * @param mayLive false: something else is written to the terminal meanwhile, whose lines a live line would cut
   */
  constructor(screen: Screen, total: number, mayLive: boolean) {
    this.#screen = screen;
    this.#total = total;
    this.#isLive = mayLive && screen.hasLive;
    this.#timer = this.#isLive
      ? setInterval(() => this.draw(), REDRAW)
      : setInterval(() => {
          for (const each of this.#underWay) each.stillThere();
        }, LOOK);
    this.#timer.unref();
  }

  /** A notebook has begun. @param name what its lines begin with, where others run beside it */
  begin(cells: readonly Cell[], name: string | null): Progress {
    const progress = new Progress(this, cells, name);
    this.#underWay.add(progress);
    return progress;
  }

  end(progress: Progress): void {
    if (!this.#underWay.delete(progress)) return;
    this.#done += 1;
    this.draw();
  }

  /** A cell has ended, or goes on. */
  line(text: string): void {
    if (!this.#isLive) this.#screen.note(text);
  }

  draw(): void {
    if (!this.#isLive) return;
    const [first, ...others] = this.#underWay;
    const line = first === undefined ? '' : this.#total === 1 ? first.long() : this.#several([first, ...others]);
    // A tab is as wide as the terminal likes, and a line that wraps cannot be taken back.
    this.#screen.live(shortened(line.replace(/\s/g, ' '), this.#screen.liveColumns - 1));
  }

  #several(all: readonly Progress[]): string {
    return `  ${this.#done} of ${this.#total} done  ${all.map((each) => each.short()).join('  ')}`;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#underWay.clear();
    if (this.#isLive) this.#screen.live('');
  }
}

/** How far one notebook is. */
export class Progress implements Disposable {
  readonly #board: ProgressBoard;
  readonly #name: string | null;
  readonly #total: number;
  readonly #begun = performance.now();
  #kernel: WatchedKernel | null = null;
  #tell = (print: () => void): void => print();
  #number = 0;
  #index = 0;
  #current = '';
  #since = performance.now();
  /** How long the cell has run when it is told of next. */
  #next = LONG;

  constructor(board: ProgressBoard, cells: readonly Cell[], name: string | null) {
    this.#board = board;
    this.#name = name;
    this.#total = cells.filter(hasCode).length;
  }

  /** Its kernel has started. */
  watch(kernel: WatchedKernel): void {
    this.#kernel = kernel;
  }

  /** Hands its lines to what prints the cells' outputs, which knows when they are out. */
  tellBy(tell: (print: () => void) => void): void {
    this.#tell = tell;
  }

  /** For `executeNotebook`'s `onProgress`. */
  take(event: RunEvent): void {
    if (event.type === 'output' || !hasCode(event.cell)) return;
    if (event.type === 'cell-start') {
      this.#number += 1;
      this.#index = event.index;
      this.#since = performance.now();
      this.#next = LONG;
      this.#current = firstLine(event.cell.source);
      this.#board.draw();
      return;
    }
    this.#line(event.index, event.status);
    // what comes between this cell and the next is no cell's
    this.#next = Number.POSITIVE_INFINITY;
  }

  /** A line while a cell takes long. */
  stillThere(): void {
    const ms = performance.now() - this.#since;
    if (ms < this.#next) return;
    this.#next = Math.min(2 * ms, ms + SILENCE);
    if (this.#number === 0) this.#board.line(`  ${this.#prefix()}${this.#state()}, ${this.#all()} so far`);
    else this.#line(this.#index, `${this.#state()} ${this.#cell()} so far:`, this.#current);
  }

  /** The line that it has for itself. */
  long(): string {
    if (this.#number === 0) return this.#kernel === null ? `  starting the kernel  ${this.#all()}` : '';
    return `  ${this.#count()}  ${this.#cell()}  ${this.#state()}, ${this.#all()} in all  ${this.#current}`;
  }

  /** Its part of a line that it shares. */
  short(): string {
    const name = this.#name ?? '';
    return this.#number === 0
      ? `${name} starting ${this.#all()}`
      : `${name} ${this.#count()} ${this.#state()} ${this.#cell()}`;
  }

  [Symbol.dispose](): void {
    this.#board.end(this);
  }

  #line(index: number, status: string, detail = this.#cell()): void {
    const line = `  ${this.#prefix()}${this.#count()}  cell ${index + 1}  ${status}  ${detail}`;
    this.#tell(() => this.#board.line(line));
  }

  #prefix(): string {
    return this.#name === null ? '' : `${this.#name}  `;
  }

  #count(): string {
    return `${this.#number}/${this.#total}`;
  }

  #cell(): string {
    return duration(performance.now() - this.#since);
  }

  #all(): string {
    return duration(performance.now() - this.#begun);
  }

  #state(): string {
    return this.#kernel?.status ?? 'starting';
  }
}

/** Milliseconds for people. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
