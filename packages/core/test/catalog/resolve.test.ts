import { mkdirSync, symlinkSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  AmbiguousKernelError,
  type Catalog,
  type CatalogEntry,
  catalog,
  compareEntries,
  KernelNotFoundError,
  resolveKernel,
} from '../../src/catalog/index.js';
import { entryWith, Tree, USER } from './support.js';

/** Few words, so that ids, names, display names and languages run into each other. */
const word = fc.constantFrom('python3', 'python', 'py', 'Python', 'Python 3', 'r', 'R', 'ir', 'deno', 'De no');
const entry = fc
  .record({
    name: word.map((text) => text.toLowerCase()),
    displayName: word,
    language: fc.constantFrom('python', 'R', 'typescript', ''),
    source: fc.constantFrom('kernelspec' as const, 'runtime' as const),
    startable: fc.boolean(),
    hidden: fc.constantFrom(null, null, null, { reason: 'shadowed', by: 'x' }),
  })
  .map(entryWith);
const kernels = fc
  .array(entry, { maxLength: 6 })
  .map((entries) => entries.map((each, index): CatalogEntry => ({ ...each, id: `id${index}` })).sort(compareEntries));
const query = fc.oneof(word, fc.constantFrom('id0', 'id1', 'typescript', 'p', 'PYTHON', 'd', 'x', ''));

type Outcome = { taken: string; others: string[] } | { ambiguous: string[] } | 'none';

/** What the contract says, read off line by line. */
function byContract(entries: readonly CatalogEntry[], asked: string): Outcome {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const starts = (a: string) => asked !== '' && a.toLowerCase().startsWith(asked.toLowerCase());
  const shown = entries.filter((each) => !each.hidden);
  const exactName = shown.filter((each) => same(each.name, asked));
  const rungs: { all: CatalogEntry[]; unique: boolean }[] = [
    { all: entries.filter((each) => each.id === asked), unique: false },
    {
      all: [
        ...exactName.filter((each) => each.source === 'kernelspec'),
        ...exactName.filter((each) => each.source !== 'kernelspec'),
      ],
      unique: false,
    },
    { all: shown.filter((each) => each.displayName === asked), unique: true },
    { all: shown.filter((each) => asked !== '' && same(each.language, asked)), unique: false },
    { all: shown.filter((each) => starts(each.name) || starts(each.displayName)), unique: true },
  ];
  const rung = rungs.find(({ all }) => all.length > 0);
  if (!rung) return 'none';
  const [taken, ...others] = rung.all.map(({ id }) => id);
  if (rung.unique && others.length > 0) return { ambiguous: [taken!, ...others] };
  return { taken: taken!, others };
}

async function outcome(found: Catalog, asked: string, cwd: string): Promise<Outcome> {
  try {
    const { entry, others } = await resolveKernel(found, asked, { cwd });
    return { taken: entry.id, others: others.map(({ id }) => id) };
  } catch (error) {
    if (error instanceof AmbiguousKernelError) return { ambiguous: error.candidates.map(({ id }) => id) };
    if (!(error instanceof KernelNotFoundError)) throw error;
    expect(error.candidates.map(({ id }) => id)).toEqual(
      found.kernels.filter((each) => !each.hidden).map(({ id }) => id),
    );
    return 'none';
  }
}

test('the order of the contract, on generated catalogs', async () => {
  using tree = new Tree();
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(kernels, query, async (entries, asked) => {
      const expected = byContract(entries, asked);
      reached.add(typeof expected === 'string' ? expected : Object.keys(expected).join());
      expect(await outcome({ kernels: entries, searched: [] }, asked, tree.path)).toEqual(expected);
    }),
    { numRuns: 1500 },
  );
  expect([...reached].sort()).toEqual(['ambiguous', 'none', 'taken,others']);
});

test('the errors say what could have been asked for, and where was looked', async () => {
  using tree = new Tree();
  const found: Catalog = {
    kernels: [entryWith({ name: 'one' }), entryWith({ name: 'onto' })],
    searched: [{ path: '/closed', kind: 'kernelspecs', found: 0, error: 'permission denied', ms: 1 }],
  };
  const missing = resolveKernel(found, 'nope', { cwd: tree.path });
  await expect(missing).rejects.toMatchObject({ kind: 'kernel-not-found', query: 'nope', searched: found.searched });
  await expect(missing).rejects.toThrow(
    /"nope" \(known kernels: one, onto; could not be searched: \/closed: permission denied\)/,
  );
  const several = resolveKernel(found, 'on', { cwd: tree.path });
  await expect(several).rejects.toMatchObject({ kind: 'kernel-ambiguous', query: 'on' });
  await expect(several).rejects.toThrow(/2 kernels have the prefix "on": one \(one, kernelspec-one\); onto/);
});

/** A tree with an environment in the catalog, one that is not, and what else a path may lead to. */
function pathTree(): Tree {
  const tree = new Tree();
  const python = { language: 'python', argv: ['python', '-m', 'ipykernel_launcher', '-f', '{connection_file}'] };
  for (const env of ['active', 'other', 'bare']) {
    tree.program(`base/bin/python3`);
    tree.file(`${env}/pyvenv.cfg`, `home = ${tree.at('base/bin')}\nversion = 3.11.2\n`);
    tree.program(`${env}/bin/pip`);
    if (env !== 'bare') tree.file(`${env}/lib/python3.11/site-packages/ipykernel-6.29.5.dist-info/METADATA`, '');
    symlinkSync(tree.at('base/bin/python3'), tree.at(env, 'bin/python'));
  }
  tree.spec('active/share/jupyter/kernels', 'python3', { ...python, display_name: 'Active' });
  tree.spec('active/share/jupyter/kernels', 'bash', { argv: ['/bin/sh'] });
  tree.spec('other/share/jupyter/kernels', 'python3', { ...python, display_name: 'Other' });
  tree.spec('other/share/jupyter/kernels', 'bash', { argv: ['/bin/sh'], display_name: 'Other bash' });
  tree.spec(USER, 'mine', { display_name: 'Mine' });
  tree.spec('loose', 'kernel-dir', { display_name: 'Loose' });
  tree.file('loose/spec.json', JSON.stringify({ argv: ['/bin/sh'], display_name: 'By another name', language: 'sh' }));
  tree.file('loose/bad/kernel.json', '{');
  tree.file('loose/some.json', '{"a": 1}');
  tree.file('loose/kernel-1.json', JSON.stringify({ shell_port: 1, iopub_port: 2, transport: 'tcp', key: '' }));
  tree.file('work/mine-file', '');
  symlinkSync(tree.at('home'), tree.at('home-link'));
  symlinkSync(tree.at('active/bin'), tree.at('bin-link'));
  return tree;
}

test.each([
  ['work/../home/.local/share/jupyter/kernels/mine/kernel.json', 'Mine', 0],
  ['home/.local/share/jupyter/kernels/mine', 'Mine', 0],
  ['home-link/.local/share/jupyter/kernels/mine/', 'Mine', 0],
  ['loose/kernel-dir', 'Loose', 0],
  ['loose/kernel-dir/kernel.json', 'Loose', 0],
  ['loose/spec.json', 'By another name', 0],
  ['active', 'Active', 1],
  ['active/bin/python', 'Active', 0],
  ['bin-link/python', 'Active', 0],
  // its own kernelspec starts what its interpreter is: one row, called as the environment is
  ['other', 'other (Python 3.11.2)', 1],
  ['other/bin/python', 'other (Python 3.11.2)', 0],
])('a path: %s', async (path, displayName, others) => {
  using tree = pathTree();
  const options = tree.options({ VIRTUAL_ENV: tree.at('active') });
  const found = await catalog(options);
  const absolute = await resolveKernel(found, tree.at(path), options);
  expect([absolute.entry.displayName, absolute.others.length]).toEqual([displayName, others]);
  expect(absolute.entry.startable).toBe(true);
  const relative = await resolveKernel(found, `../${path}`, options);
  expect(relative.entry.id).toBe(absolute.entry.id);
});

test('a path to a connection file is a kernel that runs already', async () => {
  using tree = pathTree();
  const options = tree.options();
  const { entry } = await resolveKernel(await catalog(options), tree.at('loose/kernel-1.json'), options);
  expect(entry).toMatchObject({ source: 'running', argv: [], startable: true, file: tree.at('loose/kernel-1.json') });
});

test.each([
  ['any other JSON', 'loose/some.json', 'not-a-kernelspec'],
  ['a broken kernel.json', 'loose/bad', 'kernelspec-invalid'],
  ['nothing', 'none/kernel.json', 'kernel-not-found'],
  ['a directory of something else', 'work', 'kernel-not-found'],
])('a path to %s is a typed error', async (_, path, kind) => {
  using tree = pathTree();
  const options = tree.options();
  const resolved = resolveKernel(await catalog(options), tree.at(path), options);
  await expect(resolved).rejects.toMatchObject({
    kind,
    message: expect.stringContaining(path),
  });
});

test.each(['bare', 'bare/bin/python'])(
  'a path to an environment without a kernel is an entry that says so: %s',
  async (path) => {
    using tree = pathTree();
    const options = tree.options();
    const { entry } = await resolveKernel(await catalog(options), tree.at(path), options);
    expect(entry).toMatchObject({
      source: 'environment',
      startable: false,
      environment: { kind: 'venv', prefix: tree.at('bare'), kernelPackage: null },
      problem: { kind: 'ipykernel-missing', fix: expect.stringContaining(tree.at('bare/bin/python')) },
    });
  },
);

test('a kernel read by its path is started by the Python of the prefix that it lies in', async () => {
  using tree = pathTree();
  const options = tree.options();
  const { entry } = await resolveKernel(await catalog(options), tree.at('other'), options);
  expect(entry).toMatchObject({ prefix: tree.at('other'), program: tree.at('other/bin/python') });
});

test('a name wins over a file of that name, and a file that is no kernel does not hide a display name', async () => {
  using tree = pathTree();
  tree.file('work/Mine', 'no kernel');
  tree.spec('work', 'mine', { display_name: 'A directory called mine' });
  const options = tree.options();
  const found = await catalog(options);
  expect((await resolveKernel(found, 'mine', options)).entry.displayName).toBe('Mine');
  tree.spec(USER, 'another', { display_name: 'mine-file' });
  const again = await catalog(options);
  expect((await resolveKernel(again, 'mine-file', options)).entry.name).toBe('another');
});

test('a link of an environment into the system’s Python is the environment’s, by every name that it has there', async () => {
  using tree = new Tree();
  tree.file('usr/pyvenv.cfg', 'home = /usr/bin\nversion = 3.11.2\n');
  for (const name of ['python', 'python3', 'python3.11']) {
    mkdirSync(tree.at('usr/bin'), { recursive: true });
    symlinkSync('/usr/bin/python3', tree.at('usr/bin', name));
  }
  const options = tree.options();
  const found = await catalog(options);
  for (const name of ['python', 'python3', 'python3.11']) {
    const { entry } = await resolveKernel(found, tree.at('usr/bin', name), options);
    expect(entry.environment?.prefix, name).toBe(tree.at('usr'));
  }
});

test('the name of an environment means it where nothing of the contract fits', async () => {
  using tree = pathTree();
  const options = tree.options({ WORKON_HOME: tree.at('homes') });
  for (const name of ['sh', 'mine', 'analysis']) tree.file(`homes/${name}/pyvenv.cfg`, 'home = /usr/bin\n');
  for (const name of ['sh', 'mine', 'analysis']) tree.program(`homes/${name}/bin/python`, '\x7fELF');
  const found = await catalog(options);
  const named = async (query: string) => (await resolveKernel(found, query, options)).entry;
  expect((await named('analysis')).environment?.name).toBe('analysis');
  // a kernelspec's name, and a language, come before it
  expect((await named('mine')).displayName).toBe('Mine');
  expect((await named('sh')).language).toBe('sh');
});

test('a hidden kernel can be had by id and by path', async () => {
  using tree = new Tree();
  tree.spec('extra/kernels', 'one', { display_name: 'first' });
  const file = tree.spec(USER, 'one', { display_name: 'second' });
  const options = tree.options({ JUPYTER_PATH: tree.at('extra') });
  const found = await catalog(options);
  expect((await resolveKernel(found, 'one', options)).entry.displayName).toBe('first');
  const hidden = await resolveKernel(found, file, options);
  expect(hidden.entry).toMatchObject({ displayName: 'second', hidden: { reason: 'shadowed' } });
  expect((await resolveKernel(found, hidden.entry.id, options)).entry.specFile).toBe(file);
  await expect(resolveKernel(found, 'second', options)).rejects.toBeInstanceOf(KernelNotFoundError);
});

test('the binary of a runtime is a path to it', async () => {
  using tree = new Tree();
  const deno = tree.program('opt/deno', '\x7fELF');
  symlinkSync(deno, tree.at('deno-link'));
  const options = { ...tree.options(), deno };
  const found = await catalog(options);
  expect((await resolveKernel(found, deno, options)).entry.source).toBe('runtime');
});
