/**
 * A number of a document that a JavaScript number cannot stand for: `1.0`, `1e5`, `12345678901234567890`, `NaN`.
 * `text` is how the document spells it, and how it is written again. Everywhere else it behaves as its value.
 */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The nearest JavaScript number. */
  valueOf(): number {
    return Number(this.text);
  }

  toString(): string {
    return this.text;
  }

  /** For JSON.stringify, which cannot keep the spelling. */
  toJSON(): number {
    return Number(this.text);
  }
}

/** The number that a JSON text spells `text`: a plain one when that is written the same way again, else an ExactNumber. */
export function readNumber(text: string): number | ExactNumber {
  const value = Number(text);
  return formatNumber(value) === text ? value : new ExactNumber(text);
}

/**
 * A number as Python's json writes it: whole numbers as integers (JavaScript cannot tell 1.0 from 1; ExactNumber can), the
 * others as Python's `repr` of a float, which takes scientific notation from 1e16 and below 1e-4, with two digits at least.
 */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return Object.is(value, -0) ? '-0.0' : BigInt(value).toString();
  return formatFloat(value);
}

/** A finite number as Python's `repr` of a float: `100000.0`, `1e+16`, `1e-05`. */
export function formatFloat(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const plain = String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}
