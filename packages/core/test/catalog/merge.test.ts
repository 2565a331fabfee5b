import { mkdirSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  type Catalog,
  type CatalogEntry,
  catalog,
  kernelForNotebook,
  resolveKernel,
  toJson,
} from '../../src/catalog/index.js';
import { PYTHON_SPEC, Tree, USER } from './support.js';

/** The rows of the tree: `name|display name|hidden by|problem`, in the order of the list. */
function rows(found: Catalog, tree: Tree): string[] {
  return own(found, tree).map(({ source, displayName, hidden, problem }) => {
    const by = found.kernels.find(({ id }) => id === hidden?.by)?.displayName;
    return [source, displayName, hidden && `${hidden.reason} by ${by}`, problem?.kind].filter(Boolean).join(' | ');
  });
}

function own(found: Catalog, tree: Tree): CatalogEntry[] {
  return found.kernels.filter(({ owner, specFile }) => (owner?.prefix ?? specFile)?.startsWith(tree.path));
}

function options(tree: Tree, env: Record<string, string> = {}) {
  return { ...tree.options({ WORKON_HOME: tree.at('envs'), ...env }), cache: false as const };
}

test('an environment without a kernelspec is a kernel, with a spec made in memory', async () => {
  using tree = new Tree();
  const prefix = tree.venv('envs/demo');
  const found = await catalog(options(tree));
  const [entry] = own(found, tree);
  expect(toJson(entry!)).toEqual({
    id: expect.stringMatching(/^environment-[0-9a-f]{12}$/),
    source: 'environment',
    name: 'python3',
    displayName: 'demo (Python 3.11.2)',
    language: 'python',
    argv: [`${prefix}/bin/python`, '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
    specFile: null,
    resourceDir: null,
    environment: {
      kind: 'virtualenvwrapper',
      name: 'demo',
      prefix,
      python: `${prefix}/bin/python`,
      version: '3.11.2',
      kernelPackage: { name: 'ipykernel', version: '6.29.5' },
    },
    startable: true,
    problem: null,
    hidden: null,
    server: null,
  });
  expect(own(await catalog(options(tree)), tree)[0]?.id).toBe(entry?.id);
});

test('one without ipykernel is listed, and says which command would help', async () => {
  using tree = new Tree();
  const prefix = tree.venv('envs/bare', { ipykernel: null });
  tree.venv('envs/bare-uv', { ipykernel: null, cfg: 'uv = 0.5.0\n' });
  const found = own(await catalog(options(tree)), tree);
  expect(found.map(({ startable, problem }) => [startable, problem?.kind, problem?.fix])).toEqual([
    [false, 'ipykernel-missing', expect.stringMatching(/pip install .*ipykernel$/)],
    [false, 'ipykernel-missing', `uv pip install --python ${prefix}-uv/bin/python ipykernel`],
  ]);
});

test('a default spec and its own environment are one row, called as the environment is', async () => {
  using tree = new Tree();
  tree.venv('envs/demo');
  tree.ownSpec('envs/demo');
  tree.spec('envs/demo/share/jupyter/kernels', 'with-env', { ...PYTHON_SPEC, display_name: 'Other', env: { A: 'b' } });
  tree.spec('envs/demo/share/jupyter/kernels', 'java', { argv: ['/bin/sh', '{connection_file}'], language: 'java' });
  expect(rows(await catalog(options(tree)), tree)).toEqual([
    'environment | demo (Python 3.11.2)',
    // not the same: it sets a variable
    'kernelspec | Other',
    'kernelspec | java',
    'kernelspec | Python 3 (ipykernel) | duplicate by demo (Python 3.11.2)',
  ]);
});

test('where Jupyter itself lists the spec it is that one which is shown, by whichever name of its Python', async () => {
  using tree = new Tree();
  const prefix = tree.venv('envs/demo');
  tree.ownSpec('envs/demo');
  tree.spec(USER, 'mine', {
    ...PYTHON_SPEC,
    argv: [`${prefix}/bin/python3`, ...PYTHON_SPEC.argv.slice(1)],
    display_name: 'Mine',
  });
  tree.spec(USER, 'again', {
    ...PYTHON_SPEC,
    argv: [`${prefix}/bin/python`, '-m', 'ipykernel', ...PYTHON_SPEC.argv.slice(3)],
    display_name: 'Again',
  });
  const found = await catalog(options(tree));
  expect(rows(found, tree)).toEqual([
    // two names that the user gave: Jupyter lists both
    'kernelspec | Again',
    'kernelspec | Mine',
    'environment | demo (Python 3.11.2) | duplicate by Again',
    'kernelspec | Python 3 (ipykernel) | duplicate by Again',
  ]);
  expect(own(found, tree).map(({ environment, matched }) => [environment?.name, matched])).toEqual([
    ['demo', 'argv'],
    ['demo', 'argv'],
    ['demo', null],
    ['demo', 'owned'],
  ]);
});

test('what is shadowed by name leaves its environment a row of its own', async () => {
  using tree = new Tree();
  const one = tree.venv('envs/one');
  tree.venv('envs/two');
  tree.ownSpec('envs/two');
  const argv = [`${one}/bin/python`, ...PYTHON_SPEC.argv.slice(1)];
  tree.spec(USER, 'python3', { ...PYTHON_SPEC, argv, display_name: 'One' });
  const found = await catalog(options(tree, { VIRTUAL_ENV: tree.at('envs/two'), JUPYTER_PREFER_ENV_PATH: '0' }));
  expect(rows(found, tree)).toEqual([
    // active, so nearer than what Jupyter would call python3
    'environment | two (Python 3.11.2)',
    'kernelspec | One',
    'kernelspec | Python 3 (ipykernel) | shadowed by One',
    'environment | one (Python 3.11.2) | duplicate by One',
  ]);
  expect((await resolveKernel(found, 'python3', options(tree))).entry.displayName).toBe('One');
});

test('a name that Jupyter has no spec for is the nearest environment’s', async () => {
  using tree = new Tree();
  tree.venv('envs/far');
  tree.venv('work/.venv');
  const found = await catalog(options(tree));
  const { entry, others } = await resolveKernel(found, 'python3', options(tree));
  const isJupyters = entry.isJupyters;
  // where the machine has a python3 of Jupyter's, that one is taken
  if (!isJupyters) expect(entry.environment?.prefix).toBe(tree.at('work/.venv'));
  expect(others.length).toBeGreaterThan(0);
  expect(own(found, tree).map(({ environment }) => environment?.name)).toEqual(['.venv', 'far']);
});

test('environments that are called by their version: the newest first', async () => {
  using tree = new Tree();
  for (const version of ['2.7.18', '3.9.18', '3.13.0']) {
    tree.program(`pyenv/versions/${version}/bin/python`, '\x7fELF');
    mkdirSync(tree.at(`pyenv/versions/${version}/lib/python${/^\d+\.\d+/.exec(version)![0]}`), { recursive: true });
  }
  const found = await catalog(options(tree, { PYENV_ROOT: tree.at('pyenv') }));
  expect(own(found, tree).map(({ environment }) => environment?.version)).toEqual(['3.13.0', '3.9.18', '2.7.18']);
});

test('the nearest first: the project’s, above it, the active one, below it, Jupyter’s, kept by name', async () => {
  using tree = new Tree();
  tree.venv('envs/kept');
  tree.venv('envs/active');
  tree.venv('project/.venv');
  tree.venv('project/sub/.venv');
  tree.venv('project/sub/deep/er/.venv');
  tree.venv('envs/registered');
  tree.spec(USER, 'a-spec', {
    ...PYTHON_SPEC,
    argv: [tree.at('envs/registered/bin/python'), ...PYTHON_SPEC.argv.slice(1)],
  });
  const found = await catalog({
    ...options(tree, { VIRTUAL_ENV: tree.at('envs/active') }),
    cwd: tree.at('project/sub'),
  });
  const places = own(found, tree)
    .filter(({ hidden }) => hidden === null)
    .map(({ owner }) => owner?.prefix.slice(tree.path.length + 1));
  expect(places).toEqual([
    'project/sub/.venv',
    'project/.venv',
    'envs/active',
    'project/sub/deep/er/.venv',
    'envs/registered',
    'envs/kept',
  ]);
});

test.each([
  [
    'metadata.interpreter.path',
    'metadata',
    {
      argv: ['python', '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
      metadata: { interpreter: { path: 'PREFIX/bin/python' } },
    },
  ],
  ['argv[0]', 'argv', { argv: ['PREFIX/bin/python3', '-m', 'x', '{connection_file}'] }],
  ['another program of it', 'argv', { argv: ['PREFIX/bin/tool', '{connection_file}'], language: 'sh' }],
  [
    'conda run -p',
    'conda-run',
    { argv: ['/bin/conda', 'run', '-p', 'PREFIX', 'python', '-m', 'x', '{connection_file}'] },
  ],
  [
    'conda run --name=',
    'conda-run',
    { argv: ['/bin/conda', 'run', '--name=demo', 'python', '-m', 'x', '{connection_file}'] },
  ],
  [
    'a bare name on PATH',
    'program',
    { argv: ['tool', '{connection_file}'], language: 'sh', env: { PATH: 'PREFIX/bin:$PATH' } },
  ],
])('a kernelspec is tied to its environment by %s', async (_, rung, fields) => {
  using tree = new Tree();
  const prefix = tree.venv('envs/demo');
  tree.program('envs/demo/bin/tool');
  const text = JSON.stringify(fields).replaceAll('PREFIX', prefix);
  tree.spec(USER, 'mine', { language: 'python', ...(JSON.parse(text) as object) });
  const found = await catalog(options(tree, { PATH: `${tree.at('bin')}:${prefix}/bin` }));
  const entry = own(found, tree).find(({ name }) => name === 'mine');
  expect([entry?.matched, entry?.environment?.prefix]).toEqual([rung, prefix]);
});

test('a bare python whose interpreter is noted is started as that one', async () => {
  using tree = new Tree();
  const prefix = tree.venv('envs/demo');
  tree.spec(USER, 'mine', { ...PYTHON_SPEC, metadata: { interpreter: { path: `${prefix}/bin/python` } } });
  const entry = own(await catalog(options(tree)), tree).find(({ name }) => name === 'mine');
  expect(entry).toMatchObject({ program: `${prefix}/bin/python`, startable: true });
});

test('what its program is and what it speaks are two things', async () => {
  using tree = new Tree();
  const prefix = tree.venv('envs/demo');
  tree.spec(USER, 'shell', {
    argv: [`${prefix}/bin/python`, '-m', 'powershell_kernel', '-f', '{connection_file}'],
    language: 'powershell',
  });
  const found = own(await catalog(options(tree)), tree);
  const shell = found.find(({ name }) => name === 'shell');
  expect([shell?.language, shell?.runtime, shell?.environment?.name]).toEqual(['powershell', 'python', 'demo']);
  // the interpreter itself is still there for Python
  expect(found.map(({ displayName }) => displayName)).toContain('demo (Python 3.11.2)');
});

test('a registered spec whose environment has lost ipykernel, or its interpreter, says so', async () => {
  using tree = new Tree();
  const lost = tree.venv('envs/lost', { ipykernel: null });
  const broken = tree.venv('envs/broken', { cfg: '' });
  tree.file('envs/broken/pyvenv.cfg', 'home = /gone/bin\n');
  for (const [name, prefix] of [
    ['lost', lost],
    ['broken', broken],
  ] as const) {
    tree.spec(USER, name, { ...PYTHON_SPEC, argv: [`${prefix}/bin/python`, ...PYTHON_SPEC.argv.slice(1)] });
  }
  // a path of its own may bring it: only a start can tell
  tree.spec(USER, 'own-path', {
    ...PYTHON_SPEC,
    argv: [`${lost}/bin/python`, ...PYTHON_SPEC.argv.slice(1)],
    env: { PYTHONPATH: '/x' },
  });
  const found = own(await catalog(options(tree)), tree);
  const of = (name: string) => found.find((entry) => entry.name === name)?.problem?.kind ?? null;
  expect([of('lost'), of('broken'), of('own-path')]).toEqual(['ipykernel-missing', 'interpreter-missing', null]);
});

test('links to one environment are one row; links to one interpreter from two environments are two', async () => {
  using tree = new Tree();
  tree.venv('envs/one');
  tree.venv('envs/two');
  symlinkSync(tree.at('envs/one'), tree.at('envs/link'));
  const found = own(await catalog(options(tree)), tree);
  expect(found.map(({ displayName }) => displayName).sort()).toEqual(['link (Python 3.11.2)', 'two (Python 3.11.2)']);
  expect(found[0]?.owner?.aliases).toContain(tree.at('envs/one'));
});

test('the kernel for a notebook: by name, then language, then the nearest environment', async () => {
  using tree = new Tree();
  tree.venv('envs/kept');
  tree.venv('work/.venv');
  tree.spec(USER, 'special', { argv: ['/bin/sh', '{connection_file}'], language: 'julia' });
  const found = await catalog(options(tree));
  const choice = (metadata: Record<string, unknown>) => {
    const { entry, reason } = kernelForNotebook(found, metadata);
    return [entry.environment?.name ?? entry.name, reason];
  };
  expect(choice({ kernelspec: { name: 'special' } })).toEqual(['special', expect.stringMatching(/asks for/)]);
  expect(choice({ kernelspec: { name: 'gone', language: 'python' } })).toEqual([
    '.venv',
    expect.stringMatching(/no kernel gone/),
  ]);
  expect(choice({ kernelspec: { name: 'python3', display_name: 'kept (Python 3.11.2)' } })).toEqual([
    'kept',
    expect.stringMatching(/asks for/),
  ]);
  expect(choice({})).toEqual(['.venv', expect.stringMatching(/best/)]);
});
