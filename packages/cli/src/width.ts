import { stripVTControlCharacters } from 'node:util';

/** Code points that take two columns: East Asian wide and full-width ones, and emoji. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x23e9, 0x23ec],
  [0x23f0, 0x23f0],
  [0x23f3, 0x23f3],
  [0x25fd, 0x25fe],
  [0x2614, 0x2615],
  [0x2648, 0x2653],
  [0x267f, 0x267f],
  [0x2693, 0x2693],
  [0x26a1, 0x26a1],
  [0x26aa, 0x26ab],
  [0x26bd, 0x26be],
  [0x26c4, 0x26c5],
  [0x26ce, 0x26ce],
  [0x26d4, 0x26d4],
  [0x26ea, 0x26ea],
  [0x26f2, 0x26f3],
  [0x26f5, 0x26f5],
  [0x26fa, 0x26fa],
  [0x26fd, 0x26fd],
  [0x2705, 0x2705],
  [0x270a, 0x270b],
  [0x2728, 0x2728],
  [0x274c, 0x274c],
  [0x274e, 0x274e],
  [0x2753, 0x2755],
  [0x2757, 0x2757],
  [0x2795, 0x2797],
  [0x27b0, 0x27b0],
  [0x27bf, 0x27bf],
  [0x2b1b, 0x2b1c],
  [0x2b50, 0x2b50],
  [0x2b55, 0x2b55],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f18e, 0x1f18e],
  [0x1f191, 0x1f19a],
  [0x1f200, 0x1f265],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f7e0, 0x1f7eb],
  [0x1f900, 0x1f9ff],
  [0x1fa70, 0x1faff],
  [0x20000, 0x3fffd],
];

/** The columns that text takes in a terminal: marks and joiners none, wide characters two. */
export function widthOf(text: string): number {
  // Almost everything is ASCII, and the first use of a Unicode class costs milliseconds that `list` does not have.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += columnsOf(character);
  return columns;
}

/** The start of text that fits into `columns`, ending in `…` when something was left out. */
export function shortened(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

/** The end of text that fits into `columns`, beginning with `…` when something was left out: of a path, the part that tells most. */
export function shortenedAtStart(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const kept: string[] = [];
  let used = 1;
  for (const character of [...text].reverse()) {
    used += columnsOf(character);
    if (used > columns) break;
    kept.push(character);
  }
  // a mark has lost what it stood on
  while (kept.length > 0 && columnsOf(kept.at(-1)!) === 0) kept.pop();
  return `…${kept.reverse().join('')}`;
}

/** Text as lines of at most `columns`, broken between words, and within a word only where it is longer than a line. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) <= columns) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (widthOf(word) > columns) {
      const head = shortened(word, columns + 1).slice(0, -1);
      // not even one character fits: better too long than without end
      if (head === '') break;
      lines.push(head);
      word = word.slice(head.length);
    }
    line = word;
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

function columnsOf(character: string): number {
  if (/\p{Mark}|\p{Format}|\p{Control}/u.test(character)) return 0;
  const code = character.codePointAt(0)!;
  return wide.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** The text on one line without control characters: each becomes a blank, escape sequences go whole. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
