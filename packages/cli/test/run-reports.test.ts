import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CellError, type Notebook, newNotebook } from '@kernelkit/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeKernel, isolatedEnv, peerPython, tempDir } from '../../../testing/support/index.js';
import { painter } from '../src/paint.js';
import { ProgressBoard } from '../src/progress.js';
import { annotations, command } from '../src/run/annotations.js';
import { ignored, isMarked } from '../src/run/check.js';
import { differenceText } from '../src/run/differences.js';
import { OutputDiffersError } from '../src/run/errors.js';
import { shortTraceback } from '../src/run/failure.js';
import { lineInFile } from '../src/run/file-line.js';
import { inOrder, Turns } from '../src/run/jobs.js';
import { escaped, junit } from '../src/run/junit.js';
import { findNotebooks, withTargets } from '../src/run/notebooks.js';
import { placeOfCell } from '../src/run/place.js';
import type { CellReport, NotebookReport } from '../src/run/report.js';
import { resume } from '../src/run/resume.js';
import { failingLine } from '../src/run/source-line.js';
import type { Screen } from '../src/screen.js';
import { notebookOf } from './support.js';

const cellOf = (index: number, more: Partial<CellReport> = {}): CellReport => ({
  ...{ index, id: `c${index}`, source: `x = ${index}`, status: 'ok', executionCount: index + 1, ms: 12.5 },
  ...{ raised: null, printed: '', differences: null, ...more },
});

const reportOf = (path: string, more: Partial<NotebookReport> = {}): NotebookReport => ({
  ...{ path, status: 'ok', executed: 1, startedAt: new Date('2026-01-02T03:04:05.678Z'), ms: 1500 },
  ...{ kernel: { id: 'k', name: 'python3' }, output: null, cells: [cellOf(0)], error: null, place: null },
  ...{ nothingStored: null, kept: null, lineOf: () => 7, ...more },
});

/** A notebook whose second cell raised an error, before a third. */
function failed(): NotebookReport {
  const raised = { ename: 'ValueError', evalue: 'a <b> & "c"\u0007', traceback: ['\x1b[31mCell In[2], line 1\x1b[0m'] };
  const cell = cellOf(1, { status: 'error', raised, source: 'raise ValueError' });
  const place = { ...placeOfCell(cell, '', (index) => index), fileLine: 23 };
  const cells = [cellOf(0), cell, cellOf(2, { status: 'not-run', ms: 0 })];
  return reportOf('a/b.ipynb', { cells, place, status: 'error', error: new CellError({ index: 1, id: 'c1' }, raised) });
}

function differs(): NotebookReport {
  const cell = cellOf(0, { differences: [{ part: 'stdout', stored: 'one\n', now: 'two\n' }] });
  return reportOf('d.ipynb', { cells: [cell], status: 'error', error: new OutputDiffersError([cell]) });
}

describeKernel('peer', () => {
  /** What Python's own XML parser reads: [tag, attributes, text, children]. */
  async function parsed(xml: string): Promise<unknown> {
    await using user = await isolatedEnv();
    const file = await user.dir.write('junit.xml', xml);
    const script =
      'import json, sys, xml.etree.ElementTree as E\nf = lambda e: [e.tag, e.attrib, e.text, [f(c) for c in e]]\nprint(json.dumps(f(E.parse(sys.argv[1]).getroot())))';
    const { stdout } = await promisify(execFile)(peerPython(), ['-c', script, file]);
    return JSON.parse(stdout);
  }

  test('JUnit: a testsuite for each notebook, a testcase for each cell', async () => {
    const skipped = reportOf('s.ipynb', { cells: [cellOf(0, { status: 'skipped' })], kernel: null });
    const broken = reportOf('x.ipynb', { cells: [], error: Object.assign(new Error('no'), { kind: 'not-json' }) });
    const [tag, totals, , suites] = (await parsed(junit([failed(), differs(), skipped, broken]))) as [
      string,
      object,
      string,
      [string, Record<string, string>, string, [string, Record<string, string>, string | null, unknown[][]][]][],
    ];
    expect([tag, totals]).toEqual([
      'testsuites',
      { name: 'kernelkit run', tests: '6', failures: '2', errors: '1', time: '6.000' },
    ]);
    expect(
      suites.map(([, { name, tests, failures, errors, timestamp }]) => [name, tests, failures, errors, timestamp]),
    ).toEqual([
      ['a/b.ipynb', '3', '1', '0', '2026-01-02T03:04:05'],
      ['d.ipynb', '1', '1', '0', '2026-01-02T03:04:05'],
      ['s.ipynb', '1', '0', '0', '2026-01-02T03:04:05'],
      ['x.ipynb', '1', '0', '1', '2026-01-02T03:04:05'],
    ]);
    const [properties, first, second, third] = suites[0]![3];
    expect(properties![3]).toEqual([['property', { name: 'kernel', value: 'python3' }, null, []]]);
    expect(first).toEqual(['testcase', { classname: 'a/b.ipynb', name: 'cell 1: x = 0', time: '0.013' }, null, []]);
    expect(second![1]).toMatchObject({ name: 'cell 2: raise ValueError' });
    expect(second![3]).toEqual([
      [
        'failure',
        { type: 'ValueError', message: 'cell 2 raised ValueError: a <b> & "c"\ufffd' },
        'a/b.ipynb:23: cell 2, line 1: raise ValueError\nCell In[2], line 1',
        [],
      ],
    ]);
    expect(third![3]).toEqual([['skipped', { message: 'cell 2 ended the notebook' }, null, []]]);
    expect(suites[1]![3].at(-1)![3]).toEqual([
      [
        'failure',
        { type: 'output-differs', message: 'other outputs than are stored: stdout' },
        'stdout differs:\n- one\n+ two',
        [],
      ],
    ]);
    expect(suites[3]![3].at(-1)![3]).toMatchObject([['error', { type: 'not-json', message: 'no' }, 'no\n', []]]);
  });

  test('any text at all can be in it, and what XML can hold comes out as it was', async () => {
    const texts = fc.sample(
      fc.string({
        unit: fc.oneof(
          fc.integer({ min: 0, max: 0xffff }).map((at) => String.fromCharCode(at)),
          fc.constantFrom('<', '&', ']]>', '"', '😀'),
        ),
      }),
      300,
    );
    const xml = `<a>${texts.map((text) => `<b>${escaped(text)}</b>`).join('')}</a>`;
    const [, , , children] = (await parsed(xml)) as [string, object, string, [string, object, string | null][]];
    expect(children).toHaveLength(texts.length);
    const plain = 'tab\t <tag> & "quotes" é😀\nline';
    const [, , text] = (await parsed(`<a>${escaped(plain)}</a>`)) as [string, object, string];
    expect(text).toBe(plain);
  });
});

describe('annotations of GitHub', () => {
  test.each([
    [
      { file: 'a, b:c.ipynb', line: 3, title: '50 %' },
      'one\r\ntwo: 5 %, x',
      '::error file=a%2C b%3Ac.ipynb,line=3,title=50 %25::one%0D%0Atwo: 5 %25, x',
    ],
    [{ file: 'a', line: null, title: 't' }, '', '::error file=a,title=t::'],
    [{ file: 'a', line: 1, title: 't' }, '\x1b[31m::set-env::\x1b[0m', '::error file=a,line=1,title=t::::set-env::'],
  ])('%j', (properties, message, expected) => {
    expect(command(properties, message)).toBe(expected);
  });

  test('the file is named as the repository knows it', () => {
    const there = { GITHUB_WORKSPACE: `${process.cwd()}/a` };
    expect(annotations(failed(), () => 1, there)).toEqual([
      '::error file=b.ipynb,line=23,title=cell 2%2C line 1%3A ValueError::cell 2 raised ValueError: a <b> & "c"\u0007%0Araise ValueError%0A%0ACell In[2], line 1',
    ]);
    expect(annotations(differs(), () => 7, there)).toEqual([
      '::error file=d.ipynb,line=7,title=cell 1%3A other outputs than are stored::stdout differs:%0A- one%0A+ two',
    ]);
    expect(annotations(reportOf('a.ipynb'), () => 1, {})).toEqual([]);
  });
});

describe('the line that failed', () => {
  const two = { source: 'x = 1\ny\nz', executionCount: 2 };
  const error = (...traceback: string[]) => ({ ename: 'NameError', evalue: 'v', traceback });
  test.each([
    ['ipykernel', error('Cell \x1b[32mIn[2], line 2\x1b[0m\n----> 2 y'), 2],
    [
      'the innermost of its own',
      error('Cell In[2], line 3\n', 'Cell In[2], line 1, in f()', 'Cell In[1], line 2, in g()'),
      1,
    ],
    ['another cell only', error('Cell In[1], line 1'), null],
    ['IPython 8.0', error('Input \x1b[0;32mIn [2]\x1b[0m, in <cell line: 3>()\n----> 3 z'), 3],
    ['IPython 7', error('<ipython-input-2-0123abcdef> in <module>\n      1 x = 1\n----> 2 y\n      3 z\n'), 2],
    ['xeus-python', error('In  [2]:\nLine 2:     \n\nNameError'), 2],
    ['a SyntaxError', { ename: 'SyntaxError', evalue: 'invalid syntax (<string>, line 2)', traceback: [] }, 2],
    ['a line that it does not have', error('Cell In[2], line 9'), null],
    ['Deno, which counts in what it made of it', error('Error: no', '    at <anonymous>:2:9'), null],
  ])('%s', (_, raised, line) => {
    expect(failingLine(raised, two)).toBe(line);
  });

  test('its line in the file', () => {
    const text = notebookOf(['a', 'b']);
    const lines = text.split('\n');
    expect(lines[lineInFile(text, 1, 1)! - 1]).toContain('"b"');
    const several = JSON.stringify({ cells: [{ source: ['one\n', 'two'] }, { source: 'one\ntwo' }] }, null, 1);
    expect(several.split('\n')[lineInFile(several, 0, 2)! - 1]).toContain('"two"');
    expect(several.split('\n')[lineInFile(several, 1, 2)! - 1]).toContain('"one\\ntwo"');
    const pieces = JSON.stringify({ cells: [{ source: ['one\ntwo\n', 'three\n', 'four\n'] }] }, null, 1).split('\n');
    const at = [1, 2, 3, 4].map((line) => pieces[lineInFile(pieces.join('\n'), 0, line)! - 1]!.trim());
    expect(at).toEqual(['"one\\ntwo\\n",', '"one\\ntwo\\n",', '"three\\n",', '"four\\n"']);
    expect(lineInFile(several, 9, 1)).toBeNull();
    expect(lineInFile('{', 0, 1)).toBeNull();
  });

  test('a long traceback keeps its beginning and its end', () => {
    const text = Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n');
    const short = shortTraceback(text, false).split('\n');
    expect([short[0], short[12], short.at(-1)]).toEqual([
      'line 0',
      '… 60 lines left out; --verbose shows them',
      'line 99',
    ]);
    expect(shortTraceback(text, true)).toBe(text);
  });
});

describe('differences', () => {
  test.each([
    ['changed', 'a\nb\nc\nd\n', 'a\nb\nX\nd\n', ['p differs:', '  a', '  b', '- c', '+ X', '  d']],
    ['new', null, 'a\n', ['p is new:', '+ a']],
    ['gone', 'a', null, ['p is gone:', '- a']],
    ['the last newline', 'a\n', 'a', ['p has lost its last newline']],
    ['cut', 'a\n', 'b\nc\nd\n', ['p differs:', '- a', '+ b', '  … 2 more lines; --verbose shows them']],
    ['control characters', 'a\n', 'b\x1b[2J\n', ['p differs:', '- a', '+ b\ufffd[2J']],
  ])('%s', (name, stored, now, lines) => {
    expect(differenceText({ part: 'p', stored, now }, painter(false), name === 'cut' ? 2 : 10)).toEqual(lines);
  });

  test('--ignore', () => {
    const without = (text: string, ...given: string[]) =>
      ignored(given).reduce(
        (rest, pattern) => rest.replace(new RegExp(pattern, `${pattern.flags.replace('g', '')}g`), '_'),
        text,
      );
    expect(without('at 2026-01-02 03:04:05.6 and 2026-01-02T03:04:05Z, Fri Jan  2 03:04:05 2026', '@dates')).toBe(
      'at _ and _, _',
    );
    expect(without('3 ms, 1.5 s, 2min, 17 µs ± 3 ns, 5 sheep', '@durations')).toBe('_, _, _, _ ± _, 5 sheep');
    expect(without('123e4567-e89b-42d3-a456-426614174000', '@uuids')).toBe('_');
    expect(without('id=5 id=6 0x7f0011223344', 'id=\\d')).toBe('_ _ _');
    expect(() => ignored(['('])).toThrow(expect.objectContaining({ kind: 'usage' }));
    expect(() => ignored(['@nothing'])).toThrow(expect.objectContaining({ kind: 'usage' }));
  });

  test.each([
    [['nbval-skip'], '1', 'skip', true],
    [[], '# NBVAL_SKIP\n1', 'skip', true],
    [[], 'x\n  # NBVAL_IGNORE_OUTPUT', 'ignore-output', true],
    [[], '// PYTEST_VALIDATE_IGNORE_OUTPUT', 'ignore-output', true],
    [['nbval-raises-exception'], '1', 'raises-exception', true],
    [['other'], 'print("# NBVAL_SKIP")', 'skip', false],
  ] as const)('a cell with %j and %j is marked', (tags, source, mark, expected) => {
    expect(isMarked({ cell_type: 'code', metadata: { tags: [...tags] }, source }, mark)).toBe(expected);
  });
});

describe('where a run goes on', () => {
  const cell = (id: string, source: string, more: object = {}) => ({
    ...{ cell_type: 'code', id, metadata: {}, source, outputs: [], execution_count: null, ...more },
  });
  const raised = { output_type: 'error', ename: 'E', evalue: 'v', traceback: [] };
  const given: Notebook = newNotebook([cell('a', '1'), cell('b', 'fixed'), cell('c', '3')]);
  const before: Notebook = newNotebook([
    cell('p', 'x = 1', { execution_count: 1, metadata: { tags: ['injected-parameters'] } }),
    cell('a', '1', { execution_count: 2, outputs: [{ output_type: 'stream', name: 'stdout', text: '1' }] }),
    cell('b', 'broken', { execution_count: 3, outputs: [raised] }),
    cell('c', '3'),
  ]);

  test('at the cell that failed, with what was shown before it', () => {
    const { index, notebook, changed } = resume(given, 'failed', before, false);
    expect({ index, changed }).toEqual({ index: 1, changed: [] });
    expect(notebook.cells[0]).toMatchObject({ execution_count: 2, outputs: [{ text: '1' }] });
    expect(notebook.cells[1]).toBe(given.cells[1]);
  });

  test.each([
    ['2', 1],
    ['c', 2],
  ])('at %s', (from, index) => {
    expect(resume(given, from, null, false).index).toBe(index);
  });

  test('after errors that are allowed, at the first cell that was not executed', () => {
    expect(resume(given, 'failed', before, true).index).toBe(2);
  });

  test('what is not executed again though it changed', () => {
    expect(resume(given, 'c', before, false).changed).toEqual([1]);
  });

  test.each([
    ['0', before],
    ['4', before],
    ['nothing', before],
    ['failed', null],
    ['failed', newNotebook([cell('a', '1', { execution_count: 1 })])],
  ])('%s: there is no such cell', (from, previous) => {
    expect(() => resume(given, from, previous, false)).toThrow(expect.objectContaining({ kind: 'no-such-cell' }));
  });
});

describe('which notebooks, and where to', () => {
  test('of directories all below, in order, but what is no notebook of theirs', async () => {
    await using user = await isolatedEnv();
    const { dir } = user;
    const files = ['b.ipynb', 'a/z.ipynb', 'a/a.ipynb', 'a/a.executed.ipynb', 'a/own.executed.ipynb', 'a/b.txt'];
    const passed = [
      '.ipynb_checkpoints/a-checkpoint.ipynb',
      '.hidden/a.ipynb',
      'node_modules/a.ipynb',
      'py/pyvenv.cfg',
      'py/a.ipynb',
    ];
    for (const file of [...files, ...passed]) await dir.write(`n/${file}`, '');
    const root = dir.join('n');
    const found = await findNotebooks([`${root}/b.ipynb`, root, `${root}/a`]);
    expect(found.map(({ path }) => path)).toEqual(
      ['b.ipynb', 'a/a.ipynb', 'a/own.executed.ipynb', 'a/z.ipynb'].map((name) => `${root}/${name}`),
    );
    const tasks = await withTargets(found, false, { output: dir.join('out') });
    expect(tasks.map(({ target }) => target)).toEqual(
      ['b.ipynb', 'a/a.ipynb', 'a/own.executed.ipynb', 'a/z.ipynb'].map((name) => {
        return { kind: 'file', path: dir.join(`out/${name}`), makeDirectory: true };
      }),
    );
    await expect(findNotebooks([await dir.dir('empty')])).rejects.toMatchObject({ kind: 'no-notebooks' });
  });

  const [a, b] = [
    { path: 'x/a.ipynb', below: 'a.ipynb' },
    { path: 'y/a.ipynb', below: 'a.ipynb' },
  ];

  test.each([
    [{}, { kind: 'file', path: 'x/a.executed.ipynb', makeDirectory: false }],
    [{ inplace: true }, { kind: 'file', path: 'x/a.ipynb', makeDirectory: false }],
    [{ output: 'o' }, { kind: 'file', path: 'o', makeDirectory: false }],
    [{ output: 'o/' }, { kind: 'file', path: 'o/a.ipynb', makeDirectory: true }],
    [{ stdout: true }, { kind: 'stdout' }],
    [{ check: true }, { kind: 'none' }],
    [
      { check: true, inplace: true },
      { kind: 'file', path: 'x/a.ipynb', makeDirectory: false },
    ],
  ])('%j', async (options, target) => {
    expect(await withTargets([a], true, options)).toEqual([{ path: 'x/a.ipynb', target }]);
  });

  test('two of one name, into one directory: how both can be had', async () => {
    const told = withTargets([a, b], false, { output: '/nowhere/out' });
    await expect(told).rejects.toMatchObject({
      kind: 'usage',
      fix: expect.stringContaining('the directory that has both'),
    });
  });

  test('one, into a directory that is there: as cp has it', async () => {
    await using dir = await tempDir();
    const output = await dir.dir('out');
    const target = { kind: 'file', path: dir.join('out/a.ipynb'), makeDirectory: true };
    expect(await withTargets([a], true, { output })).toEqual([{ path: 'x/a.ipynb', target }]);
  });

  test.each([[{ output: 'o.ipynb' }], [{ output: 'o' }], [{ stdout: true }]])(
    'two, %j: wrong usage',
    async (options) => {
      await expect(withTargets([a, b], false, options)).rejects.toMatchObject({ kind: 'usage' });
    },
  );
});

describe('several at the same time', () => {
  test('no more than so many, told in order, as soon as those before are there', async () => {
    const ends = new Map<number, () => void>();
    const told: number[] = [];
    let most = 0;
    const done = inOrder(
      [0, 1, 2, 3],
      2,
      (at) => {
        most = Math.max(most, ends.size + 1);
        return new Promise<number>((resolve) => {
          ends.set(at, () => {
            ends.delete(at);
            resolve(at);
          });
        });
      },
      async (at) => void told.push(at),
    );
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    expect([...ends.keys()]).toEqual([0, 1]);
    ends.get(1)?.();
    await turn();
    expect([[...ends.keys()], told]).toEqual([[0, 2], []]);
    ends.get(0)?.();
    await turn();
    expect([[...ends.keys()], told]).toEqual([
      [2, 3],
      [0, 1],
    ]);
    ends.get(3)?.();
    ends.get(2)?.();
    expect(await done).toEqual([0, 1, 2, 3]);
    expect([told, most]).toEqual([[0, 1, 2, 3], 2]);
  });

  test('those on one kernel take turns', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const one = async (key: string, name: string) => {
      const end = await turns.take(key);
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
      end();
    };
    await Promise.all([one('k', 'a'), one('k', 'b')]);
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });
});

describe('progress', () => {
  const code = (source: string) => ({ cell_type: 'code', metadata: {}, source });
  const [first, second] = [code('load()\nmore()'), code('fit()')];
  const start = (index: number) => ({ type: 'cell-start', index, total: 3, cell: [first, second][index]! }) as const;
  const end = (index: number) => ({ ...start(index), type: 'cell-end', status: 'ok' }) as const;

  function board(total: number, hasLive: boolean) {
    const [lives, notes]: string[][] = [[], []];
    const screen = {
      hasLive,
      liveColumns: 60,
      live: (line: string) => lives!.push(line),
      note: (line: string) => notes!.push(line),
    };
    return { board: new ProgressBoard(screen as unknown as Screen, total, true), lives: lives!, notes: notes! };
  }

  test('one: the cell, its time, the kernel and the source', () => {
    const { board: all, lives, notes } = board(1, true);
    using progress = all.begin([first, { cell_type: 'markdown', metadata: {}, source: '#' }, second], null);
    all.draw();
    expect(lives.at(-1)).toMatch(/^ {2}starting the kernel {2}\d+ ms$/);
    progress.watch({ status: 'busy' });
    progress.take(start(0));
    expect(lives.at(-1)).toMatch(/^ {2}1\/2 {2}\d+ ms {2}busy, \d+ ms in all {2}load\(\)$/);
    progress.take(end(0));
    all[Symbol.dispose]();
    expect([lives.at(-1), notes]).toEqual(['', []]);
  });

  test('several share a line, which is no longer than the terminal is wide', () => {
    const { board: all, lives } = board(3, true);
    using a = all.begin([first, second], 'a.ipynb');
    using b = all.begin([second], 'b.ipynb');
    a.watch({ status: 'idle' });
    a.take(start(0));
    expect(lives.at(-1)).toMatch(/^ {2}0 of 3 done {2}a\.ipynb 1\/2 idle \d+ ms {2}b\.ipynb starting/);
    expect(lives.at(-1)!.length).toBeLessThan(60);
    b[Symbol.dispose]();
    expect(lives.at(-1)).toMatch(/^ {2}1 of 3 done {2}a\.ipynb 1\/2/);
    all[Symbol.dispose]();
  });

  test('where there is no terminal, a line for each cell, with its notebook where others run beside it', () => {
    const { board: all, lives, notes } = board(2, false);
    using a = all.begin([first, second], 'a.ipynb');
    using b = all.begin([second], null);
    for (const event of [start(0), end(0)]) a.take(event);
    for (const event of [start(1), end(1)]) b.take(event);
    expect(notes).toEqual([
      expect.stringMatching(/^ {2}a\.ipynb {2}1\/2 {2}cell 1 {2}ok {2}\d+ ms$/),
      expect.stringMatching(/^ {2}1\/1 {2}cell 2 {2}ok {2}\d+ ms$/),
    ]);
    all[Symbol.dispose]();
    expect(lives).toEqual([]);
  });
});
