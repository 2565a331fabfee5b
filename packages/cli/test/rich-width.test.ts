import { expect, test } from 'vitest';
import { painter } from '../src/paint.js';
import { htmlText } from '../src/rich/html.js';
import { markdownText } from '../src/rich/markdown.js';
import { widthOf } from '../src/width.js';

const plain = painter(false);

test('a table that is wider than the terminal is several, each with the names of its rows', () => {
  const row = (tag: string, first: string, cells: readonly string[]): string =>
    `<tr><th>${first}</th>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  const names = ['one', 'two', 'three', 'four', 'five'];
  const html = `<table><thead>${row('th', '', names)}</thead><tbody>${row('td', 'a', ['1', '2', '3', '4', '5'])}</tbody></table>`;
  expect(htmlText(html, 20, plain).split('\n')).toEqual([
    '   one  two  three',
    '─  ───  ───  ─────',
    'a    1    2      3',
    '',
    '   four  five',
    '─  ────  ────',
    'a     4     5',
  ]);
  // a pipe has no width
  expect(htmlText(html, null, plain).split('\n')).toHaveLength(3);
  const markdown = '| one | two |\n|---|---|\n| a long cell | another one |';
  expect(markdownText(markdown, 15, plain).split('\n')).toEqual([
    ...['one', '───────────', 'a long cell', '', 'two', '───────────', 'another one'],
  ]);
  const wide = '<table><tr><td>a cell that is wider than all</td><td>b</td></tr></table>';
  expect(htmlText(wide, 10, plain).split('\n')).toEqual(['a cell that is wider than all', '', 'b']);
});

test('Markdown is broken between words, at the width that is left in lists and quotations', () => {
  const source =
    'one **two three** four\nfive\n\n- six seven eight nine ten\n\n> eleven twelve thirteen\n\nhard  \nbreak\n\nhttps://a.very.long/word/of-its-own';
  expect(markdownText(source, 22, plain).split('\n')).toEqual([
    ...['one two three four', 'five', '', '• six seven eight nine', '  ten', '', '│ eleven twelve', '│ thirteen', ''],
    ...['hard', 'break', '', 'https://a.very.long/word/of-its-own'],
  ]);
  // colours take no columns
  expect(markdownText('one **two** three', 13, painter(true))).toBe('one \x1b[1mtwo\x1b[22m three');
});

test.each([
  ['✅ ❌ ⚡ ⭐ ⏳ ☕', 17],
  ['🟢🫠🈁🆗', 8],
  ['👍é日', 5],
  ['✓ → ─ █ ▏ ★ ☆', 13],
])('columns of %s', (text, columns) => {
  expect(widthOf(text)).toBe(columns);
});
