import { ACCENTS, DOUBLE_STRUCK, FUNCTIONS, LOOKS, LOWERED, RAISED, SYMBOLS, WRAPPERS } from './latex-symbols.js';

/** Longer, or nested deeper, it is shown as it is. */
const MOST_CHARACTERS = 20_000;
const MOST_DEPTH = 40;

/** LaTeX as a line can hold it: characters for what has one, fractions with a stroke, `^( )` for what cannot be raised; the rest is left as the source that it is. */
export function latexText(source: string): string {
  const text = source.trim();
  const [, inner] =
    /^(?:\$\$([^$]+)\$\$|\$([^$]+)\$|\\\[([\s\S]+)\\\]|\\\(([\s\S]+)\\\))$/
      .exec(text)
      ?.filter((part) => part !== undefined) ?? [];
  // text with math in it
  if (inner === undefined && text.includes('$')) return text;
  return mathText(inner ?? text).trim();
}

/** As `latexText`, without dollars around it. */
export function mathText(math: string): string {
  if (math.length > MOST_CHARACTERS) return math;
  try {
    return new Reader(math).sequence('', 0);
  } catch (error) {
    if (error instanceof TooDeepError) return math;
    throw error;
  }
}

class TooDeepError extends Error {}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** What comes up to `end`, which it passes, or to the end of all. */
  sequence(end: string, depth: number): string {
    let text = '';
    while (this.#at < this.#source.length) {
      if (end !== '' && this.#source[this.#at] === end) {
        this.#at += 1;
        return text;
      }
      text += this.#next(depth);
    }
    return text;
  }

  #next(depth: number): string {
    if (depth > MOST_DEPTH) throw new TooDeepError();
    const character = this.#character();
    if (character === '\\') return this.#command(depth);
    if (character === '{') return this.sequence('}', depth + 1);
    if (character === '^' || character === '_') return this.#shifted(character, this.#argument(depth));
    return character === '~' ? ' ' : character;
  }

  #character(): string {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    this.#at += character.length;
    return character;
  }

  /** A group, a command with what is its own, or a character. */
  #argument(depth: number): string {
    this.#skipBlanks();
    if (this.#at >= this.#source.length) return '';
    return this.#next(depth + 1);
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#source[this.#at] ?? '')) this.#at += 1;
  }

  #command(depth: number): string {
    const name = /^[A-Za-z]+\*?/.exec(this.#source.slice(this.#at, this.#at + 40))?.[0];
    if (name === undefined) return this.#at < this.#source.length ? escaped(this.#character()) : '\\';
    this.#at += name.length;
    if (LOOKS.has(name)) {
      this.#skipBlanks();
      // nothing on this side
      if (/^(?:left|right)$/.test(name) && this.#source[this.#at] === '.') this.#at += 1;
      return '';
    }
    if (Object.hasOwn(SYMBOLS, name)) return SYMBOLS[name]!;
    if (FUNCTIONS.has(name)) return name + this.#gap();
    if (WRAPPERS.has(name.replace('*', ''))) return this.#argument(depth);
    if (Object.hasOwn(ACCENTS, name)) return this.#accented(name, this.#argument(depth));
    switch (name) {
      case 'frac':
      case 'dfrac':
      case 'tfrac':
      case 'cfrac': {
        const above = this.#argument(depth);
        return `${isFactor(above) ? above : `(${above})`}/${grouped(this.#argument(depth))}${this.#gap()}`;
      }
      case 'binom':
        return `(${this.#argument(depth)} choose ${this.#argument(depth)})`;
      case 'sqrt':
        return this.#root(depth);
      case 'mathbb':
        return [...this.#argument(depth)].map((each) => DOUBLE_STRUCK[each] ?? each).join('');
      case 'begin':
        return this.#environment(depth);
      default:
        return `\\${name}${this.#source[this.#at] === '{' ? `{${this.#argument(depth)}}` : ''}`;
    }
  }

  /** A blank, where the next thing would be read as one with what came before. */
  #gap(): string {
    return /^(?:[\p{L}\p{N}]|\\(?!right|end|[,;:! \\])[A-Za-z])/u.test(this.#source.slice(this.#at, this.#at + 10))
      ? ' '
      : '';
  }

  #root(depth: number): string {
    let index = '';
    if (this.#source[this.#at] === '[') {
      this.#at += 1;
      index = this.sequence(']', depth + 1);
    }
    return `${index === '' ? '' : (formed(index, RAISED) ?? `(${index})`)}√${rooted(this.#argument(depth))}${this.#gap()}`;
  }

  #accented(name: string, text: string): string {
    return [...text].length === 1 ? text + ACCENTS[name]! : `\\${name}{${text}}`;
  }

  /** A matrix in a row, as programs write it; what is aligned on lines of its own. */
  #environment(depth: number): string {
    const rest = this.#source.slice(this.#at);
    const [, name = '', body = ''] = /^\{([A-Za-z]+\*?)\}(?:\{[lcr|]*\})?([\s\S]*?)\\end\{\1\}/.exec(rest) ?? [];
    if (name === '' || body.includes('\\begin')) return `\\begin{${this.#argument(depth)}}`;
    this.#at += rest.indexOf(`\\end{${name}}`) + `\\end{${name}}`.length;
    const rows = body
      .trim()
      .split(/\\\\(?:\[[^\]]*\])?/)
      .map((row) => row.split(/(?<!\\)&/).map((cell) => new Reader(cell.trim()).sequence('', depth + 1)))
      .filter((row) => row.some((cell) => cell !== ''));
    const ends = MATRICES[name];
    if (ends !== undefined) return `${ends[0]}${rows.map((row) => row.join(', ')).join('; ')}${ends[1]}`;
    return rows.map((row) => row.join(name === 'cases' ? '  ' : ' ')).join('\n');
  }

  /** Half of an exponent would be another one: it is raised as a whole, or not. */
  #shifted(sign: '^' | '_', text: string): string {
    if (sign === '^' && /^[∘°′∗]$/.test(text)) return text === '∘' ? '°' : text;
    const form = formed(text, sign === '^' ? RAISED : LOWERED);
    if (form !== null) return form;
    return `${sign}${[...text].length === 1 ? text : `(${text})`}`;
  }
}

const MATRICES: Readonly<Record<string, readonly [string, string]>> = {
  ...{ matrix: ['', ''], smallmatrix: ['', ''], array: ['', ''], pmatrix: ['(', ')'], bmatrix: ['[', ']'] },
  ...{ Bmatrix: ['{', '}'], vmatrix: ['|', '|'], Vmatrix: ['‖', '‖'] },
};

/** A command of one character. */
function escaped(character: string): string {
  if (/[,:;> ]/.test(character)) return ' ';
  if (character === '!') return '';
  if (character === '\\') return '\n';
  return character === '|' ? '‖' : character;
}

/** Whether it stands before a stroke without parentheses: letters and numbers that are multiplied. */
function isFactor(text: string): boolean {
  return /^[\p{L}\p{N}\p{M}∂√.′]+$/u.test(text);
}

/** With parentheses, where what follows a stroke or a root would be read as the first of it only. */
function grouped(text: string): string {
  const isOne = /^(?:[\p{Nd}.]+|(?:[d∂])?[\p{L}∞][\p{M}′]*)[⁰¹²³⁴-⁹ⁿ₀-₉ᵢⱼₙₖ]*$/u.test(text);
  return isOne || /^\([^()]*\)$/.test(text) ? text : `(${text})`;
}

/** What is below a root; `√x²` may be either. */
function rooted(text: string): string {
  const shown = grouped(text);
  return shown === text && /[⁰¹²³⁴-⁹ⁿ]$/.test(text) ? `(${text})` : shown;
}

/** Null where one of the characters has no such form. */
function formed(text: string, forms: Readonly<Record<string, string>>): string | null {
  const found = [...text].map((character) => forms[character]);
  return text === '' || found.includes(undefined) ? null : found.join('');
}
