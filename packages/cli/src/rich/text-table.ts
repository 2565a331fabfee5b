import { widthOf } from '../width.js';

const NUMBER = /^[-+−]?(?:[\d,]+\.?\d*(?:e[-+]?\d+)?|nan|inf)\s*%?$/i;

/**
 * Rows as an aligned table: columns of numbers to the right, others to the left.
 * @param heads rows at the beginning that name the columns: a line is drawn below them
 * @param aligned how a column is aligned, where that is known
 */
export function textTable(
  rows: readonly (readonly string[])[],
  heads: number,
  aligned: readonly ('left' | 'right' | 'center' | null)[] = [],
  width: (cell: string) => number = widthOf,
): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const body = rows.slice(heads);
  const widths: number[] = [];
  const right: boolean[] = [];
  for (let at = 0; at < columns; at += 1) {
    widths.push(Math.max(0, ...rows.map((row) => width(row[at] ?? ''))));
    const cells = body.map((row) => (row[at] ?? '').trim()).filter((cell) => cell !== '');
    const known = aligned[at] ?? null;
    right.push(known === null ? cells.length > 0 && cells.every((cell) => NUMBER.test(cell)) : known === 'right');
  }
  const lines = rows.map((row) =>
    widths
      .map((most, at) => {
        const cell = row[at] ?? '';
        const gap = ' '.repeat(most - width(cell));
        return right[at] ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd(),
  );
  if (heads > 0 && heads < rows.length) lines.splice(heads, 0, widths.map((most) => '─'.repeat(most)).join('  '));
  return lines;
}
