import { widthOf } from '../width.js';

const NUMBER = /^[-+−]?(?:[\d,]+\.?\d*(?:e[-+]?\d+)?|nan|inf)\s*%?$/i;

/**
 * Rows as an aligned table: columns of numbers to the right, others to the left.
 * @param heads rows at the beginning that name the columns: a line is drawn below them
 * @param aligned how a column is aligned, where that is known
 * @param room columns of the terminal: a wider table is one below the other, each with the names of its rows
 */
export function textTable(
  rows: readonly (readonly string[])[],
  heads: number,
  aligned: readonly ('left' | 'right' | 'center' | null)[] = [],
  width: (cell: string) => number = widthOf,
  room: number | null = null,
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
  const lead = rows.length > heads && heads > 0 && rows[0]![0] === '' ? 1 : 0;
  return blocksOf(widths, lead, room).flatMap((block, number) => {
    const lines = rows.map((row) =>
      block
        .map((at) => {
          const cell = row[at] ?? '';
          const gap = ' '.repeat(widths[at]! - width(cell));
          return right[at] ? gap + cell : cell + gap;
        })
        .join('  ')
        .trimEnd(),
    );
    if (heads > 0 && heads < rows.length) lines.splice(heads, 0, block.map((at) => '─'.repeat(widths[at]!)).join('  '));
    return number === 0 ? lines : ['', ...lines];
  });
}

/** The columns that stand beside each other; the first `lead` ones are in each block. */
function blocksOf(widths: readonly number[], lead: number, room: number | null): number[][] {
  const leads = Array.from({ length: lead }, (_, at) => at);
  const first = widths.slice(0, lead).reduce((sum, width) => sum + width + 2, 0);
  const blocks: number[][] = [[...leads]];
  let used = first;
  for (let at = lead; at < widths.length; at += 1) {
    // nothing but what a cell spans
    if (widths[at] === 0) continue;
    const isFull = room !== null && blocks.at(-1)!.length > lead && used + widths[at]! > room;
    if (isFull) {
      blocks.push([...leads]);
      used = first;
    }
    blocks.at(-1)!.push(at);
    used += widths[at]! + 2;
  }
  return blocks;
}
