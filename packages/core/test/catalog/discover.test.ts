import { existsSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  builtInSources,
  type CatalogEntry,
  catalog,
  discover,
  type Interpreter,
  interpreterSource,
  type KernelSource,
} from '../../src/catalog/index.js';
import { AbortedError } from '../../src/errors/index.js';
import { PYTHON_SPEC, Tree, USER } from './support.js';

function options(tree: Tree, env: Record<string, string> = {}) {
  return { ...tree.options({ WORKON_HOME: tree.at('envs'), ...env }), cache: false as const };
}

test('results stream: kernels are told while the search goes on, and the whole list is its end', async () => {
  using tree = new Tree();
  tree.spec(USER, 'mine');
  for (let number = 0; number < 20; number++) tree.venv(`envs/env-${number}`);
  // a source that never ends, until the caller has heard of what the others found
  let release = (): void => {};
  const slow: KernelSource = {
    name: 'slow',
    find: () => new Promise((resolve) => (release = () => resolve({ entries: [], searched: [] }))),
  };
  const own = options(tree);
  const search = discover({ ...own, sources: [slow, ...builtInSources({ deno: false })] });
  const told: string[] = [];
  // the system's own Python may turn out to be a kernelspec's
  const doubles = new Set<string>();
  for (;;) {
    const step = await search.next();
    if (step.done) {
      expect(step.value.kernels.filter(({ hidden }) => hidden === null).map(({ id }) => id)).toEqual(
        expect.arrayContaining(told.filter((id) => !doubles.has(id))),
      );
      break;
    }
    const { type, entry } = step.value;
    if (type === 'added') told.push(entry.id);
    else if (type === 'changed' && entry.hidden !== null) doubles.add(entry.id);
    if (told.length === 21) release();
  }
  expect(told.length).toBeGreaterThanOrEqual(21);
});

test('a row that turns out to be another one’s double is told as changed', async () => {
  using tree = new Tree();
  const prefix = tree.venv('envs/demo');
  tree.spec(USER, 'mine', { ...PYTHON_SPEC, argv: [`${prefix}/bin/python`, ...PYTHON_SPEC.argv.slice(1)] });
  const state = new Map<string, CatalogEntry>();
  for await (const { type, entry } of discover(options(tree))) {
    if (type === 'removed') state.delete(entry.id);
    else state.set(entry.id, entry);
  }
  const { kernels } = await catalog(options(tree));
  // whoever followed the events has the list
  const hidden = (list: Iterable<CatalogEntry>) => [...list].map(({ id, hidden }) => [id, hidden]).sort();
  expect(hidden(state.values())).toEqual(hidden(kernels));
});

test('whoever stops listening ends the search', async () => {
  using tree = new Tree();
  let ended = false;
  const endless: KernelSource = {
    name: 'endless',
    async *find() {
      try {
        for (let number = 0; ; number++) {
          yield { type: 'place', place: { path: `${number}`, kind: 'source', found: 0, error: null, ms: 0 } };
          yield { type: 'entry', entry: (await catalog(options(tree))).kernels[0]! };
        }
      } finally {
        ended = true;
      }
    },
  };
  tree.spec(USER, 'mine');
  for await (const _ of discover({ ...options(tree), sources: [endless] })) break;
  await expect.poll(() => ended).toBe(true);
});

test('an abort ends it between two looks', async () => {
  using tree = new Tree();
  for (let number = 0; number < 50; number++) tree.venv(`envs/env-${number}`);
  const abort = new AbortController();
  const search = async () => {
    for await (const _ of discover({ ...options(tree), signal: abort.signal })) abort.abort(new Error('enough'));
  };
  await expect(search()).rejects.toBeInstanceOf(AbortedError);
});

test('an editor supplies its own interpreters, and the variables of their activation', async () => {
  using tree = new Tree();
  const known = tree.venv('somewhere/known');
  const bare = tree.venv('somewhere/bare', { ipykernel: null });
  const list = async function* (): AsyncGenerator<Interpreter> {
    yield { python: `${known}/bin/python`, name: 'From the editor' };
    yield { prefix: bare, kind: 'conda', variables: { CONDA_PREFIX: bare, PYTHONHOME: null } };
    yield { python: tree.at('gone/bin/python') };
  };
  const own = options(tree);
  const found = await catalog({ ...own, sources: [...builtInSources({ deno: false }), interpreterSource(list())] });
  const at = (prefix: string) => found.kernels.find(({ owner }) => owner?.prefix === prefix);
  expect(at(known)).toMatchObject({ displayName: 'From the editor (Python 3.11.2)', startable: true });
  // what is importable under the editor's variables, the editor knows
  expect(at(bare)).toMatchObject({
    startable: true,
    environment: { kind: 'conda' },
    owner: { variables: { CONDA_PREFIX: bare } },
  });
  expect(found.searched.find(({ path }) => path === tree.at('gone/bin/python'))?.error).not.toBeNull();
});

test('R with IRkernel in a library is a kernel without a kernelspec; without IRkernel it says how to get it', async () => {
  using tree = new Tree();
  tree.program('opt/R/bin/R');
  const own = options(tree, { PATH: tree.at('opt/R/bin'), R_LIBS_USER: tree.at('lib'), R_LIBS: '' });
  const of = async () => (await catalog(own)).kernels.find(({ source, name }) => source === 'runtime' && name === 'ir');
  const systemHasIt = ['/usr/lib/R', '/usr/local/lib/R'].some((dir) => existsSync(`${dir}/site-library/IRkernel`));
  if (!systemHasIt)
    expect(await of()).toMatchObject({
      startable: false,
      problem: { kind: 'irkernel-missing', fix: expect.stringContaining('install.packages') },
    });
  tree.file('lib/IRkernel/DESCRIPTION', 'Package: IRkernel\nVersion: 1.3.2\n');
  expect(await of()).toMatchObject({
    startable: true,
    language: 'R',
    argv: [tree.at('opt/R/bin/R'), '--slave', '-e', 'IRkernel::main()', '--args', '{connection_file}'],
  });
  // registered, it is one row
  tree.spec(USER, 'ir', {
    argv: ['R', '--slave', '-e', 'IRkernel::main()', '--args', '{connection_file}'],
    display_name: 'R',
    language: 'R',
  });
  expect((await of())?.hidden?.reason).toBe('duplicate');
});

test('Julia with IJulia in its depot is a kernel without a kernelspec', async () => {
  using tree = new Tree();
  tree.program('opt/bin/julia');
  const own = options(tree, { PATH: tree.at('opt/bin'), JULIA_DEPOT_PATH: tree.at('depot') });
  const script = tree.file('depot/packages/IJulia/Vo51o/src/kernel.jl', '');
  const of = async () => (await catalog(own)).kernels.find(({ name }) => name === 'julia');
  expect(await of()).toBeUndefined();
  tree.file('depot/environments/v1.10/Project.toml', '[deps]\nIJulia = "7073ff75-c697-5162-941a-fcdaad2a7d2a"\n');
  expect(await of()).toMatchObject({
    startable: true,
    language: 'julia',
    argv: [tree.at('opt/bin/julia'), '-i', '--color=yes', script, '{connection_file}'],
  });
});

test('what was found out is kept in the user’s cache, and nowhere else', async () => {
  using tree = new Tree();
  tree.venv('envs/demo');
  const { cache: _, ...own } = options(tree);
  const first = await catalog(own);
  const file = tree.at('home/.cache/kernelkit/environments.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = await catalog(own);
  const plain = ({ kernels }: typeof first) =>
    kernels.map(({ id, displayName, problem }) => [id, displayName, problem]);
  expect(plain(again)).toEqual(plain(first));
});
