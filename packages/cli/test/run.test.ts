import { execFile } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeKernel, isolatedEnv, kernel, peerPython } from '../../../testing/support/index.js';
import {
  addSpec,
  alive,
  begin,
  ensureBuilt,
  faultySpec,
  jsonLines,
  kernelkit,
  notebookOf,
  quickstart,
  userWith,
} from './support.js';

beforeAll(ensureBuilt);

interface Read {
  nbformat: number;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: {
    source: string[];
    outputs?: Record<string, unknown>[];
    execution_count?: number | null;
    metadata: Record<string, unknown>;
  }[];
}

const read = (path: string): Read => JSON.parse(readFileSync(path, 'utf8'));

/** The independent judge: the reference implementation of the format. Silent where it is not to be had; CI requires it. */
async function validate(path: string): Promise<void> {
  if (!kernel('peer').available) return;
  const script =
    'import nbformat, sys; nb = nbformat.read(sys.argv[1], 4); nbformat.validate(nb); assert (nb.nbformat, nb.nbformat_minor) == (4, 5)';
  await promisify(execFile)(peerPython(), ['-c', script, path]);
}

const ok = [['reply'], ['idle']];
const steps = (...list: unknown[][]) => JSON.stringify(list);
const says = (text: string) => steps(['stream', text], ...ok);

describe('with a scripted kernel', () => {
  test('the result is NAME.executed.ipynb beside the notebook; the notebook is as it was', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const text = notebookOf([says('one\n'), says('two\n')]);
    const path = await user.dir.write('books/a.ipynb', text);
    const { status, stdout, stderr } = await kernelkit(['run', path, '-k', 'mine'], { env: user.env });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(
      /^ {2}1\/2 {2}cell 1 {2}ok {2}\d+ ms\n {2}2\/2 {2}cell 2 {2}ok {2}\d+ ms\n.*: executed 2 cells in .*, written to /,
    );
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(readdirSync(user.dir.join('books')).sort()).toEqual(['a.executed.ipynb', 'a.ipynb']);
    const { cells, metadata } = read(user.dir.join('books/a.executed.ipynb'));
    expect(cells.map(({ outputs }) => outputs)).toEqual([
      [{ output_type: 'stream', name: 'stdout', text: ['one\n'] }],
      [{ output_type: 'stream', name: 'stdout', text: ['two\n'] }],
    ]);
    expect(metadata.kernelspec).toEqual({ name: 'mine', display_name: 'Faulty', language: 'steps' });
    await validate(user.dir.join('books/a.executed.ipynb'));
  });

  test('-o, --inplace, --stdout and -o -', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const path = await user.dir.write('a.ipynb', notebookOf([says('one\n')]));
    const run = (...args: string[]) => kernelkit(['run', path, '-k', 'mine', '--quiet', ...args], { env: user.env });
    expect(await run('-o', user.dir.join('b.ipynb'))).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const piped = await run('--stdout');
    expect(piped).toMatchObject({ status: 0, stderr: '' });
    expect((JSON.parse(piped.stdout) as Read).cells[0]?.outputs).toHaveLength(1);
    expect((JSON.parse((await run('-o', '-')).stdout) as Read).cells[0]?.outputs).toHaveLength(1);
    expect(read(path).cells[0]?.outputs).toEqual([]);
    chmodSync(path, 0o640);
    symlinkSync('a.ipynb', user.dir.join('link.ipynb'));
    const linked = await kernelkit(['run', user.dir.join('link.ipynb'), '-k', 'mine', '--inplace'], { env: user.env });
    expect(linked.status).toBe(0);
    expect(read(path).cells[0]?.outputs).toHaveLength(1);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(user.dir.path).sort()).toEqual(['a.ipynb', 'b.ipynb', 'home', 'link.ipynb']);
  });

  test('a cell that fails: 1, what was executed is written, what comes after is not', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const error = steps(['reply', 'error'], ['idle']);
    const path = await user.dir.write('a.ipynb', notebookOf([says('one\n'), error, says('three\n')]));
    const out = user.dir.join('out.ipynb');
    const { status, stderr } = await kernelkit(['run', path, '-k', 'mine', '-o', out], { env: user.env });
    expect(status).toBe(1);
    expect(stderr).toMatch(/stopped after 2 cells[\s\S]*cell 2 raised E: v/);
    expect(read(out).cells.map(({ execution_count }) => execution_count)).toEqual([1, 2, null]);
    await validate(out);
    const allowed = await kernelkit(['run', path, '-k', 'mine', '-o', out, '--allow-errors'], { env: user.env });
    expect(allowed.status).toBe(0);
    expect(read(out).cells.map(({ execution_count }) => execution_count)).toEqual([1, 2, 3]);
  });

  test('a kernel that dies: 5, its last words, and what was executed is written', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const dies = steps(['stream', 'two\n'], ['stderr', 'Boom\n'], ['wait', 100], ['exit', 9]);
    const path = await user.dir.write('a.ipynb', notebookOf([says('one\n'), dies, says('three\n')]));
    const out = user.dir.join('out.ipynb');
    const { status, stderr } = await kernelkit(['run', path, '-k', 'mine', '-o', out], { env: user.env });
    expect(status).toBe(5);
    expect(stderr).toContain('| Boom');
    const { cells } = read(out);
    expect(cells[0]?.outputs).toHaveLength(1);
    expect(cells[1]?.outputs).toEqual([{ output_type: 'stream', name: 'stdout', text: ['two\n'] }]);
    await validate(out);
  });

  test.each([
    ['no file', null, 'input-unreadable'],
    ['no JSON', 'hello', 'not-json'],
    ['cut off', notebookOf(['1']).slice(0, -40), 'not-json'],
    ['no notebook', '{"a": 1}', 'not-a-notebook'],
    ['a list', '[]', 'not-a-notebook'],
    [
      'a format that nobody knows',
      '{"nbformat": 9, "nbformat_minor": 0, "metadata": {}, "cells": []}',
      'unsupported-version',
    ],
    ['a cell of a wrong type', '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [3]}', 'invalid'],
  ])('bad input, %s: 8, nothing is written', async (_, text, kind) => {
    await using user = await isolatedEnv();
    const folder = await user.dir.dir('books');
    if (text !== null) await user.dir.write('books/a.ipynb', text);
    const { status, stdout, stderr } = await kernelkit(['run', '--json', 'books/a.ipynb'], {
      env: user.env,
      cwd: user.dir.path,
    });
    expect(status).toBe(8);
    expect(stderr).not.toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      notebook: 'books/a.ipynb',
      status: 'error',
      executed: 0,
      error: { kind },
    });
    expect(readdirSync(folder)).toEqual(text === null ? [] : ['a.ipynb']);
  });

  test.each([
    ['a directory that is not there', 'nowhere/out.ipynb'],
    ['a file for a directory', 'a.ipynb/out.ipynb'],
  ])('a result that cannot be written, %s: 9, before any kernel is started', async (_, out) => {
    await using user = await isolatedEnv();
    // A kernel that leaves a trace of having been started.
    const trace = user.dir.join('started');
    await addSpec(user, 'mine', {
      argv: ['/bin/sh', '-c', `: > ${trace}`, '{connection_file}'],
      display_name: 'X',
      language: 'x',
    });
    const path = await user.dir.write('a.ipynb', notebookOf(['1']));
    const { status, stderr } = await kernelkit(['run', path, '-k', 'mine', '-o', user.dir.join(out)], {
      env: user.env,
    });
    expect(status).toBe(9);
    expect(stderr).toContain('cannot be written');
    expect(existsSync(trace)).toBe(false);
    // The trace would be there: with a result that can be written, the kernel is started (and ends at once).
    expect(
      (await kernelkit(['run', path, '-k', 'mine', '-o', user.dir.join('out.ipynb')], { env: user.env })).status,
    ).toBe(4);
    expect(existsSync(trace)).toBe(true);
    expect(existsSync(user.dir.join('out.ipynb'))).toBe(false);
  });

  test('several notebooks: all are executed, the worst status counts', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const good = await user.dir.write('good.ipynb', notebookOf([says('one\n')]));
    const bad = await user.dir.write('bad.ipynb', '{');
    const fails = await user.dir.write('fails.ipynb', notebookOf([steps(['reply', 'error'], ['idle'])]));
    const { status, stdout } = await kernelkit(['run', '--json', '-k', 'mine', bad, fails, good], { env: user.env });
    expect(status).toBe(8);
    const last = jsonLines(stdout).filter((line) => 'executed' in line);
    expect(last.map((line) => line.status)).toEqual(['error', 'error', 'ok']);
    expect(existsSync(user.dir.join('good.executed.ipynb'))).toBe(true);
    expect(existsSync(user.dir.join('fails.executed.ipynb'))).toBe(true);
  });

  test('--json: a line for each cell, then one for the notebook', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const path = await user.dir.write('a.ipynb', notebookOf([says('one\n'), steps(['reply', 'error'], ['idle'])]));
    const out = user.dir.join('out.ipynb');
    const { stdout } = await kernelkit(['run', '--json', '-k', 'mine', path, '-o', out], { env: user.env });
    expect(jsonLines(stdout)).toEqual([
      { notebook: path, cell: 0, id: 'cell-0', status: 'ok', execution_count: 1, ms: expect.any(Number) },
      { notebook: path, cell: 1, id: 'cell-1', status: 'error', execution_count: 2, ms: expect.any(Number) },
      {
        notebook: path,
        output: out,
        status: 'error',
        executed: 2,
        kernel: { id: expect.any(String), name: 'mine' },
        error: { kind: 'cell-error', message: 'cell 2 raised E: v', fix: expect.any(String) },
      },
    ]);
  });

  test('the kernel is the one that the notebook asks for, and standard error says so', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const metadata = { kernelspec: { name: 'mine', display_name: 'As the author had it', language: 'steps' } };
    const path = await user.dir.write('a.ipynb', notebookOf([says('one\n')], metadata));
    const { status, stderr } = await kernelkit(['run', path, '--inplace'], { env: user.env });
    expect(status).toBe(0);
    expect(stderr).toMatch(/^kernel: mine \(Faulty\): the notebook asks for the kernel mine$/m);
    expect(read(path).metadata.kernelspec).toEqual(metadata.kernelspec);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s in the middle of a cell: %i, no process, no file', async (signal, expected) => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const tmp = await user.dir.dir('tmp');
    const folder = await user.dir.dir('books');
    const path = await user.dir.write('books/a.ipynb', notebookOf([says('one\n'), steps(['wait', 600_000])]));
    await using running = begin(['run', '--verbose', '-k', 'mine', path], { env: { ...user.env, TMPDIR: tmp } });
    const [, pid] = await running.until('stderr', /process (\d+)/);
    await running.until('stderr', /1\/2 {2}cell 1 {2}ok/);
    expect(alive(Number(pid))).toBe(true);
    running.child.kill(signal);
    expect((await running.ended).status).toBe(expected);
    expect(alive(Number(pid))).toBe(false);
    expect(readdirSync(tmp)).toEqual([]);
    expect(readdirSync(folder)).toEqual(['a.ipynb']);
  });
});

describeKernel('ipykernel', () => {
  test("parameters, the notebook's directory, and --cwd", async () => {
    await using user = await userWith(['ipykernel']);
    const path = await user.dir.write(
      'books/a.ipynb',
      notebookOf(['import os; print(os.getcwd(), year, region, on)'], { kernelspec: { name: 'python3' } }),
    );
    const there = await user.dir.dir('there');
    const run = async (...args: string[]) => {
      const ran = await kernelkit(
        ['run', path, '--stdout', '-p', 'year=2026', '-p', 'region=north', '-p', 'on=True', ...args],
        { env: user.env },
      );
      expect(ran.status).toBe(0);
      return (JSON.parse(ran.stdout) as Read).cells;
    };
    const cells = await run();
    expect(cells[0]?.metadata.tags).toEqual(['injected-parameters']);
    expect(cells[1]?.outputs).toMatchObject([{ text: [`${user.dir.join('books')} 2026 north True\n`] }]);
    expect((await run('--cwd', there))[1]?.outputs).toMatchObject([{ text: [`${there} 2026 north True\n`] }]);
  });

  test('--timeout is for each cell: 6, the cell is interrupted, what there is is written', async () => {
    await using user = await userWith(['ipykernel']);
    const path = await user.dir.write('a.ipynb', notebookOf(['print(1)', 'import time; time.sleep(600)', 'print(3)']));
    const out = user.dir.join('out.ipynb');
    const { status, stderr } = await kernelkit(['run', path, '-k', 'python3', '-o', out, '--timeout', '5'], {
      env: user.env,
    });
    expect(status).toBe(6);
    expect(stderr).toContain('cell 2 ran longer than 5 s');
    const { cells } = read(out);
    expect(cells[1]?.outputs?.at(-1)).toMatchObject({ output_type: 'error', ename: 'KeyboardInterrupt' });
    expect(cells[2]?.outputs).toEqual([]);
    await validate(out);
  });

  test('an error shows its traceback, without colour in a pipe', async () => {
    await using user = await userWith(['ipykernel']);
    const path = await user.dir.write('a.ipynb', notebookOf(['1 / 0']));
    const { status, stderr } = await kernelkit(['run', path, '-k', 'python3', '--stdout'], { env: user.env });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /Traceback[\s\S]*ZeroDivisionError: division by zero\n[\s\S]*cell 1 raised ZeroDivisionError/,
    );
    expect(stderr).not.toContain('\x1b');
  });
});

describeKernel(['ipykernel', 'ipykernel6', 'xpython-raw', 'ir', 'deno'], ({ name }) => {
  test('the quickstart', async () => {
    await using user = await userWith([name]);
    const named = name.startsWith('ipykernel') ? 'python3' : name;
    const out = user.dir.join('out.ipynb');
    const { status, stderr } = await kernelkit(['run', quickstart, '-k', named, '-o', out], { env: user.env });
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('executed 4 cells') });
    const { cells, metadata } = read(out);
    const first = cells.find(({ outputs }) => outputs !== undefined)?.outputs?.[0] as
      | { data: Record<string, string[]> }
      | undefined;
    expect(first?.data['text/plain']?.join('')).toContain('42');
    expect(metadata.kernelspec).toMatchObject({ name: named });
    expect(metadata.language_info).toMatchObject({ name: expect.any(String) });
    await validate(out);
  });
});
