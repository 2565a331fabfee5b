/**
 * JSON as Python reads and prints it: conda turns the values of its files into text with `str`, so that `1` stays `1`, `1.0` stays
 * `1.0`, and true is `True`.
 */

/** A number as the document writes it, since a JavaScript number has forgotten how it was written. */
class Written {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** @throws SyntaxError */
export function parseKeepingNumbers(text: string): unknown {
  // A number is marked as text that begins with a NUL, which a text of the document can only hold escaped.
  const marked = text.replace(/"(?:[^"\\]|\\[\s\S])*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token.replace(/\\u0000/g, '\\u0000\\u0000') : `"\\u0000${token}"`,
  );
  // The document itself decides whether it is JSON: what was marked could hide a fault, as in `01`.
  JSON.parse(text);
  return JSON.parse(marked, (_key, value: unknown) => {
    if (typeof value !== 'string' || !value.includes('\0')) return value;
    return value.startsWith('\0') && !value.startsWith('\0\0')
      ? new Written(value.slice(1))
      : value.replaceAll('\0\0', '\0');
  });
}

/** `str(value)` of Python. Null: None. Undefined: a list or an object, which is no value of a variable. */
export function pythonText(value: unknown): string | null | undefined {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value instanceof Written ? numberText(value.text) : undefined;
}

function numberText(written: string): string {
  if (!/[.eE]/.test(written)) return written === '-0' ? '0' : written;
  const value = Number(written);
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const sign = Object.is(value, -0) || value < 0 ? '-' : '';
  // the fewest digits that give the number back, in both languages; they differ in where they begin to write an exponent
  const [mantissa, power] = Math.abs(value).toExponential().split('e') as [string, string];
  const digits = mantissa.replace('.', '');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}
