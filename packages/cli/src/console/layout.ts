import { stripVTControlCharacters } from 'node:util';
import { widthOf } from '../width.js';
import { characters } from './draft.js';

/** A piece of code that has a colour: an SGR sequence's parameters. */
export interface Span {
  start: number;
  end: number;
  style: string;
}

/** What is drawn: rows that each fit into the terminal, and where the cursor stands. */
export interface Frame {
  rows: string[];
  cursor: { row: number; column: number };
}

export interface Page {
  text: string;
  cursor: number;
  /** In front of the first line, and of every other. May hold colours. */
  prompt: string;
  continuation: string;
  /** Sorted, none within another. */
  spans: readonly Span[];
  columns: number;
}

const TAB = 4;

/** Code as rows of a terminal. The last column stays free: what a terminal does with a cursor behind it differs. */
export function layout({ text, cursor, prompt, continuation, spans, columns }: Page): Frame {
  const rows: string[] = [];
  const limit = Math.max(2, columns - 1);
  let at = 0;
  let place = { row: 0, column: 0 };
  let span = 0;
  for (const [number, line] of text.split('\n').entries()) {
    const lead = number === 0 ? prompt : continuation;
    const indent = Math.min(widthOf(stripVTControlCharacters(lead)), limit - 2);
    let row = lead;
    let used = indent;
    let style = '';
    const paint = (wanted: string): void => {
      if (wanted === style) return;
      if (style !== '') row += '\x1b[0m';
      if (wanted !== '') row += `\x1b[${wanted}m`;
      style = wanted;
    };
    const turn = (): void => {
      paint('');
      rows.push(row);
      row = ' '.repeat(indent);
      used = indent;
    };
    for (const character of characters(line)) {
      const shown = shownAs(character, used - indent);
      const width = Math.min(widthOf(shown), isControl(character) ? TAB : 2);
      if (used + width > limit) turn();
      if (at === cursor) place = { row: rows.length, column: used };
      while (span < spans.length && spans[span]!.end <= at) span += 1;
      const here = spans[span];
      paint(here !== undefined && here.start <= at ? here.style : '');
      row += shown;
      used += width;
      at += character.length;
    }
    if (at === cursor) {
      if (used > limit) turn();
      place = { row: rows.length, column: used };
    }
    paint('');
    rows.push(row);
    // the line's end
    at += 1;
  }
  return { rows, cursor: place };
}

function isControl(character: string): boolean {
  return character < ' ' || character === '\x7f';
}

/** A tab as blanks; other control characters as people write them. */
function shownAs(character: string, column: number): string {
  if (character === '\t') return ' '.repeat(TAB - (column % TAB));
  if (!isControl(character)) return character;
  return character === '\x7f' ? '^?' : `^${String.fromCharCode(character.charCodeAt(0) + 64)}`;
}

/** The part of a frame that a terminal of so many rows shows: around the cursor. */
export function visible({ rows, cursor }: Frame, height: number): Frame {
  if (rows.length <= height) return { rows, cursor };
  const top = Math.max(0, Math.min(cursor.row - Math.floor(height / 2), rows.length - height));
  return { rows: rows.slice(top, top + height), cursor: { row: cursor.row - top, column: cursor.column } };
}
