import { InvalidArgumentError } from 'commander';

/** Values of flags and variables. Each throws InvalidArgumentError, which says what it takes. */

export function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  return value;
}

export function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('It must be a whole number above 0.');
  }
  return value;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** `65536`, `64k`, `1.5M`, `2G`: units of 1024. */
export function bytes(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)([kmg]?)(?:i?b)?$/i.exec(text.trim());
  const value = parts === null ? 0 : Math.round(Number(parts[1]) * UNITS[parts[2]!.toLowerCase()]!);
  if (value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('It must be a number of bytes above 0, as 65536, 64k, 1.5M or 2G.');
  }
  return value;
}

/** setTimeout takes no more than 2^31 - 1 ms. */
const LONGEST = 2_147_483;

/** Fractions allowed. */
export function seconds(text: string): number {
  const value = secondsOrNone(text);
  if (value === 0) throw new InvalidArgumentError('It must be a number of seconds above 0.');
  return value;
}

export function secondsOrNone(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text.trim()) || !Number.isFinite(value)) {
    throw new InvalidArgumentError('It must be a number of seconds.');
  }
  return Math.min(value, LONGEST);
}

export function plain(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

/** Several, with commas between them. */
export function list(text: string): string[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0) throw new InvalidArgumentError('It must not be empty.');
  return words;
}

export function yesOrNo(text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text.trim())) return true;
  if (/^(0|false|no|off)$/i.test(text.trim())) return false;
  throw new InvalidArgumentError('It must be yes or no.');
}

export function logFormat(text: string): 'text' | 'json' {
  if (text !== 'text' && text !== 'json') throw new InvalidArgumentError('It must be text or json.');
  return text;
}

/** As a browser sends it: a page that has a path in it would never fit. */
export function origins(text: string): string[] {
  return list(text).map((origin) => {
    if (origin === '*') return origin;
    const url = URL.canParse(origin) ? new URL(origin) : null;
    if (
      url === null ||
      url.origin === 'null' ||
      !/^https?:$/.test(url.protocol) ||
      url.pathname !== '/' ||
      url.search !== ''
    ) {
      throw new InvalidArgumentError('It must be like https://app.example.org, without a path; or *.');
    }
    return url.origin;
  });
}

/** A regular expression. All of an origin has to fit: one that only begins so is another site's. */
export function pattern(text: string): string {
  try {
    new RegExp(plain(text));
    return text;
  } catch {
    throw new InvalidArgumentError('It must be a regular expression.');
  }
}

export const whole = (expression: string): string => `^(?:${expression})$`;
