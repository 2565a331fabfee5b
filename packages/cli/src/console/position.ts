import { widthOf } from '../width.js';
import { characters } from './draft.js';

/** Columns from one tab stop to the next. */
const TAB = 8;

/**
 * Where text leaves a terminal's cursor, in rows below where it began: to take output away again, and to know whether its last line has
 * ended. Of escape sequences it knows those that programs draw progress with (`ESC[A`, `ESC[B`); others move nothing.
 */
export class Position {
  row = 0;
  column = 0;

  write(text: string, columns: number): void {
    for (const [, up, down, plain, control] of text.matchAll(PARTS)) {
      if (plain !== undefined) this.#advance(plain, columns);
      else if (up !== undefined) this.row -= Number(up || 1);
      else if (down !== undefined) this.row += Number(down || 1);
      else if (control === '\n') this.#next();
      else if (control === '\r') this.column = 0;
      else if (control === '\b') this.column = Math.max(0, this.column - 1);
      else if (control === '\t') this.column = Math.min(columns - 1, (Math.floor(this.column / TAB) + 1) * TAB);
    }
  }

  #next(): void {
    this.row += 1;
    this.column = 0;
  }

  #advance(plain: string, columns: number): void {
    const width = widthOf(plain);
    // of narrow text only the sum counts
    if (width === plain.length) {
      const total = this.column + width;
      // a full row is left with the next character only
      const rows = Math.max(0, Math.ceil(total / columns) - 1);
      this.row += rows;
      this.column = total - rows * columns;
      return;
    }
    for (const character of characters(plain)) {
      const own = Math.min(2, widthOf(character));
      if (this.column + own > columns) this.#next();
      this.column += own;
    }
  }
}

/** Up, down, text, a control character; what else begins with ESC is passed over. */
const PARTS =
  /\x1b\[(\d*)A|\x1b\[(\d*)B|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]_P][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^[\]_P]|([^\x00-\x1f\x7f]+)|([\x00-\x1f\x7f])/g;
