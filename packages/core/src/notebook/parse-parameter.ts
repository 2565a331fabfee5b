import { ExactNumber, formatFloat } from './numbers.js';

// Python's int() and float(): blanks around, a sign, digits grouped by single underscores.
const INT = /^[+-]?\d+(?:_\d+)*$/;
const FLOAT = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;
const SPECIAL = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/**
 * The value of a parameter on the command line, as `papermill -p` takes it: `True`, `False`, `None`, whatever Python's int() or
 * float() would read, else the text itself. Numbers that JavaScript cannot tell apart or hold (`1.0`, 2^53 and more) come as
 * ExactNumber.
 */
export function parseParameter(text: string): null | boolean | number | string | ExactNumber {
  if (text === 'True') return true;
  if (text === 'False') return false;
  if (text === 'None') return null;
  const bare = text.trim();
  if (INT.test(bare)) {
    const value = BigInt(bare.replace(/_/g, '').replace(/^[+-]/, '')) * (bare.startsWith('-') ? -1n : 1n);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : new ExactNumber(value.toString());
  }
  const special = SPECIAL.exec(bare);
  if (special !== null) {
    if (special[2] === undefined) return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!FLOAT.test(bare)) return text;
  const value = Number(bare.replace(/_/g, ''));
  return Number.isInteger(value) ? new ExactNumber(formatFloat(value)) : value;
}
