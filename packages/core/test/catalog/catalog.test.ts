import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  builtInSources,
  type Catalog,
  type CatalogEntry,
  catalog,
  type KernelSource,
  kernelspecSource,
  toJson,
} from '../../src/catalog/index.js';
import { AbortedError } from '../../src/errors/index.js';
import { entryWith, Tree, USER } from './support.js';

/** The entries of the tree: the machine that the tests run on may have kernels of its own in /usr/share. */
function own(found: Catalog, tree: Tree): CatalogEntry[] {
  return found.kernels.filter(({ specFile, argv }) => (specFile ?? argv[0])?.startsWith(tree.path));
}

function named(found: Catalog, tree: Tree, name: string): CatalogEntry {
  const entry = own(found, tree).find((each) => each.name === name);
  expect(entry, name).toBeDefined();
  return entry!;
}

test('an installed kernelspec is an entry with the fields of the contract, in its order, and no others', async () => {
  using tree = new Tree();
  const specFile = tree.spec(USER, 'MyKernel', { display_name: 'Mine', env: { A: 'b' }, interrupt_mode: 'message' });
  const found = await catalog(tree.options());
  const entry = named(found, tree, 'mykernel');
  expect(entry.spec).toMatchObject({ env: { A: 'b' }, interrupt_mode: 'message' });
  const json = toJson(entry);
  expect(json).toEqual({
    id: expect.stringMatching(/^kernelspec-[0-9a-f]{12}$/),
    source: 'kernelspec',
    name: 'mykernel',
    displayName: 'Mine',
    language: 'sh',
    argv: ['/bin/sh', '{connection_file}'],
    specFile,
    resourceDir: tree.at(USER, 'MyKernel'),
    environment: null,
    startable: true,
    problem: null,
    hidden: null,
    server: null,
  });
  expect(Object.keys(json)).toEqual([
    'id',
    'source',
    'name',
    'displayName',
    'language',
    'argv',
    'specFile',
    'resourceDir',
    'environment',
    'startable',
    'problem',
    'hidden',
    'server',
  ]);
  expect(found.searched.find(({ path }) => path === tree.at(USER))).toEqual({
    path: tree.at(USER),
    kind: 'kernelspecs',
    found: 1,
    error: null,
    ms: expect.any(Number),
  });
});

test('ids are the same from run to run and by whatever way the file is reached, and no two are alike', async () => {
  using tree = new Tree();
  tree.spec(USER, 'one');
  tree.spec(USER, 'two');
  symlinkSync(tree.at(USER, 'one'), tree.at(USER, 'alias'));
  symlinkSync(tree.at('home'), tree.at('elsewhere'));
  const ids = async (options: ReturnType<Tree['options']>) =>
    Object.fromEntries(own(await catalog(options), tree).map(({ name, id }) => [name, id]));
  const first = await ids(tree.options());
  expect(new Set(Object.values(first)).size).toBe(3);
  expect(await ids(tree.options())).toEqual(first);
  const { env } = tree.options({ JUPYTER_DATA_DIR: tree.at('elsewhere/.local/share/jupyter') });
  expect(await ids({ ...tree.options(), env })).toEqual(first);
});

test('a shadowed spec is hidden by the one that hides it; a broken one hides as well, and says what is wrong', async () => {
  using tree = new Tree();
  const path = tree.at('extra');
  tree.spec('extra/kernels', 'one', { display_name: 'first' });
  tree.spec(USER, 'one', { display_name: 'second' });
  const broken = tree.file('extra/kernels/two/kernel.json', '{');
  tree.spec(USER, 'two');
  const found = await catalog(tree.options({ JUPYTER_PATH: path }));
  const entries = own(found, tree);
  const [first, second] = ['first', 'second'].map((name) => entries.find(({ displayName }) => displayName === name));
  expect(first?.hidden).toBeNull();
  expect(second?.hidden).toEqual({ reason: 'shadowed', by: first?.id });
  expect(second?.startable).toBe(true);
  const invalid = entries.find(({ specFile }) => specFile === broken);
  expect(invalid).toMatchObject({ name: 'two', startable: false, hidden: null, argv: [], spec: null });
  expect(invalid?.problem).toEqual({
    kind: 'kernelspec-invalid',
    message: expect.stringContaining(broken),
    fix: expect.any(String),
  });
  expect(entries.find(({ name, startable }) => name === 'two' && startable)?.hidden?.by).toBe(invalid?.id);
});

test('a spec whose program is missing is shown, and says what was looked for', async () => {
  using tree = new Tree();
  const plain = tree.file('no/program', '');
  tree.program('bin/here');
  tree.program('bin/directory/x');
  tree.program('work/local/run');
  const cases: [argv0: string, startable: boolean][] = [
    [tree.at('nowhere'), false],
    [plain, false],
    [tree.at('bin'), false],
    [tree.at('bin/here'), true],
    ['here', true],
    ['directory', false],
    ['there', false],
    ['local/run', true],
    ['{resource_dir}/../../../../../../bin/here', true],
    ['~/../bin/here', true],
    ['{unknown}/x', false],
    ['', false],
  ];
  for (const [index, [program]] of cases.entries()) tree.spec(USER, `k${index}`, { argv: [program, 'x'] });
  tree.spec(USER, 'none', { argv: [] });
  const found = await catalog(tree.options());
  for (const [index, [program, startable]] of cases.entries()) {
    const entry = named(found, tree, `k${index}`);
    expect([program, entry.startable, entry.hidden]).toEqual([program, startable, null]);
    if (startable) continue;
    expect(entry.problem).toMatchObject({ kind: 'program-not-found', fix: expect.any(String) });
    expect(entry.problem?.message).toContain(JSON.stringify(program));
  }
  expect(named(found, tree, 'none').problem?.kind).toBe('kernelspec-invalid');
});

test('a PATH of the spec’s own counts', async () => {
  using tree = new Tree();
  tree.program('tools/special');
  tree.spec(USER, 'own', { argv: ['special'], env: { PATH: `${tree.at('tools')}:$PATH` } });
  tree.spec(USER, 'braced', { argv: ['special'], env: { PATH: '$' + '{PATH}' } });
  const found = await catalog(tree.options());
  expect([named(found, tree, 'own').startable, named(found, tree, 'braced').startable]).toEqual([true, false]);
  expect(named(found, tree, 'own').program).toBeNull();
});

test('python is the Python of the prefix that owns the spec, before PATH’s', async () => {
  using tree = new Tree();
  tree.program('bin/python');
  tree.program('bin/python3.9');
  const python = tree.program('env/bin/python3');
  const tool = tree.program('env/bin/R');
  const kernels = 'env/share/jupyter/kernels';
  tree.spec(kernels, 'a', { argv: ['python'] });
  tree.spec(kernels, 'b', { argv: ['python3'] });
  tree.spec(kernels, 'c', { argv: ['python3.9'] });
  tree.spec(kernels, 'd', { argv: ['R'] });
  tree.spec(kernels, 'e', { argv: ['{prefix}/bin/R'] });
  tree.spec(kernels, 'f', { argv: ['python3.8'] });
  tree.spec(USER, 'g', { argv: ['python'] });
  const found = await catalog(tree.options({ VIRTUAL_ENV: tree.at('env') }));
  const specs = own(found, tree).filter(({ source }) => source === 'kernelspec');
  const programs = specs.map(({ name, program, startable }) => [name, program, startable]);
  expect(Object.fromEntries(programs.map(([name, ...rest]) => [name, rest]))).toEqual({
    a: [python, true],
    b: [python, true],
    // another version than the prefix has: PATH's
    c: [null, true],
    d: [tool, true],
    // a path is what it is
    e: [null, true],
    f: [null, false],
    g: [null, true],
  });
  expect(named(found, tree, 'a').prefix).toBe(tree.at('env'));
  expect(named(found, tree, 'a').argv).toEqual(['python']);
  expect(named(found, tree, 'g').prefix).toBeNull();
});

test('either general name means whichever Python the prefix has', async () => {
  using tree = new Tree();
  const python3 = tree.program('three/bin/python3');
  const python = tree.program('plain/bin/python');
  tree.spec('three/share/jupyter/kernels', 'a', { argv: ['python'] });
  tree.spec('plain/share/jupyter/kernels', 'b', { argv: ['python3'] });
  const prefixes = [{ prefix: tree.at('three') }, { prefix: tree.at('plain') }];
  const found = await catalog({ ...tree.options(), prefixes });
  expect([named(found, tree, 'a').program, named(found, tree, 'b').program]).toEqual([python3, python]);
});

const debian =
  existsSync('/usr/bin/python3') && !existsSync('/usr/local/bin/python3') && !existsSync('/usr/local/bin/python');
test.runIf(debian)('a spec below /usr/local is run by the system’s Python where /usr/local has none', async () => {
  using tree = new Tree();
  tree.spec('kernels', 'a', { argv: ['python3'] });
  const root = { path: tree.at('kernels'), prefix: '/usr/local', origin: 'system' } as const;
  const found = await catalog({ ...tree.options(), sources: [kernelspecSource({ roots: [root] })] });
  expect(named(found, tree, 'a').program).toBe('/usr/bin/python3');
});

test('a spec that needs a provisioner of Jupyter’s cannot be started here', async () => {
  using tree = new Tree();
  const provisioner = (name: string) => ({ metadata: { kernel_provisioner: { provisioner_name: name } } });
  tree.spec(USER, 'remote', provisioner('ssh-provisioner'));
  tree.spec(USER, 'local', provisioner('local-provisioner'));
  const found = await catalog(tree.options());
  expect(named(found, tree, 'remote')).toMatchObject({
    startable: false,
    problem: { kind: 'provisioner-not-supported' },
  });
  expect(named(found, tree, 'local').startable).toBe(true);
});

test('the best first: startable, python3, other Pythons, the rest by name, the embedded Deno, hidden ones last', async () => {
  using tree = new Tree();
  const python = { language: 'python' };
  tree.spec(USER, 'zsh');
  tree.spec(USER, 'apl');
  tree.spec(USER, 'aaa', python);
  tree.spec(USER, 'python3', { ...python, argv: ['/bin/sh'] });
  tree.spec(USER, 'dead', { ...python, argv: ['/nowhere'] });
  tree.spec('extra/kernels', 'apl');
  const deno = tree.program('node_modules/@deno/x/deno', '\x7fELF');
  const found = await catalog({ ...tree.options({ JUPYTER_PATH: tree.at('extra') }), deno });
  expect(own(found, tree).map(({ name, startable, hidden }) => [name, startable, hidden !== null])).toEqual([
    ['python3', true, false],
    ['aaa', true, false],
    ['apl', true, false],
    ['zsh', true, false],
    ['deno', true, false],
    ['dead', false, false],
    ['apl', true, true],
  ]);
});

test('a source of the caller’s stands beside the built-in ones, and its failure costs no other kernel', async () => {
  using tree = new Tree();
  tree.spec(USER, 'mine');
  const mine: KernelSource = {
    name: 'editor',
    find: async ({ cwd }) => ({ entries: [entryWith({ name: cwd, source: 'environment' })], searched: [] }),
  };
  const failing: KernelSource = {
    name: 'failing',
    find: async () => {
      throw new Error('no such luck');
    },
  };
  const options = tree.options();
  const found = await catalog({ ...options, sources: [failing, mine, ...builtInSources({ deno: false })] });
  expect(found.kernels.some(({ name }) => name === options.cwd)).toBe(true);
  expect(named(found, tree, 'mine').startable).toBe(true);
  expect(found.searched).toContainEqual({
    path: 'failing',
    kind: 'source',
    found: 0,
    error: 'no such luck',
    ms: expect.any(Number),
  });
});

test('a place that cannot be searched says so', async () => {
  using tree = new Tree();
  tree.file('plain', '');
  const found = await catalog(tree.options({ JUPYTER_PATH: tree.at('plain') }));
  const place = found.searched.find(({ path }) => path === join(tree.at('plain'), 'kernels'));
  expect(place).toMatchObject({ found: 0, error: expect.stringContaining('ENOTDIR') });
});

test('an abort ends it', async () => {
  using tree = new Tree();
  mkdirSync(tree.at('home'));
  await expect(catalog({ ...tree.options(), signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortedError);
  const controller = new AbortController();
  const hanging: KernelSource = { name: 'hanging', find: () => new Promise(() => {}) };
  const found = catalog({ ...tree.options(), sources: [hanging], signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(found).rejects.toMatchObject({ kind: 'aborted' });
});
