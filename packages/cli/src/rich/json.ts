import { stripVTControlCharacters } from 'node:util';
import type { Paint } from '../paint.js';
import { widthOf } from '../width.js';

/** A value of no more lines is shown whole. */
const FEW_LINES = 60;
/** Of more: so deep, and so many entries of each list and object. */
const MOST_DEPTH = 4;
const MOST_ENTRIES = 50;
/** Columns that a list of numbers or words is filled to: one on each line would be all that the screen holds. */
const FILLED = 76;

/** JSON for a person: indented, coloured; of much, what is deep or long folded. */
export function jsonText(value: unknown, paint: Paint, full: boolean): { text: string; isFolded: boolean } {
  const whole = print(value, paint, { depth: Infinity, entries: Infinity });
  if (full || whole.text.split('\n', FEW_LINES + 1).length <= FEW_LINES) return whole;
  return print(value, paint, { depth: MOST_DEPTH, entries: MOST_ENTRIES });
}

interface Limits {
  depth: number;
  entries: number;
}

function print(value: unknown, paint: Paint, limits: Limits): { text: string; isFolded: boolean } {
  let isFolded = false;
  const visit = (part: unknown, depth: number, indent: string): string => {
    if (typeof part !== 'object' || part === null) return scalar(part, paint);
    const isList = Array.isArray(part);
    const entries: [string | null, unknown][] = isList
      ? part.map((item: unknown) => [null, item])
      : Object.entries(part);
    const [open, close] = isList ? ['[', ']'] : ['{', '}'];
    if (entries.length === 0) return open + close;
    if (depth >= limits.depth) {
      isFolded = true;
      return paint(
        'dim',
        `${open}… ${entries.length.toLocaleString('en')} ${entries.length === 1 ? 'entry' : 'entries'}${close}`,
      );
    }
    const inner = `${indent}  `;
    if (isList && part.every((item) => typeof item !== 'object' || item === null)) {
      const shown = part.slice(0, limits.entries).map((item) => scalar(item, paint));
      if (shown.length < part.length) {
        isFolded = true;
        shown.push(more(part.length - shown.length, paint));
      }
      return filled(shown, indent);
    }
    const lines = entries.slice(0, limits.entries).map(([key, item]) => {
      const name = key === null ? '' : `${paint('cyan', clean(JSON.stringify(key)))}: `;
      return `${inner}${name}${visit(item, depth + 1, inner)}`;
    });
    const left = entries.length - lines.length;
    let text = lines.join(',\n');
    if (left > 0) {
      isFolded = true;
      text += `,\n${inner}${more(left, paint)}`;
    }
    return `${open}\n${text}\n${indent}${close}`;
  };
  const text = visit(value, 0, '');
  return { text, isFolded };
}

function more(count: number, paint: Paint): string {
  return paint('dim', `… ${count.toLocaleString('en')} more`);
}

/** A list on one row, or on as few as hold it. */
function filled(items: readonly string[], indent: string): string {
  const rows: string[] = [];
  let used = Infinity;
  for (const item of items) {
    const width = widthOf(stripVTControlCharacters(item)) + 2;
    if (used + width > FILLED - indent.length) {
      rows.push(item);
      used = 0;
    } else rows[rows.length - 1] += `, ${item}`;
    used += width;
  }
  if (rows.length === 1) return `[${rows[0]}]`;
  return `[\n${rows.map((row) => `${indent}  ${row}`).join(',\n')}\n${indent}]`;
}

function scalar(value: unknown, paint: Paint): string {
  const text = clean(JSON.stringify(value) ?? String(value));
  if (typeof value === 'string') return paint('green', text);
  return typeof value === 'number' ? paint('yellow', text) : paint('dim', text);
}

/** JSON escapes the control characters up to U+001F; a terminal obeys those from U+007F to U+009F too. */
function clean(text: string): string {
  return text.replace(/[\u007f-\u009f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
