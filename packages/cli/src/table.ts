import { oneLine, shortened, widthOf } from './width.js';

export interface Cell {
  text: string;
  /** Colours the text once it is padded: colour codes have no width. */
  paint?: (text: string) => string;
}

const GAP = 2;

/**
 * Lines up rows in columns, two spaces apart, the last column ragged.
 * @param columns how wide a line may get; null: as wide as it takes (piped output is never cut). Only the last column is cut.
 */
export function table(rows: readonly (readonly Cell[])[], columns: number | null): string {
  const widths: number[] = [];
  // What a kernel.json says must neither colour the terminal nor break the row.
  rows = rows.map((row) => row.map((cell) => ({ ...cell, text: oneLine(cell.text) })));
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, widthOf(cell.text));
    });
  }
  let out = '';
  for (const row of rows) {
    let line = '';
    let used = 0;
    row.forEach((cell, at) => {
      const last = at === row.length - 1;
      const text = last && columns !== null ? shortened(cell.text, Math.max(columns - used, 8)) : cell.text;
      const painted = cell.paint === undefined ? text : cell.paint(text);
      line += last ? painted : painted + ' '.repeat(widths[at]! - widthOf(text) + GAP);
      used += widths[at]! + GAP;
    });
    out += `${line.trimEnd()}\n`;
  }
  return out;
}
