import { ExactNumber, formatNumber, readNumber } from './numbers.js';

/** Objects of a document. Values are JSON's, with an ExactNumber where a JavaScript number would lose something. */
export type JsonObject = Record<string, unknown>;

/** A text is not JSON; `offset` counts UTF-16 units from its start, `truncated` says that the text ends too early. */
export class JsonSyntaxError extends Error {
  readonly offset: number;
  readonly truncated: boolean;

  constructor(message: string, offset: number, truncated: boolean) {
    super(message);
    this.name = 'JsonSyntaxError';
    this.offset = offset;
    this.truncated = truncated;
  }
}

/** Deeper than any real document; Python's reader gives up at about the same depth. */
const MAX_DEPTH = 1000;

/**
 * Reads JSON as Python's json module does (the last of several equal keys counts; NaN and Infinity are numbers), keeping the
 * spelling of numbers. Linear in the length of the text, since long strings are found and cut out and not walked through:
 * notebooks hold images of megabytes, for which readers that go character by character are too slow.
 *
 * @throws JsonSyntaxError
 */
export function parseJson(text: string): unknown {
  return new JsonReader(text).read();
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /** Where the next backslash is, as far as known: looked for once and not for every string. */
  #backslash = -1;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#error('unexpected text after the end of the document');
    return value;
  }

  #value(): unknown {
    this.#space();
    switch (this.#text[this.#at]) {
      case '"':
        return this.#string();
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      case 'N':
        return this.#word('NaN', Number.NaN);
      case 'I':
        return this.#word('Infinity', Number.POSITIVE_INFINITY);
      default:
        return this.#number();
    }
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#error(`nested deeper than ${MAX_DEPTH} levels`);
    this.#at += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): JsonObject {
    const object: JsonObject = {};
    if (this.#skip('}')) return object;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') throw this.#error('expected a quoted key');
      const key = this.#string();
      if (!this.#skip(':')) throw this.#error("expected ':' after a key");
      setKey(object, key, this.#value());
      if (this.#skip('}')) return object;
      if (!this.#skip(',')) throw this.#error("expected ',' or '}'");
    }
  }

  #array(): unknown[] {
    const array: unknown[] = [];
    if (this.#skip(']')) return array;
    for (;;) {
      array.push(this.#value());
      if (this.#skip(']')) return array;
      if (!this.#skip(',')) throw this.#error("expected ',' or ']'");
    }
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at;
    let end = text.indexOf('"', start + 1);
    let escaped = false;
    for (
      let backslash = this.#nextBackslash(start + 1);
      backslash < end;
      backslash = this.#nextBackslash(backslash + 2)
    ) {
      escaped = true;
      if (backslash + 1 >= end) end = text.indexOf('"', backslash + 2);
    }
    if (end < 0) throw this.#error('a string has no end', text.length);
    const body = text.slice(start + 1, end);
    const control = body.search(/[\0-\x1f]/);
    if (control >= 0) throw this.#error('a control character in a string', start + 1 + control);
    this.#at = end + 1;
    if (!escaped) return body;
    try {
      return JSON.parse(text.slice(start, end + 1)) as string;
    } catch {
      throw this.#error('a bad escape in a string', start);
    }
  }

  #nextBackslash(from: number): number {
    if (this.#backslash < from) {
      const found = this.#text.indexOf('\\', from);
      this.#backslash = found < 0 ? this.#text.length : found;
    }
    return this.#backslash;
  }

  #number(): number | ExactNumber {
    const start = this.#at;
    if (this.#text[start] === '-') this.#at += 1;
    if (this.#text.startsWith('Infinity', this.#at)) return this.#word('Infinity', Number.NEGATIVE_INFINITY);
    const first = this.#at;
    const whole = this.#digits();
    let valid = whole > 0 && (whole === 1 || this.#text[first] !== '0');
    if (valid && this.#text[this.#at] === '.') {
      this.#at += 1;
      valid = this.#digits() > 0;
    }
    if (valid && (this.#text[this.#at] === 'e' || this.#text[this.#at] === 'E')) {
      this.#at += 1;
      if (this.#text[this.#at] === '+' || this.#text[this.#at] === '-') this.#at += 1;
      valid = this.#digits() > 0;
    }
    if (!valid)
      throw this.#error(this.#at === start ? 'expected a value' : 'a number with a digit missing or one too many');
    // Most are short integers: no need to see how they would be written.
    const length = this.#at - start;
    if (length === this.#at - first && length === whole && length < 16)
      return Number(this.#text.slice(start, this.#at));
    return readNumber(this.#text.slice(start, this.#at));
  }

  #digits(): number {
    const start = this.#at;
    for (
      let code = this.#text.charCodeAt(this.#at);
      code >= 0x30 && code <= 0x39;
      code = this.#text.charCodeAt(this.#at)
    ) {
      this.#at += 1;
    }
    return this.#at - start;
  }

  #word<T>(word: string, value: T): T {
    const rest = this.#text.slice(this.#at, this.#at + word.length);
    if (rest !== word) {
      throw this.#error('expected a value', word.startsWith(rest) ? this.#text.length : this.#at);
    }
    this.#at += word.length;
    return value;
  }

  #skip(char: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #error(message: string, offset = this.#at): JsonSyntaxError {
    return new JsonSyntaxError(message, offset, offset >= this.#text.length);
  }
}

/**
 * Writes JSON as Python's `json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)` does. A lone surrogate, which no
 * UTF-8 file can hold, is written as an escape (Python fails there). Members that are undefined are left out.
 */
export function formatJson(value: unknown): string {
  const parts: string[] = [];
  write(value, '\n', parts);
  return parts.join('');
}

function write(value: unknown, indent: string, parts: string[]): void {
  if (typeof value === 'string') parts.push(JSON.stringify(value));
  else if (typeof value === 'number') parts.push(formatNumber(value));
  else if (typeof value === 'bigint') parts.push(value.toString());
  else if (value instanceof ExactNumber) parts.push(value.text);
  else if (Array.isArray(value)) {
    writeItems('[', value, ']', indent, parts, (item, inner) => write(item ?? null, inner, parts));
  } else if (typeof value === 'object' && value !== null) {
    const object = value as JsonObject;
    const keys = sortByCodePoint(Object.keys(object).filter((key) => object[key] !== undefined));
    writeItems('{', keys, '}', indent, parts, (key, inner) => {
      parts.push(JSON.stringify(key), ': ');
      write(object[key], inner, parts);
    });
  } else if (typeof value === 'boolean') parts.push(value ? 'true' : 'false');
  else parts.push('null');
}

function writeItems<T>(
  open: string,
  items: readonly T[],
  close: string,
  indent: string,
  parts: string[],
  writeItem: (item: T, indent: string) => void,
): void {
  if (items.length === 0) {
    parts.push(open, close);
    return;
  }
  const inner = `${indent} `;
  parts.push(open);
  items.forEach((item, at) => {
    parts.push(at === 0 ? inner : `,${inner}`);
    writeItem(item, inner);
  });
  parts.push(indent, close);
}

/** Sorted as Python sorts: by code points, where JavaScript would put U+1F600 before U+FF21. */
export function sortByCodePoint(keys: string[]): string[] {
  keys.sort();
  return keys.some((key) => /[\ud800-\udfff]/.test(key)) ? keys.sort(compareCodePoints) : keys;
}

function compareCodePoints(a: string, b: string): number {
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    const left = a.codePointAt(at)!;
    const right = b.codePointAt(at)!;
    if (left !== right) return left - right;
    if (left > 0xffff) at += 1;
  }
  return a.length - b.length;
}

/** Sets a member, also one called `__proto__`, which plain assignment would take for the prototype. */
function setKey(object: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}
