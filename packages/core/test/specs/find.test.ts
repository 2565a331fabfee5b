import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AbortedError } from '../../src/errors/index.js';
import { NodeFiles } from '../../src/files/index.js';
import { type FoundSpecs, findKernelSpecs, type KernelSpecRoot, readSpec } from '../../src/specs/index.js';
import { putSpec, scratch, specText } from './tree.js';

function rootsAt(...paths: string[]): KernelSpecRoot[] {
  return paths.map((path) => ({ path, prefix: null, origin: 'argument' }));
}

const names = ({ specs }: FoundSpecs) => specs.map(({ name }) => name);

/** Runs with an unprivileged user's rights: root may read everything. */
async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid!(65534);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}

test('each kind of broken kernel.json is reported with its reason, and the others still load', async () => {
  using dir = scratch();
  const root = join(dir.path, 'kernels');
  putSpec(root, 'good', specText());
  putSpec(root, 'empty', { kind: 'text', text: '' });
  putSpec(root, 'json', { kind: 'text', text: '{"argv": [' });
  putSpec(root, 'types', specText({ env: 5 }));
  putSpec(root, 'list', { kind: 'text', text: '[]' });
  putSpec(root, 'bom', { kind: 'bytes', hex: 'efbbbf7b7d' });
  putSpec(root, 'latin1', { kind: 'bytes', hex: '22fc22' });
  putSpec(root, 'directory', { kind: 'directory' });
  putSpec(root, 'dangling', { kind: 'dangling-file' });
  putSpec(root, 'dangling-dir', { kind: 'dangling-directory' });
  putSpec(root, 'no-kernel', { kind: 'nothing' });
  putSpec(root, 'readme.txt', { kind: 'file-instead' });
  truncateSync(putSpec(root, 'huge', specText()), 17 * 1024 * 1024);
  mkdirSync(join(root, 'pipe'));
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(root, 'pipe', 'kernel.json')]);
  const loop = join(root, 'loop');
  symlinkSync(loop, loop);

  const found = await findKernelSpecs({ roots: rootsAt(root) });
  expect(names(found)).toEqual(['good']);
  expect(found.searched).toMatchObject([{ found: 1, error: null }]);
  expect(
    Object.fromEntries(found.broken.map(({ name, error, takesName }) => [name, [error.fault, takesName]])),
  ).toEqual({
    bom: ['byte-order-mark', true],
    dangling: ['dangling-link', false],
    'dangling-dir': ['dangling-link', false],
    directory: ['not-a-file', false],
    empty: ['empty', true],
    huge: ['too-large', true],
    json: ['not-json', true],
    latin1: ['not-utf8', true],
    list: ['wrong-type', true],
    loop: ['dangling-link', false],
    ...(process.platform !== 'win32' && { pipe: ['not-a-file', false] }),
    types: ['wrong-type', true],
  });
  for (const { error, specFile } of found.broken) {
    expect(error).toMatchObject({ kind: 'kernelspec-invalid', file: specFile });
    expect(error.message).toContain(specFile);
    expect(error.fix).toBeTruthy();
  }
  const wrong = found.broken.find(({ name }) => name === 'types');
  expect(wrong?.error.message).toContain('"env" must be an object, and is');
});

test('the first of a name wins, and what it hides says by whom; a broken one hides too, as it does in Jupyter', async () => {
  using dir = scratch();
  const [one, two] = [join(dir.path, 'one'), join(dir.path, 'two')];
  const first = putSpec(one, 'Python3', specText({ display_name: 'one' }));
  putSpec(two, 'python3', specText({ display_name: 'two' }));
  const broken = putSpec(one, 'ir', { kind: 'text', text: 'no' });
  putSpec(two, 'ir', specText());
  putSpec(one, 'deno', { kind: 'directory' });
  putSpec(two, 'deno', specText());
  putSpec(two, 'last', { kind: 'text', text: '' });

  const found = await findKernelSpecs({ roots: rootsAt(one, two) });
  expect(found.specs.map(({ name, root, shadowedBy }) => [name, root.path, shadowedBy])).toEqual([
    ['python3', one, null],
    ['deno', two, null],
    ['ir', two, broken],
    ['python3', two, first],
  ]);
  expect(found.broken.map(({ name, shadowedBy }) => [name, shadowedBy])).toEqual([
    ['deno', null],
    ['ir', null],
    ['last', null],
  ]);
});

test('of names that differ only in case, the lower-case one is taken, else the first by code unit', async () => {
  using dir = scratch();
  const file = putSpec(dir.path, 'ir', specText({ display_name: 'lower' }));
  putSpec(dir.path, 'IR', specText({ display_name: 'upper' }));
  const b = putSpec(dir.path, 'DENO', specText({ display_name: 'all upper' }));
  putSpec(dir.path, 'Deno', specText({ display_name: 'capital' }));
  const { specs } = await findKernelSpecs({ roots: rootsAt(dir.path) });
  expect(specs.map(({ name, spec, shadowedBy }) => [name, spec.display_name, shadowedBy])).toEqual([
    ['deno', 'all upper', null],
    ['deno', 'capital', b],
    ['ir', 'lower', null],
    ['ir', 'upper', file],
  ]);
});

test('one file found twice under one name is one kernel; under two names it is two', async () => {
  using dir = scratch();
  const one = join(dir.path, 'one');
  putSpec(one, 'python3', specText());
  symlinkSync(one, join(dir.path, 'link'));
  symlinkSync(join(one, 'python3'), join(one, 'py'));
  const { specs } = await findKernelSpecs({ roots: rootsAt(one, join(dir.path, 'link')) });
  expect(specs.map(({ name, shadowedBy }) => [name, shadowedBy])).toEqual([
    ['py', null],
    ['python3', null],
  ]);
});

test('a directory that is not there is no error; one that cannot be listed is', async () => {
  using dir = scratch();
  chmodSync(dir.path, 0o755);
  const closed = join(dir.path, 'closed');
  putSpec(closed, 'x', specText());
  chmodSync(closed, 0o000);
  const file = join(dir.path, 'file');
  writeFileSync(file, '');
  const good = join(dir.path, 'good');
  putSpec(good, 'python3', specText());
  const secret = putSpec(good, 'secret', specText());
  chmodSync(secret, 0o000);
  putSpec(good, 'sealed', specText());
  chmodSync(join(good, 'sealed'), 0o000);

  const roots = rootsAt(join(dir.path, 'none'), closed, file, join(file, 'below'), good);
  const found = await unprivileged(() => findKernelSpecs({ roots }));
  expect(found.searched.map(({ found, error }) => [found, error?.code ?? null])).toEqual([
    [0, null],
    [0, 'EACCES'],
    [0, 'ENOTDIR'],
    [0, 'ENOTDIR'],
    [1, null],
  ]);
  expect(found.searched[1]?.error?.message).toContain('permission denied');
  expect(names(found)).toEqual(['python3']);
  // Jupyter sees that the one is a file, and cannot see into the other
  expect(found.broken.map(({ name, error, takesName }) => [name, error.fault, takesName])).toEqual([
    ['sealed', 'unreadable', false],
    ['secret', 'unreadable', true],
  ]);
  for (const path of [closed, secret, join(good, 'sealed')]) chmodSync(path, 0o755);
});

test('what is odd but usable is in the warnings', async () => {
  using dir = scratch();
  putSpec(dir.path, 'odd', { kind: 'text', text: '{"metadata": {"x": NaN}}' });
  const { specs } = await findKernelSpecs({ roots: rootsAt(dir.path) });
  expect(specs[0]?.spec.metadata).toEqual({ x: null });
  expect(specs[0]?.warnings.join()).toContain('argv');
});

test('many directories are read, each once', async () => {
  using dir = scratch();
  for (let index = 0; index < 300; index++) putSpec(dir.path, `k${index}`, specText({ display_name: String(index) }));
  const { specs, searched } = await findKernelSpecs({ roots: rootsAt(dir.path) });
  expect(new Set(specs.map(({ spec }) => spec.display_name)).size).toBe(300);
  expect(searched[0]?.found).toBe(300);
});

test('an aborted search ends with the reason, whether before or while it runs', async () => {
  using dir = scratch();
  for (let index = 0; index < 50; index++) putSpec(dir.path, `k${index}`, specText());
  const reason = new Error('enough');
  const before = findKernelSpecs({ roots: rootsAt(dir.path), signal: AbortSignal.abort(reason) });
  await expect(before).rejects.toMatchObject({ name: 'AbortedError', kind: 'aborted', cause: reason });

  const controller = new AbortController();
  const during = findKernelSpecs({ roots: rootsAt(dir.path), signal: controller.signal });
  controller.abort(reason);
  await expect(during).rejects.toBeInstanceOf(AbortedError);
});

test('active environments are searched, before the user only when they are this user’s own', async () => {
  using dir = scratch();
  const path = (...parts: string[]) => join(dir.path, ...parts);
  putSpec(path('venv/share/jupyter/kernels'), 'python3', specText({ display_name: 'venv' }));
  putSpec(path('conda/share/jupyter/kernels'), 'python3', specText({ display_name: 'conda' }));
  putSpec(path('home/.local/share/jupyter/kernels'), 'python3', specText({ display_name: 'user' }));
  const order = async (env: Record<string, string>) => {
    const found = await findKernelSpecs({ env: { HOME: path('home'), ...env }, cwd: dir.path });
    return found.specs.filter(({ specFile }) => specFile.startsWith(dir.path)).map(({ spec }) => spec.display_name);
  };
  const venv = { VIRTUAL_ENV: path('venv') };
  const conda = { CONDA_PREFIX: path('conda'), CONDA_DEFAULT_ENV: 'work' };
  expect(await order({})).toEqual(['user']);
  expect(await order(venv)).toEqual(['venv', 'user']);
  expect(await order(conda)).toEqual(['conda', 'user']);
  expect(await order({ ...conda, CONDA_DEFAULT_ENV: 'base' })).toEqual(['user', 'conda']);
  expect(await order({ ...venv, ...conda })).toEqual(['venv', 'conda', 'user']);
  expect(await order({ ...venv, JUPYTER_PREFER_ENV_PATH: '0' })).toEqual(['user', 'venv']);
  chmodSync(dir.path, 0o755);
  if (process.geteuid?.() === 0) expect(await unprivileged(() => order(venv))).toEqual(['user', 'venv']);
});

test('nothing is written', async () => {
  using dir = scratch();
  putSpec(join(dir.path, '.local/share/jupyter/kernels'), 'python3', specText());
  const list = () =>
    readdirSync(dir.path, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((file) => [file, statSync(join(dir.path, file)).mtimeMs]);
  const before = list();
  const found = await findKernelSpecs({ env: { HOME: dir.path }, cwd: dir.path });
  expect(found.specs.some(({ specFile }) => specFile.startsWith(dir.path))).toBe(true);
  expect(list()).toEqual(before);
});

test('readSpec gives null where there is no file', async () => {
  using dir = scratch();
  expect(readSpec(new NodeFiles(), join(dir.path, 'kernel.json'))).toBeNull();
});
