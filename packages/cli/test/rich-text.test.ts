import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { painter } from '../src/paint.js';
import { choose, type ImageProtocol, preferredType } from '../src/rich/choose.js';
import { htmlText } from '../src/rich/html.js';
import { jsonText } from '../src/rich/json.js';
import { markdownText } from '../src/rich/markdown.js';
import { ImageSaver } from '../src/rich/save.js';
import { display, ownHome } from './display-home.js';

const PNG_4x2 = 'iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAC0lEQVR4nGNgQAcAABIAAbHStqoAAAAASUVORK5CYII=';
const OBJECT = '<IPython.core.display.Markdown object>';

const home = ownHome();
const terminal = { columns: () => 80 };
const kitty = { protocol: 'kitty' as const, cell: null, columns: 80, rows: 24 };

describe('the chooser of types', () => {
  test.each<[string, readonly string[], ImageProtocol | null, string | null, readonly string[]]>([
    ['text before what has to be made text', ['text/html', 'text/plain'], null, null, ['text/plain', 'text/html']],
    ['an image where the terminal takes it', ['text/plain', 'image/png'], 'kitty', null, ['image/png', 'text/plain']],
    ['none where it does not', ['image/png', 'text/plain'], null, null, ['text/plain']],
    ['PNG before SVG', ['image/svg+xml', 'image/png'], 'sixel', null, ['image/png', 'image/svg+xml']],
    ['GIF as a file only', ['image/gif'], 'sixel', null, []],
    ['GIF as a file', ['image/gif'], 'iterm2', null, ['image/gif']],
    [
      'what is preferred',
      ['text/plain', 'text/html', 'image/png'],
      'kitty',
      'html',
      ['text/html', 'image/png', 'text/plain'],
    ],
    ['an image that is preferred and cannot be', ['text/plain', 'image/png'], null, 'image/png', ['text/plain']],
    ['the source of SVG', ['text/plain', 'image/svg+xml'], null, 'svg', ['image/svg+xml', 'text/plain']],
    [
      'any type by its name',
      ['application/geo+json', 'text/plain'],
      null,
      'application/geo+json',
      ['application/geo+json', 'text/plain'],
    ],
    [
      'other text at the end',
      ['text/x-c', 'text/latex', 'application/json'],
      null,
      null,
      ['text/latex', 'application/json', 'text/x-c'],
    ],
    ['what nobody knows, never', ['application/vnd.plotly.v1+json', 'application/javascript'], 'kitty', null, []],
  ])('%s', (_, types, images, prefer, expected) => {
    const data = Object.fromEntries(types.map((type) => [type, 'a text']));
    expect(choose(data, images, prefer === null ? null : preferredType(prefer))).toEqual(expected);
  });

  test.each([
    [OBJECT, false],
    ['<graphviz.graphs.Digraph at 0x7f1c2b3a4d50>', false],
    ['<__main__.A object at 0x7f1c2b3a4d50>\n', false],
    ['<Figure size 640x480 with 1 Axes>', true],
    ['a < b > c', true],
    ['<b>', true],
  ])('the name of a class is no text: %s', (text, isText) => {
    const types = choose({ 'text/plain': text, 'text/html': '<i>x</i>' }, null, null);
    expect(types).toEqual(isText ? ['text/plain', 'text/html'] : ['text/html']);
  });
});

describe('what is shown', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['text', { 'text/plain': '\x1b[33m1\x1b[39m', 'text/html': '<b>1</b>' }, '1\n'],
    ['the source of Markdown', { 'text/plain': OBJECT, 'text/markdown': '# a\n\n*b*' }, '# a\n\n*b*\n'],
    ['the source of LaTeX', { 'text/plain': OBJECT, 'text/latex': '$\\alpha$' }, '$\\alpha$\n'],
    ['JSON, whole', { 'application/json': { a: [1] } }, '{\n  "a": [\n    1\n  ]\n}\n'],
    ['a text in lines', { 'text/plain': ['a\n', 'b'] }, 'a\nb\n'],
    ['the name of a class, where that is all', { 'text/plain': '<A object>' }, '<A object>\n'],
    ['an image', { 'text/plain': '<A object>', 'image/png': PNG_4x2 }, '[image/png 4×2, 68 B]\n'],
    ['text for it', { 'text/plain': 'a figure', 'image/png': PNG_4x2 }, 'a figure\n'],
    [
      'what nobody knows',
      { 'application/vnd.x+json': { a: 1 }, 'text/html': '<script>x</script>' },
      '[application/vnd.x+json, 12 B]\n',
    ],
    ['a script alone', { 'text/html': '<script>x</script>' }, '[text/html, 18 B]\n'],
    ['nothing', {}, '<an empty output>\n'],
  ])('in a pipe: %s', async (_, data, text) => {
    expect(await display().text({ data })).toBe(text);
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      'an image, and what saves it',
      { 'text/plain': '<A object>', 'image/png': PNG_4x2 },
      '[image/png 4×2, 68 B; --save-images DIR saves it]\n',
    ],
    [
      'with its text',
      { 'text/plain': 'a figure', 'image/png': PNG_4x2 },
      'a figure\n[image/png 4×2, 68 B; --save-images DIR saves it]\n',
    ],
    ['LaTeX', { 'text/plain': OBJECT, 'text/latex': '$\\alpha^2$' }, 'α²\n'],
    ['Markdown without colour', { 'text/markdown': '# a' }, '# a\n'],
  ])('on a terminal: %s', async (_, data, text) => {
    expect(await display(terminal).text({ data })).toBe(text);
  });

  test('colours of the kernel where the terminal takes them, and none in what is made anew', async () => {
    const shown = display({ ...terminal, colour: true });
    expect(await shown.text({ data: { 'text/plain': '\x1b[33m1\x1b[39m' } })).toBe('\x1b[33m1\x1b[39m\n');
    expect(await shown.text({ data: { 'text/markdown': 'a\x1b[2Jb \x9b2J' } })).not.toMatch(/\x1b\[2J|\x9b/);
    expect(await shown.text({ data: { 'text/markdown': 'a\x1b\x1b[2J[2J\b\r' } })).not.toMatch(/\x1b|[\b\r]/);
    expect(await shown.text({ data: { 'text/html': '&#27;[2Jx\x1b[2J\x1b\x1b[2J[2J' } })).not.toContain('\x1b');
    expect(await shown.text({ data: { 'application/json': ['\x1b[2J\x9b2J'] } })).not.toMatch(/\x1b\[2J|\x9b/);
  });

  test('an image on a terminal that takes it; the text where it proves to be none', async () => {
    const shown = display({ ...terminal, canvas: async () => kitty });
    expect(await shown.text({ data: { 'text/plain': 'x', 'image/png': PNG_4x2 } })).toBe(
      `\x1b_Ga=T,q=2,f=100,m=0;${PNG_4x2}\x1b\\\n`,
    );
    const broken = { data: { 'text/plain': 'x', 'image/png': 'AAAA' } };
    expect(await shown.text(broken)).toBe('x\n[image/png, 3 B; --save-images DIR saves it]\n');
  });
});

describe('HTML', () => {
  const plain = painter(false);

  test('tables are aligned: numbers to the right, heads, spans, wide characters', () => {
    const html = `<style>th { color: red }</style><table><caption>Fruit</caption>
      <thead><tr><th></th><th>name</th><th colspan="2">price</th></tr></thead>
      <tbody><tr><th>0</th><td>apple</td><td>1.5</td><td rowspan=2>&euro;</td></tr>
      <tr><th>10</th><td>梨 &amp; <b>plum</b></td><td>-12</td></tr></tbody></table><p>2 rows × 3 columns</p>`;
    expect(htmlText(html, 80, plain).split('\n')).toEqual([
      '    name       price',
      '──  ─────────  ─────  ─',
      ' 0  apple        1.5  €',
      '10  梨 & plum    -12',
      'Fruit',
      '',
      '2 rows × 3 columns',
    ]);
  });

  test('a span without end is none', () => {
    const html = '<table><tr><td colspan=999999999>a</td><td rowspan=999999999>b</td></tr><tr><td>c</td></tr></table>';
    expect(
      htmlText(html, 80, plain)
        .split('\n')
        .map((line) => line.trimEnd().length),
    ).toHaveLength(2);
  });

  test('headings, lists, links, preformatted text; scripts and styles are left out', () => {
    const html =
      '<h2>Head</h2><ul><li>one<li>two</ul><a href="https://x.y/">z</a><pre>a  b\n c</pre><script>no</script>';
    expect(htmlText(html, 80, plain)).toBe('Head\n * one\n * two\n\nz (https://x.y/)\n\na  b\n c');
    expect(htmlText('<h1>Two words</h1>', 80, painter(true))).toBe('\x1b[1mTwo\x1b[22m \x1b[1mwords\x1b[22m');
    expect(htmlText('<script>draw()</script><div></div>', 80, plain)).toBe('');
  });
});

test('Markdown', () => {
  const source = [
    '# Title',
    'Some **bold** and `code` &amp; [a link](https://x.y), <https://z.w>, $\\alpha$ and 5$.',
    '',
    '1. one',
    '2. two\n   - nested',
    '- [x] done',
    '',
    '> quoted',
    '',
    '```python\nx  =  1\n```',
    '',
    '| name | n |\n|:--|--:|\n| **a** | 1 |\n| long | 100 |',
  ].join('\n');
  const text = markdownText(source, 80, painter(true));
  expect(text).toContain('\x1b[1m\x1b[4mTitle\x1b[24m\x1b[22m');
  expect(text).toContain('\x1b[1mbold\x1b[22m');
  expect(stripVTControlCharacters(text).split('\n')).toEqual([
    'Title',
    '',
    'Some bold and code & a link (https://x.y), https://z.w, α and 5$.',
    '',
    '1. one',
    '2. two',
    '   • nested',
    '',
    '☑ done',
    '',
    '│ quoted',
    '',
    '    x  =  1',
    '',
    'name    n',
    '────  ───',
    'a       1',
    'long  100',
  ]);
});

describe('JSON', () => {
  const plain = painter(false);

  test('a short value is whole, and coloured', () => {
    expect(jsonText({ a: ['x', 1, null], b: {} }, plain, false)).toEqual({
      ...{ text: '{\n  "a": ["x", 1, null],\n  "b": {}\n}', isFolded: false },
    });
    expect(jsonText({ a: 'x' }, painter(true), false).text).toBe('{\n  \x1b[36m"a"\x1b[39m: \x1b[32m"x"\x1b[39m\n}');
  });

  test('of a long one what is deep or many is folded', () => {
    const value = { deep: { a: { b: { c: [1, 2] } } }, many: Array.from({ length: 1500 }, (_, at) => at) };
    const { text, isFolded } = jsonText(value, plain, false);
    expect(isFolded).toBe(true);
    expect(text).toContain('"c": [… 2 entries]');
    // numbers fill the rows
    expect(text).toMatch(/"many": \[\n {4}0, 1, 2, [\d, \n]* 49, … 1,450 more\n {2}\]/);
    expect(text.split('\n').every((row) => row.length < 80)).toBe(true);
    expect(JSON.parse(jsonText(value, plain, true).text)).toEqual(value);
  });
});

describe('--save-images', () => {
  test('each into a file of its own, and never over another', async () => {
    const directory = join(home(), 'a', 'figures');
    const saver = await ImageSaver.in(directory);
    const shown = display({ saver });
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"/>';
    const output = { data: { 'text/plain': 'two', 'image/png': PNG_4x2, 'image/svg+xml': svg } };
    expect(await shown.text(output, 'cell-1')).toBe(
      `two\n[image/png 4×2, 68 B: saved as ${directory}/cell-1-output-1.png]\n` +
        `[image/svg+xml 4×2, 62 B: saved as ${directory}/cell-1-output-1.svg]\n`,
    );
    await shown.text({ data: { 'text/plain': 'no image' } }, 'cell-1');
    await shown.text(output, 'cell-1');
    await shown.text({ data: { 'application/pdf': 'JVBERg==' } }, 'cell-2');
    await display({ saver: await ImageSaver.in(directory) }).text(output, 'cell-1');
    expect((await readdir(directory)).sort()).toEqual(
      [
        '-1-output-1-2.png',
        '-1-output-1-2.svg',
        '-1-output-1.png',
        '-1-output-1.svg',
        '-1-output-2.png',
        '-1-output-2.svg',
        '-2-output-1.pdf',
      ].map((name) => `cell${name}`),
    );
    expect(await readFile(join(directory, 'cell-1-output-1.png'), 'base64')).toBe(PNG_4x2);
    expect(await readFile(join(directory, 'cell-1-output-1.svg'), 'utf8')).toBe(svg);
  });

  test('what cannot be written is an error', async () => {
    await expect(ImageSaver.in('/dev/null/x')).rejects.toMatchObject({ kind: 'output-unwritable' });
    const saver = await ImageSaver.in(join(home(), 'gone'));
    await rm(join(home(), 'gone'), { recursive: true });
    await expect(display({ saver }).text({ data: { 'image/png': PNG_4x2 } })).rejects.toMatchObject({
      ...{ kind: 'output-unwritable', fix: 'name another directory with --save-images' },
    });
  });
});
