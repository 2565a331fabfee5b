import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type CatalogEntry,
  catalog,
  denoSource,
  type SearchedPlace,
  type SourceResult,
} from '../../src/catalog/index.js';
import { NodeFiles } from '../../src/files/index.js';
import { Tree } from './support.js';

const target = process.platform === 'linux' ? `linux-${arch()}-glibc` : `${process.platform}-${arch()}`;
const native = '\x7fELF and so on';
const wrapper = '#!/usr/bin/env node\nrequire("child_process")';

async function find(
  tree: Tree,
  env: Record<string, string> = {},
  given?: string,
): Promise<{ entry: CatalogEntry | undefined; searched: SearchedPlace[] }> {
  const options = tree.options(env);
  const { env: variables, cwd } = options;
  const context = { platform: process.platform, env: variables, cwd, home: tree.path, files: new NodeFiles() };
  const { entries, searched } = denoSource(given).find(context) as SourceResult;
  expect(entries.length).toBeLessThanOrEqual(1);
  return { entry: entries[0], searched };
}

test('Deno is an entry that nothing on disk registers', async () => {
  using tree = new Tree();
  const deno = tree.program('bin/deno', native);
  const found = await catalog({ ...tree.options(), deno: undefined });
  const entry = found.kernels.find(({ source }) => source === 'runtime');
  expect(entry).toMatchObject({
    id: expect.stringMatching(/^runtime-[0-9a-f]{12}$/),
    name: 'deno',
    displayName: 'Deno',
    language: 'typescript',
    argv: [deno, 'jupyter', '--kernel', '--conn', '{connection_file}'],
    specFile: null,
    startable: true,
    problem: null,
    spec: { interrupt_mode: 'message' },
  });
  expect(found.searched).toContainEqual({
    path: deno,
    kind: 'runtimes',
    found: 1,
    error: null,
    ms: expect.any(Number),
  });
});

test('the option wins over KERNELKIT_DENO, which wins over PATH', async () => {
  using tree = new Tree();
  const onPath = tree.program('bin/deno', native);
  const ofEnv = tree.program('env/my-deno', native);
  const given = tree.program('work/given/deno', native);
  expect((await find(tree)).entry?.argv[0]).toBe(onPath);
  expect((await find(tree, { KERNELKIT_DENO: ofEnv })).entry?.argv[0]).toBe(ofEnv);
  expect((await find(tree, { KERNELKIT_DENO: ofEnv }, './given/deno')).entry?.argv[0]).toBe(given);
  expect((await find(tree, {}, 'deno')).entry?.argv[0]).toBe(onPath);
});

test('a Deno that was asked for and is not there is said, and no other is taken for it', async () => {
  using tree = new Tree();
  tree.program('bin/deno', native);
  const missing = tree.at('nope/deno');
  const { entry, searched } = await find(tree, { KERNELKIT_DENO: missing });
  expect(entry).toBeUndefined();
  expect(searched).toMatchObject([{ path: missing, found: 0, error: expect.stringContaining(missing) }]);
});

test('npm’s wrapper on PATH gives way to the binary behind it', async () => {
  using tree = new Tree();
  tree.program('project/node_modules/deno/bin.cjs', wrapper);
  const binary = tree.program(`project/node_modules/@deno/${target}/deno`, native);
  mkdirSync(tree.at('project/node_modules/.bin'));
  symlinkSync('../deno/bin.cjs', tree.at('project/node_modules/.bin/deno'));
  const PATH = tree.at('project/node_modules/.bin');
  expect((await find(tree, { PATH })).entry?.argv[0]).toBe(binary);

  // the package puts its binary beside the wrapper once it has run
  const beside = tree.program('project/node_modules/deno/deno', native);
  expect((await find(tree, { PATH })).entry?.argv[0]).toBe(beside);
});

test('a wrapper with nothing behind it is passed over; a shell script that execs is as good as the program', async () => {
  using tree = new Tree();
  tree.program('one/deno', wrapper);
  const shim = tree.program('two/deno', '#!/bin/sh\nexec /opt/deno "$@"\n');
  const PATH = `${tree.at('one')}:${tree.at('two')}`;
  expect((await find(tree, { PATH })).entry?.argv[0]).toBe(shim);
});

test('the npm package is found from the working directory upwards, also in the store of pnpm', async () => {
  using tree = new Tree();
  const binary = tree.program(`node_modules/@deno/${target}/deno`, native);
  expect((await find(tree)).entry?.argv[0]).toBe(binary);

  using store = new Tree();
  const kept = store.program(`store/deno@2/node_modules/@deno/${target}/deno`, native);
  store.program('store/deno@2/node_modules/deno/bin.cjs', wrapper);
  mkdirSync(store.at('node_modules'));
  symlinkSync(store.at('store/deno@2/node_modules/deno'), store.at('node_modules/deno'));
  expect((await find(store)).entry?.argv[0]).toBe(kept);
});

test('the Deno that this repository brings along is found from anywhere, and is a program of its own', async () => {
  using tree = new Tree();
  const { entry } = await find(tree);
  const file = entry?.argv[0] ?? '';
  expect(file).toMatch(/node_modules/);
  expect(execFileSync(file, ['--version'], { encoding: 'utf8' })).toMatch(/^deno \d/);
  expect(readdirSync(join(file, '..'))).toContain('package.json');
});
