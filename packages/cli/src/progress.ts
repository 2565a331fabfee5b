import type { Cell, CellStatus, RunEvent } from '@kernelkit/core';
import { firstLine, hasCode } from './run/report.js';
import type { Screen } from './screen.js';
import { shortened } from './width.js';

/** Milliseconds between two drawings of the live line. */
const REDRAW = 100;

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
  readonly #timer: NodeJS.Timeout | undefined;
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
    if (this.#isLive) this.#timer = setInterval(() => this.draw(), REDRAW);
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

  /** A cell has ended. */
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
  #number = 0;
  #current = '';
  #since = performance.now();

  constructor(board: ProgressBoard, cells: readonly Cell[], name: string | null) {
    this.#board = board;
    this.#name = name;
    this.#total = cells.filter(hasCode).length;
  }

  /** Its kernel has started. */
  watch(kernel: WatchedKernel): void {
    this.#kernel = kernel;
  }

  /** For `executeNotebook`'s `onProgress`. */
  take(event: RunEvent): void {
    if (event.type === 'output' || !hasCode(event.cell)) return;
    if (event.type === 'cell-start') {
      this.#number += 1;
      this.#since = performance.now();
      this.#current = firstLine(event.cell.source);
      this.#board.draw();
      return;
    }
    this.#line(event.index, event.status);
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

  #line(index: number, status: CellStatus): void {
    const name = this.#name === null ? '' : `${this.#name}  `;
    this.#board.line(`  ${name}${this.#count()}  cell ${index + 1}  ${status}  ${this.#cell()}`);
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
