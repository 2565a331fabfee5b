import type { WriteStream } from 'node:tty';
import type { Screen } from '../screen.js';
import { type Frame, visible } from './layout.js';
import { Position } from './position.js';

/** Changes on a terminal that knows it are shown at once (synchronized output, DEC mode 2026); others ignore it. */
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';

/** Takes away what kitty's protocol has drawn where the cursor is: nothing that takes text away does. */
const UNDRAW = '\x1b_Ga=d,d=C,q=2\x1b\\';

/**
 * A terminal with output that scrolls by, and below it an area that is drawn again and again: what is being entered, and a menu. Output
 * that comes meanwhile goes above the area.
 */
export class Surface {
  readonly #screen: Screen;
  readonly #output: WriteStream;
  readonly #position = new Position();
  #area: Frame | null = null;
  /** The area as it is on the terminal: what of it fits, and how many of the terminal's rows that takes. */
  #drawn: (Frame & { height: number }) | null = null;
  /** The output's last line has not ended, and the area begins on the next row. */
  #isBelow = false;
  /** What came while another program has the terminal. */
  #held: string[] | null = null;

  constructor(screen: Screen, output: WriteStream) {
    this.#screen = screen;
    this.#output = output;
  }

  get columns(): number {
    return this.#output.columns || 80;
  }

  get height(): number {
    return this.#output.rows || 24;
  }

  /** The row that output goes to next, to be given to `eraseFrom`. */
  get row(): number {
    return this.#position.row;
  }

  /** Whether the output's last line has ended. */
  get atLineStart(): boolean {
    return this.#position.column === 0;
  }

  /** Output. Resolves when more may come. @throws ReaderGoneError, OutputError */
  print(text: string): Promise<void> {
    if (text === '') return Promise.resolve();
    if (this.#held !== null) {
      this.#held.push(text);
      return Promise.resolve();
    }
    const lead = this.#erased();
    this.#position.write(text, this.columns);
    return this.#screen.write(lead + text + this.#redrawn());
  }

  /** Another program has the terminal while `work` goes on: what comes meanwhile is shown after it. */
  async lend(work: () => Promise<void>): Promise<void> {
    const area = this.#area;
    this.hide();
    this.#held = [];
    try {
      await work();
    } finally {
      const held = this.#held;
      this.#held = null;
      this.#area = area;
      await this.print(held.join(''));
    }
  }

  /** Ends the output's last line, where it has not ended. */
  async endLine(): Promise<void> {
    if (!this.atLineStart) await this.print('\n');
  }

  /** Takes output away, from the row on that `row` was; what has left the screen stays. @returns whether all of it was there */
  eraseFrom(row: number, { images = false } = {}): boolean {
    const lead = this.#erased();
    const up = this.#position.row - row;
    const reach = Math.min(up, this.height - 1);
    this.#position.row -= reach;
    this.#position.column = 0;
    const pictures = images
      ? `${Array.from({ length: reach + 1 }, () => UNDRAW).join('\x1b[B')}${moved(reach, 'A')}`
      : '';
    this.#write(`${lead}${moved(reach, 'A')}\r${pictures}\x1b[J${this.#redrawn()}`);
    return reach === up;
  }

  /** Draws the area, or draws it anew. */
  show(frame: Frame): void {
    const lead = this.#erased();
    this.#area = frame;
    this.#write(`${BEGIN}${lead}${this.#redrawn()}${END}`);
  }

  /** Takes the area away. */
  hide(): void {
    const lead = this.#erased();
    this.#area = null;
    this.#write(lead);
  }

  /** Makes rows of what was in the area, that stay, and takes the area away. */
  leave(rows: readonly string[]): void {
    const lead = this.#erased();
    this.#area = null;
    this.#position.row += rows.length + (this.#position.column === 0 ? 0 : 1);
    const gap = this.#position.column === 0 ? '' : '\n';
    this.#position.column = 0;
    this.#write(`${lead}${gap}${rows.map((row) => `${row}\n`).join('')}`);
  }

  /** The terminal has another size now: most of them have broken the rows anew. */
  resized(): void {
    if (this.#drawn === null) return;
    const { rows, cursor } = this.#drawn;
    const above = new Position();
    for (const row of rows.slice(0, cursor.row)) above.write(`${row}\n`, this.columns);
    const all = new Position();
    all.write(rows.join('\n'), this.columns);
    above.write(' '.repeat(cursor.column), this.columns);
    this.#drawn = { rows, cursor: { row: above.row, column: above.column }, height: all.row + 1 };
  }

  /** Clears the terminal. */
  clear(): void {
    this.#position.column = 0;
    this.#isBelow = false;
    this.#drawn = null;
    this.#write(`\x1b[H\x1b[2J${this.#redrawn()}`);
  }

  /** What takes the area away, and leaves the cursor where the output ends. */
  #erased(): string {
    if (this.#drawn === null) return '';
    const up = this.#drawn.cursor.row + (this.#isBelow ? 1 : 0);
    const { column } = this.#position;
    // not all at once from the first row on: tmux takes that for a screen that is cleared, and keeps it in its history
    const below = this.#drawn.height > 1 ? '\x1b[B\x1b[J\x1b[A' : '';
    const clear = `${moved(this.#drawn.cursor.row, 'A')}\r\x1b[K${below}`;
    this.#drawn = null;
    if (!this.#isBelow) return clear;
    this.#isBelow = false;
    return `${clear}${moved(up > 0 ? 1 : 0, 'A')}${moved(column, 'C')}`;
  }

  /** What draws the area below the output. */
  #redrawn(): string {
    if (this.#area === null) return '';
    const { rows, cursor } = visible(this.#area, Math.max(1, this.height - 1));
    this.#drawn = { rows, cursor, height: rows.length };
    // a full row: the cursor goes to the next one with whatever comes
    const isFull = this.#position.column >= this.columns;
    const lead = this.#position.column > 0 ? '\n' : '';
    if (isFull) {
      this.#position.row += 1;
      this.#position.column = 0;
    }
    this.#isBelow = this.#position.column > 0;
    const up = moved(rows.length - 1 - cursor.row, 'A');
    return `${lead}${rows.join('\n')}${up}\r${moved(cursor.column, 'C')}`;
  }

  #write(text: string): void {
    // what it fails with aborts the session
    if (text !== '') this.#screen.write(text).catch(() => {});
  }
}

function moved(by: number, direction: 'A' | 'C'): string {
  return by > 0 ? `\x1b[${by}${direction}` : '';
}
