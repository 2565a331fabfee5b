import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { describeKernel, type IsolatedEnv, isolatedEnv } from '../../../testing/support/index.js';
import {
  addSpec,
  alive,
  begin,
  ensureBuilt,
  faultySpec,
  jsonLines,
  kernelkit,
  notebookOf,
  userWith,
} from './support.js';

beforeAll(ensureBuilt);

interface Cell {
  id: string;
  outputs: { text?: string[]; ename?: string }[];
  execution_count: number | null;
}

const cellsOf = (path: string): Cell[] => (JSON.parse(readFileSync(path, 'utf8')) as { cells: Cell[] }).cells;
const textsOf = (path: string) =>
  cellsOf(path).map(({ outputs }) => outputs.map(({ text = [] }) => text.join('')).join(''));

const ok = [['reply'], ['idle']];
const steps = (...list: unknown[][]) => JSON.stringify(list);
const says = (text: string) => steps(['stream', text], ...ok);

/** A user with a directory of notebooks for the scripted kernel. */
async function library(books: Record<string, readonly string[]>): Promise<{ user: IsolatedEnv; root: string }> {
  const user = await isolatedEnv();
  await addSpec(user, 'mine', faultySpec());
  const metadata = { kernelspec: { name: 'mine', display_name: 'Mine', language: 'steps' } };
  for (const [name, sources] of Object.entries(books))
    await user.dir.write(`books/${name}`, notebookOf(sources, metadata));
  return { user, root: user.dir.join('books') };
}

test('a directory, several at the same time: results in a directory, a report, annotations, and all told in order', async () => {
  const { user, root } = await library({
    'a.ipynb': [steps(['wait', 300], ['stream', 'late\n'], ...ok)],
    'sub/b.ipynb': [says('b\n'), steps(['reply', 'error'], ['idle']), says('never\n')],
    'sub/c.ipynb': [says('c\n')],
  });
  await using _ = user;
  const out = user.dir.join('out');
  const junit = user.dir.join('out/reports/junit.xml');
  const env = { ...user.env, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: user.dir.path };
  const args = ['run', root, '--jobs', '3', '-o', out, '--junit', junit, '--json'];
  const { status, stdout, stderr } = await kernelkit(args, { env });
  expect(status).toBe(1);
  const results = jsonLines(stdout).filter((line) => 'executed' in line);
  expect(results.map(({ notebook, output, status: of }) => [notebook, output, of])).toEqual([
    [`${root}/a.ipynb`, `${out}/a.ipynb`, 'ok'],
    [`${root}/sub/b.ipynb`, `${out}/sub/b.ipynb`, 'error'],
    [`${root}/sub/c.ipynb`, `${out}/sub/c.ipynb`, 'ok'],
  ]);
  expect(textsOf(`${out}/sub/b.ipynb`)).toEqual(['b\n', '', '']);
  expect(stderr.split('\n').filter((line) => /: (?:executed|stopped after) /.test(line))).toMatchObject([
    expect.stringContaining('a.ipynb: executed 1 cell in '),
    expect.stringContaining('b.ipynb: stopped after 2 cells in '),
    expect.stringContaining('c.ipynb: executed 1 cell in '),
  ]);
  expect(stderr).toMatch(/^3 notebooks in .*: 2 ok, 1 failed\n {2}\S+\/sub\/b\.ipynb: cell 2 raised E: v\n/m);
  // told once, and not for each
  expect(stderr.match(/^kernel: /gm)).toHaveLength(1);
  expect(stderr).toMatch(/^ {2}\S+\/sub\/b\.ipynb {2}2\/3 {2}cell 2 {2}error {2}/m);
  expect(stderr.split('\n').filter((line) => line.startsWith('::'))).toEqual([
    expect.stringMatching(/^::error file=books\/sub\/b\.ipynb,line=20,title=cell 2%3A [^:]*::cell 2 raised E: v%0A/),
  ]);
  expect(readFileSync(junit, 'utf8')).toMatch(
    /^<\?xml .*\n<testsuites name="kernelkit run" tests="5" failures="1" errors="0" /,
  );
  expect(readdirSync(root, { recursive: true }).filter((name) => /executed/.test(String(name)))).toEqual([]);
});

test('SIGINT while several run: no kernel is left, and each is written with what was executed', async () => {
  const waits = [says('one\n'), steps(['wait', 600_000])];
  const { user, root } = await library({ 'a.ipynb': waits, 'b.ipynb': waits, 'c.ipynb': waits });
  await using _ = user;
  const tmp = await user.dir.dir('tmp');
  const junit = user.dir.join('junit.xml');
  const args = ['run', root, '-k', 'mine', '--jobs', '2', '--verbose', '--junit', junit];
  await using running = begin(args, { env: { ...user.env, TMPDIR: tmp } });
  for (const name of ['a', 'b']) await running.until('stderr', new RegExp(`${name}\\.ipynb {2}1/2 {2}cell 1 {2}ok`));
  const pids = [...running.stderr.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid));
  expect(pids.map(alive)).toEqual([true, true]);
  running.child.kill('SIGINT');
  expect((await running.ended).status).toBe(130);
  expect(pids.map(alive)).toEqual([false, false]);
  expect(readdirSync(tmp)).toEqual([]);
  expect(readdirSync(root).sort()).toEqual(['a.executed.ipynb', 'a.ipynb', 'b.executed.ipynb', 'b.ipynb', 'c.ipynb']);
  expect(textsOf(`${root}/b.executed.ipynb`)[0]).toBe('one\n');
  expect(readFileSync(junit, 'utf8').match(/type="interrupted"/g)).toHaveLength(3);
});

test.each([
  [['--show', '--jobs', '2']],
  [['--show', '--stdout']],
  [['--ignore', 'x']],
  [['--from', '1', '-p', 'x=1']],
  [['--jobs', '0']],
])('%j: wrong usage', async (args) => {
  await using user = await isolatedEnv();
  const path = await user.dir.write('a.ipynb', notebookOf([]));
  expect(await kernelkit(['run', path, ...args], { env: user.env })).toMatchObject({ status: 2, stdout: '' });
});

describeKernel('ipykernel', () => {
  test('--check: a notebook as a test', async () => {
    await using user = await userWith(['ipykernel']);
    const sources = [
      'print("one", 1)',
      'object()',
      'import time; print(time.time_ns())',
      'import time\nprint(f"{time.time():.0f} s")',
      '1 / 0',
    ];
    const path = await user.dir.write('a.ipynb', notebookOf(sources, { kernelspec: { name: 'python3' } }));
    const run = (...args: string[]) => kernelkit(['run', path, ...args], { env: user.env });
    const empty = await run('--check', '--allow-errors');
    expect(empty).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('has no stored outputs: nothing was compared'),
    });
    expect((await run('--inplace', '--allow-errors')).status).toBe(0);
    const stored = JSON.parse(readFileSync(path, 'utf8')) as { cells: { metadata: object; source: string[] }[] };
    stored.cells[0]!.source = ['print("one", 2)'];
    stored.cells[2]!.metadata = { tags: ['nbval-ignore-output'] };
    stored.cells[4]!.metadata = { tags: ['nbval-raises-exception'] };
    const text = JSON.stringify(stored, null, 1);
    await user.dir.write('a.ipynb', text);
    const { status, stdout, stderr } = await run('--check', '--json', '--ignore', '@durations');
    expect(status).toBe(1);
    expect(stderr).toMatch(/a\.ipynb: executed 5 cells in .*, 3 of 4 as stored\n/);
    expect(stderr).toMatch(/a\.ipynb: cell 1: print\("one", 2\)\n {2}stdout differs:\n {2}- one 1\n {2}\+ one 2\n/);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      ...{ output: null, status: 'error', executed: 5, error: { kind: 'output-differs' } },
      check: {
        compared: 4,
        nothing_stored: 0,
        differ: [{ cell: 0, differences: [{ part: 'stdout', stored: 'one 1\n', now: 'one 2\n' }] }],
      },
    });
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(readdirSync(user.dir.path).sort()).toEqual(['a.ipynb', 'home']);
  });

  test('a failure names the cell, its line and the line of the file; --show prints what comes', async () => {
    await using user = await userWith(['ipykernel']);
    const path = await user.dir.write(
      'home/a.ipynb',
      notebookOf(['def f(x):\n    return 1 / x', 'print("before")\n6 * 7', 'y = 0\nf(y)']),
    );
    const { status, stdout, stderr } = await kernelkit(['run', 'a.ipynb', '-k', 'python3', '--show'], {
      env: user.env,
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'before\n42\n' });
    const line =
      readFileSync(path, 'utf8')
        .split('\n')
        .findIndex((text) => text.includes('f(y)')) + 1;
    expect(stderr).toMatch(new RegExp(`^a\\.ipynb:${line}: cell 3, line 2: f\\(y\\)$`, 'm'));
    // it was printed when it came
    expect(stderr.match(/Traceback/g)).toHaveLength(1);
    const json = await kernelkit(['run', 'a.ipynb', '-k', 'python3', '--show', '--json', '--quiet'], { env: user.env });
    expect(jsonLines(json.stdout).find((each) => 'output' in each && 'cell' in each)).toEqual({
      ...{ notebook: 'a.ipynb', cell: 1, output: { output_type: 'stream', name: 'stdout', text: 'before\n' } },
    });
    expect(jsonLines(json.stdout).at(-1)).toMatchObject({
      error: { at: { cell: 2, id: 'cell-2', line: 2, text: 'f(y)', file_line: line } },
    });
  });

  test('a kernel that is kept with its state, and gone on with from the cell that failed', async () => {
    await using user = await userWith(['ipykernel']);
    const runtime = await user.dir.dir('run');
    chmodSync(runtime, 0o700);
    const env = { ...user.env, XDG_RUNTIME_DIR: runtime };
    const run = (...args: string[]) => kernelkit(args, { env });
    const write = (second: string) =>
      user.dir.write('home/a.ipynb', notebookOf(['import os; x = os.getpid(); print(x)', second, 'print(x)']));
    await write('y = 1 / 0');
    try {
      const failed = await run('run', 'a.ipynb', '-k', 'python3', '--keep-kernel', '--json');
      expect(failed.status).toBe(1);
      const { kept } = jsonLines(failed.stdout).at(-1) as { kept: { id: string } };
      expect(failed.stderr).toContain(`kernelkit run a.ipynb -k ${kept.id} --from failed\n`);
      await write('y = 1');
      const went = await run('run', 'a.ipynb', '-k', kept.id, '--from', 'failed', '--json');
      expect(went.status).toBe(0);
      expect(jsonLines(went.stdout).map(({ cell, executed }) => cell ?? { executed })).toEqual([1, 2, { executed: 2 }]);
      const [first, , third] = textsOf(user.dir.join('home/a.executed.ipynb'));
      expect(third).toBe(first);
      expect(Number(first)).toBeGreaterThan(0);
      // one whose notebook comes to its end is not kept
      expect((await run('run', 'a.ipynb', '-k', 'python3', '--keep-kernel')).status).toBe(0);
      const { kernels } = JSON.parse((await run('ps', '--json')).stdout) as { kernels: { id: string }[] };
      expect(kernels.map(({ id }) => id)).toEqual([kept.id]);
      expect((await run('stop', kept.id)).status).toBe(0);
      expect(alive(Number(first))).toBe(false);
      // every other kernel is no answer to an id
      const gone = await run('run', 'a.ipynb', '-k', kept.id, '--from', '2');
      expect(gone).toMatchObject({ status: 3, stderr: expect.stringMatching(/has ended.*\n {2}fix: .*kernelkit ps;/) });
      expect(gone.stderr).not.toContain('candidates');
      const nowhere = await run('run', 'a.ipynb', '--from', 'failed', '-o', 'other.ipynb');
      expect(nowhere).toMatchObject({ status: 2, stderr: expect.stringContaining('(other.ipynb)') });
    } finally {
      await run('stop', '--all', '--yes');
    }
  });
});
