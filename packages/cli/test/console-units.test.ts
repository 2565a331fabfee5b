import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../../../testing/support/index.js';
import { Browse } from '../src/console/browse.js';
import * as drafts from '../src/console/draft.js';
import { Editing } from '../src/console/editing.js';
import { highlighter } from '../src/console/highlight.js';
import { History } from '../src/console/history.js';
import { HistoryFile, historyPath, MOST_CHARACTERS, MOST_ENTRIES } from '../src/console/history-file.js';
import { layout, visible } from '../src/console/layout.js';
import { Position } from '../src/console/position.js';
import { looksOpen } from '../src/console/questions.js';
import { StrokeReader } from '../src/console/strokes.js';

/** `ab|c`: the cursor is where the bar is. */
function draft(marked: string): drafts.Draft {
  const cursor = marked.indexOf('|');
  return { text: marked.replace('|', ''), cursor };
}

function marked({ text, cursor }: drafts.Draft): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

describe('editing', () => {
  test.each([
    ['left', 'ab|c', 'a|bc'],
    ['left', 'a\n|b', 'a|\nb'],
    ['left', 'x👨‍👩‍👧|y', 'x|👨‍👩‍👧y'],
    ['left', 'é|', '|é'],
    ['right', '|é', 'é|'],
    ['right', 'a|', 'a|'],
    ['home', 'a\nbc|d', 'a\n|bcd'],
    ['ctrl-a', '|a', '|a'],
    ['end', 'a|b\nc', 'ab|\nc'],
    ['alt-b', 'foo.bar_baz |', 'foo.|bar_baz '],
    ['alt-f', '|foo.bar', 'foo|.bar'],
    ['ctrl-home', 'a\nb|', '|a\nb'],
    ['backspace', 'ab|', 'a|'],
    ['backspace', 'if x:\n        |', 'if x:\n    |'],
    ['backspace', '     |', '    |'],
    ['backspace', '    x |', '    x|'],
    ['backspace', '|a', '|a'],
    ['delete', 'a|b', 'a|'],
    ['ctrl-k', 'a|bc\nd', 'a|\nd'],
    ['ctrl-k', 'a|\nd', 'a|d'],
    ['ctrl-u', 'a\nbc|d', 'a\n|d'],
    ['ctrl-w', 'a foo.bar |', 'a |'],
    ['alt-d', '|foo bar', '| bar'],
  ])('%s: %j becomes %j', (key, before, after) => {
    const editing = new Editing();
    editing.change(draft(before));
    expect(editing.key(key)).toBe(true);
    expect(marked(editing.draft)).toBe(after);
  });

  test.each([
    [-1, 'abc\nde|f', 'ab|c\ndef'],
    [-1, 'a\nde|f', 'a|\ndef'],
    [1, '日本|\nabc', '日本\nab|c'],
    [1, 'a|', null],
    [-1, 'a|\nb', null],
  ] as const)('%d line: %j', (step, before, after) => {
    const moved = drafts.vertical(draft(before), step);
    expect(moved === null ? null : marked(moved)).toBe(after);
  });

  test('what was typed on is taken back in words, what was killed comes back', () => {
    const editing = new Editing();
    editing.begin('');
    for (const character of 'foo bar') editing.type(character);
    editing.key('ctrl-w');
    editing.key('home');
    editing.key('ctrl-y');
    expect(marked(editing.draft)).toBe('bar|foo ');
    const seen: string[] = [];
    for (let at = 0; at < 5; at++) {
      editing.key('ctrl-_');
      seen.push(editing.draft.text);
    }
    expect(seen).toEqual(['foo ', 'foo bar', 'foo', '', '']);
  });
});

test.each([
  [
    { name: 'a', sequence: 'a' },
    { kind: 'text', text: 'a' },
  ],
  [
    { name: 'a', shift: true, sequence: 'A' },
    { kind: 'text', text: 'A' },
  ],
  [{ sequence: '😀' }, { kind: 'text', text: '😀' }],
  [
    { name: 'c', ctrl: true, sequence: '\x03' },
    { kind: 'key', name: 'ctrl-c' },
  ],
  [
    { name: 'return', meta: true, sequence: '\x1b\r' },
    { kind: 'key', name: 'alt-return' },
  ],
  [
    { name: 'tab', shift: true, sequence: '\x1b[Z' },
    { kind: 'key', name: 'shift-tab' },
  ],
  [
    { name: 'escape', meta: true, sequence: '\x1b' },
    { kind: 'key', name: 'escape' },
  ],
  [{ sequence: '\x1c' }, { kind: 'key', name: 'ctrl-\\' }],
  [
    { name: 'undefined', sequence: '\x1b[13;2u' },
    { kind: 'key', name: 'ctrl-j' },
  ],
])('the stroke of %j', (key, stroke) => {
  expect(new StrokeReader().take(undefined, key)).toEqual(stroke);
});

describe('layout', () => {
  const page = { prompt: '> ', continuation: '. ', spans: [], columns: 11 };

  test.each([
    ['|', ['> '], [0, 2]],
    ['ab|c', ['> abc'], [0, 4]],
    ['abc\n|', ['> abc', '. '], [1, 2]],
    // one column stays free
    ['abcdefgh|', ['> abcdefgh'], [0, 10]],
    ['abcdefghi|', ['> abcdefgh', '  i'], [1, 3]],
    ['abcdefgh|i', ['> abcdefgh', '  i'], [1, 2]],
    ['日本語日本|', ['> 日本語日', '  本'], [1, 4]],
    ['a\tb|', ['> a   b'], [0, 7]],
    ['a\x1bb|', ['> a^[b'], [0, 6]],
  ])('%j', (text, rows, [row, column]) => {
    expect(layout({ ...page, ...draft(text) })).toEqual({ rows, cursor: { row, column } });
  });

  test('colours end with their row; the prompt may have some', () => {
    const spans = [{ start: 1, end: 10, style: '35' }];
    const { rows } = layout({ ...page, ...draft('abcdefghijk|'), prompt: '\x1b[32m> \x1b[0m', spans });
    expect(rows).toEqual(['\x1b[32m> \x1b[0ma\x1b[35mbcdefgh\x1b[0m', '  \x1b[35mij\x1b[0mk']);
  });

  test('of more rows than there is room for, those around the cursor', () => {
    const rows = Array.from({ length: 10 }, (_, at) => String(at));
    expect(visible({ rows, cursor: { row: 0, column: 1 } }, 4)).toEqual({
      rows: rows.slice(0, 4),
      cursor: { row: 0, column: 1 },
    });
    expect(visible({ rows, cursor: { row: 6, column: 0 } }, 4)).toEqual({
      rows: rows.slice(4, 8),
      cursor: { row: 2, column: 0 },
    });
    expect(visible({ rows, cursor: { row: 9, column: 0 } }, 4)).toEqual({
      rows: rows.slice(6),
      cursor: { row: 3, column: 0 },
    });
  });
});

test.each([
  ['abc', [0, 3]],
  ['abc\n', [1, 0]],
  ['abc\rx', [0, 1]],
  ['0123456789', [0, 10]],
  ['0123456789a', [1, 1]],
  ['0123456789\n', [1, 0]],
  ['日本語日本語', [1, 2]],
  ['a日本語日本', [1, 2]],
  ['\x1b[31mred\x1b[0m', [0, 3]],
  ['\x1b]0;title\x07ab', [0, 2]],
  ['a\nb\n\x1b[A\x1b[Ax', [0, 1]],
  ['a\tb', [0, 9]],
  ['ab\b\b', [0, 0]],
])('after %j the cursor is at %j', (text, [row, column]) => {
  const position = new Position();
  position.write(text, 10);
  expect([position.row, position.column]).toEqual([row, column]);
});

test.each([
  ['f(1', true],
  ['f(1)', false],
  ['f("(")', false],
  ['if x:', true],
  ['for i = 1:3 do', true],
  ['a \\', true],
  ['if x:\n  y', true],
  ['x\ny', false],
])('without the kernel, %j looks open: %s', (code, open) => {
  expect(looksOpen(code)).toBe(open);
});

describe('the history', () => {
  test('is gone through by what entries begin with, and back to what was being written', () => {
    const history = new History(['plot(a)', 'print(1)', 'x = 1', 'print(2)', 'print(1)']);
    const browse = new Browse(history, draft('p|x'));
    const seen = [-1, -1, -1, -1, 1, 1, 1, 1].map((step) => browse.step(step as -1 | 1)?.text ?? null);
    expect(seen).toEqual(['print(1)', 'print(2)', 'plot(a)', null, 'print(2)', 'print(1)', 'px', null]);
    expect(browse.goesOn(draft('p|x'))).toBe(true);
    expect(browse.goesOn(draft('py|'))).toBe(false);
  });

  test.each([
    ['linux', {}, '/h/.local/state/kernelkit/console-history.jsonl'],
    ['linux', { XDG_STATE_HOME: '/s' }, '/s/kernelkit/console-history.jsonl'],
    ['linux', { XDG_STATE_HOME: 's' }, '/h/.local/state/kernelkit/console-history.jsonl'],
    ['darwin', {}, '/h/Library/Application Support/kernelkit/console-history.jsonl'],
    ['win32', { LOCALAPPDATA: 'C:\\l' }, 'C:\\l\\kernelkit\\console-history.jsonl'],
    ['win32', { KERNELKIT_STATE_DIR: 'D:\\k' }, 'D:\\k\\console-history.jsonl'],
  ] as const)('on %s with %j it lies in %s', (platform, env, path) => {
    expect(historyPath(platform, env, '/h')).toBe(path);
  });

  test('is kept by language, for its owner alone, and bounded', async () => {
    await using dir = await tempDir();
    const path = join(dir.path, 'state', 'history.jsonl');
    const problems: string[] = [];
    const open = (language: string) => new HistoryFile(path, language, (message) => problems.push(message));
    const [python, r] = [open('python'), open('r')];
    expect(await python.read()).toEqual([]);
    python.add('x = 1\ny = 2');
    r.add('x <- 1');
    python.add('a'.repeat(MOST_CHARACTERS + 1));
    await Promise.all([python.flush(), r.flush()]);
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    await appendFile(path, '{"language": "python", "co\n');
    expect([await python.read(), await r.read()]).toEqual([['x = 1\ny = 2'], ['x <- 1']]);
    const many = Array.from({ length: MOST_ENTRIES * 1.5 }, (_, at) =>
      JSON.stringify({ language: 'r', code: `${at}` }),
    );
    await appendFile(path, `${many.join('\n')}\n`);
    expect((await r.read()).at(-1)).toBe(String(many.length - 1));
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(MOST_ENTRIES);
    expect(problems).toEqual([]);
    const broken = new HistoryFile(dir.path, 'r', (message) => problems.push(message));
    expect(await broken.read()).toEqual([]);
    broken.add('1');
    await broken.flush();
    expect(problems).toEqual([expect.stringMatching(/^the history is not kept: EISDIR/)]);
  });
});

test.each([
  ['python', 'def f(): return "x"  # y', { def: '35', '"x"': '32', '# y': '2' }],
  ['ipython', 'x = 1', { 1: '33' }],
  ['R', 'f <- function(x) TRUE', { function: '35', TRUE: '33' }],
  ['c++', 'int main() {}', { int: '36' }],
])('colours of %s', async (language, code, expected) => {
  const spans = (await highlighter(language))!(code);
  const styles = Object.fromEntries(spans.map(({ start, end, style }) => [code.slice(start, end), style]));
  expect(styles).toMatchObject(expected);
});

test('a language that nobody knows has no colours, and no name of an object is one', async () => {
  expect(await highlighter('nothing-of-the-kind')).toBeNull();
  expect(await highlighter('constructor')).toBeNull();
});
