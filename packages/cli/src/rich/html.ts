import { compile, type DomNode, type FormatCallback } from 'html-to-text';
import type { Paint } from '../paint.js';
import { widthOf } from '../width.js';
import { textTable } from './text-table.js';

/** Cells of a table that are read, at most: a colspan may say anything. */
const MOST_COLUMNS = 1000;

/** What a character reference (`&#27;`) may have brought; the escape sequences that are meant are those of bold text. */
const CONTROLS = /\x1b(?!\[(?:1|22)m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]/g;

/** HTML as text: tables aligned, lists, headings. Empty where nothing in it can be read (a script that draws). */
export function htmlText(html: string, columns: number | null, paint: Paint): string {
  const styled =
    (style: 'bold' | 'dim'): FormatCallback =>
    (element, walk, builder, options) => {
      builder.openBlock({ leadingLineBreaks: options.leadingLineBreaks ?? 2 });
      builder.pushWordTransform((word) => paint(style, word));
      walk(element.children, builder);
      builder.popWordTransform();
      builder.closeBlock({ trailingLineBreaks: options.trailingLineBreaks ?? 2 });
    };
  const table: FormatCallback = (element, _walk, builder) => {
    builder.openBlock({ leadingLineBreaks: 1, isPre: true });
    builder.addLiteral(tableOf(element, columns).join('\n'));
    builder.closeBlock({ trailingLineBreaks: 1 });
  };
  const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
    ...{ selector, format: 'heading in the terminal', options: { leadingLineBreaks: 2, trailingLineBreaks: 1 } },
  }));
  const text = compile({
    // colour codes would count as characters: the terminal breaks lines that have them
    wordwrap: columns === null ? false : columns,
    formatters: { 'table in the terminal': table, 'heading in the terminal': styled('bold') },
    selectors: [
      ...headings,
      { selector: 'table', format: 'table in the terminal' },
      { selector: 'img', format: 'skip' },
      { selector: 'svg', format: 'skip' },
      { selector: 'script', format: 'skip' },
      { selector: 'style', format: 'skip' },
      { selector: 'template', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: ['(', ')'], noAnchorUrl: true } },
    ],
  })(html);
  return text.replace(CONTROLS, '').replace(/^\n+|\s+$/g, '');
}

function tableOf(table: DomNode, columns: number | null): string[] {
  const rows: string[][] = [];
  let heads = 0;
  const below: string[] = [];
  const open = new Map<number, number>();
  for (const { row, isHead } of rowsOf(table, false)) {
    const cells: string[] = [];
    const pass = (): void => {
      for (let left = open.get(cells.length); left !== undefined; left = open.get(cells.length)) {
        if (left > 1) open.set(cells.length, left - 1);
        else open.delete(cells.length);
        cells.push('');
      }
    };
    for (const cell of row.children.filter(({ name }) => name === 'td' || name === 'th')) {
      pass();
      const at = cells.length;
      cells.push(oneLineOf(cell));
      const across = spanOf(cell, 'colspan', MOST_COLUMNS - at);
      for (let more = 1; more < across; more += 1) cells.push('');
      const down = spanOf(cell, 'rowspan', 10_000);
      if (down > 1) for (let more = 0; more < across; more += 1) open.set(at + more, down - 1);
    }
    pass();
    if (cells.length === 0) continue;
    if (isHead && heads === rows.length) heads += 1;
    rows.push(cells);
  }
  const caption = table.children.find(({ name }) => name === 'caption');
  if (caption !== undefined) below.push(oneLineOf(caption));
  return [...textTable(rows, heads, [], widthOf, columns), ...below];
}

/** The rows of a table, not those of tables in its cells. */
function* rowsOf(node: DomNode, isHead: boolean): Iterable<{ row: DomNode; isHead: boolean }> {
  for (const child of node.children ?? []) {
    if (child.name === 'tr') {
      const cells = child.children.filter(({ name }) => name === 'td' || name === 'th');
      yield { row: child, isHead: isHead || (cells.length > 0 && cells.every(({ name }) => name === 'th')) };
    } else if (['thead', 'tbody', 'tfoot'].includes(child.name ?? '')) yield* rowsOf(child, child.name === 'thead');
  }
}

function oneLineOf(node: DomNode): string {
  return stringOf(node).replace(/\s+/g, ' ').trim();
}

function stringOf(node: DomNode): string {
  if (node.type === 'text') return node.data ?? '';
  if (['script', 'style', 'template'].includes(node.name ?? '')) return '';
  if (node.name === 'br') return ' ';
  const inner = (node.children ?? []).map(stringOf).join('');
  return ['p', 'div', 'li', 'td', 'th', 'tr'].includes(node.name ?? '') ? `${inner} ` : inner;
}

function spanOf({ attribs }: DomNode, name: string, most: number): number {
  const value = Number((attribs as Record<string, string> | undefined)?.[name]);
  return Number.isInteger(value) && value > 1 ? Math.min(value, most) : 1;
}
