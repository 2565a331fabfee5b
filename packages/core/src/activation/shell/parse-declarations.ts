/** `declare -x NAME="VALUE"`, with other attributes (`declare -irx`) as well; without a value it is not in the environment. */
const HEAD = /declare -([A-Za-z]+) ([A-Za-z_]\w*)(=?)/y;

/**
 * What `declare -xp` prints: the exported variables that have a value, as a child of this shell would get them, arrays left out as there.
 * bash quotes a value with `"…"`, and with `$'…'` what cannot be printed in its locale. It costs next to nothing, where an `env` that is
 * executed for it costs as much as a quarter of the shell.
 *
 * @returns null where the text is not of that form to its end
 */
export function parseDeclarations(text: string): Map<string, string> | null {
  const variables = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    HEAD.lastIndex = at;
    const head = HEAD.exec(text);
    if (head === null) return null;
    const [, flags = '', name = '', equals] = head;
    at = HEAD.lastIndex;
    if (equals === '=') {
      const isArray = /[aA]/.test(flags);
      const value = isArray ? arrayAt(text, at) : valueAt(text, at);
      if (value === null) return null;
      if (!isArray) variables.set(name, value.text);
      at = value.end;
    }
    if (text[at] !== '\n') return null;
    at++;
  }
  return variables;
}

interface Value {
  text: string;
  /** Where what follows begins. */
  end: number;
}

function valueAt(text: string, at: number): Value | null {
  if (text[at] === '"') return doubleQuoted(text, at + 1);
  return text.startsWith("$'", at) ? ansiQuoted(text, at + 2) : null;
}

function doubleQuoted(text: string, begin: number): Value | null {
  let value = '';
  let from = begin;
  for (let at = begin; at < text.length; at++) {
    if (text[at] === '"') return { text: value + text.slice(from, at), end: at + 1 };
    if (text[at] !== '\\') continue;
    value += text.slice(from, at);
    from = ++at;
  }
  return null;
}

const LETTERS: Readonly<Record<string, number>> = { a: 7, b: 8, E: 27, e: 27, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** By bytes: in the C locale each byte of a letter beyond ASCII is an escape of its own. */
function ansiQuoted(text: string, begin: number): Value | null {
  const parts: Buffer[] = [];
  let from = begin;
  for (let at = begin; at < text.length; at++) {
    const isEnd = text[at] === "'";
    if (!isEnd && text[at] !== '\\') continue;
    parts.push(Buffer.from(text.slice(from, at)));
    if (isEnd) return { text: Buffer.concat(parts).toString('utf8'), end: at + 1 };
    const octal = /^[0-7]{3}/.exec(text.slice(at + 1, at + 4))?.[0];
    const letter = text[at + 1] ?? '';
    // what stands for itself: a quote, a backslash
    parts.push(octal !== undefined ? Buffer.from([Number.parseInt(octal, 8)]) : plain(LETTERS[letter] ?? letter));
    at += octal === undefined ? 1 : 3;
    from = at + 1;
  }
  return null;
}

function plain(code: number | string): Buffer {
  return typeof code === 'number' ? Buffer.from([code]) : Buffer.from(code);
}

/** `([0]="one" [key]=$'two')` */
function arrayAt(text: string, begin: number): Value | null {
  if (text[begin] !== '(') return null;
  for (let at = begin + 1; at < text.length; at++) {
    if (text[at] === ')') return { text: '', end: at + 1 };
    const quoted = text[at] === '"' || text.startsWith("$'", at) ? valueAt(text, at) : undefined;
    if (quoted === null) return null;
    if (quoted !== undefined) at = quoted.end - 1;
  }
  return null;
}
