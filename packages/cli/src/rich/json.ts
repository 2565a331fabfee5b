import type { Paint } from '../paint.js';

/** A value of no more lines is shown whole. */
const FEW_LINES = 60;
/** Of more: so deep, and so many entries of each list and object. */
const MOST_DEPTH = 4;
const MOST_ENTRIES = 50;

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
    const lines = entries.slice(0, limits.entries).map(([key, item]) => {
      const name = key === null ? '' : `${paint('cyan', clean(JSON.stringify(key)))}: `;
      return `${inner}${name}${visit(item, depth + 1, inner)}`;
    });
    const left = entries.length - lines.length;
    let text = lines.join(',\n');
    if (left > 0) {
      isFolded = true;
      text += `,\n${inner}${paint('dim', `… ${left.toLocaleString('en')} more`)}`;
    }
    return `${open}\n${text}\n${indent}${close}`;
  };
  const text = visit(value, 0, '');
  return { text, isFolded };
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
