import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeKernel, kernel } from '../../../../testing/support/index.js';
import { type CatalogEntry, catalog, DotenvError, explain, planKernel, resolveKernel, start } from '../../src/index.js';
import { Tree } from '../catalog/support.js';
import { printed, resultText } from '../support.js';

/** The kernel of an environment that a path names. */
async function entryAt(path: string, options: Parameters<typeof catalog>[0] & { cwd: string }): Promise<CatalogEntry> {
  return (await resolveKernel(await catalog(options), path, options)).entry;
}

/** A conda environment with a real Python in it, which is the one of the kernel under test. */
function condaAround(tree: Tree, python: string): string {
  const prefix = tree.at('root/envs/demo');
  tree.file('root/conda-meta/conda-24.11.3-py311_0.json', '{}');
  tree.file('root/conda-meta/history', '');
  mkdirSync(tree.at('root/condabin'), { recursive: true });
  tree.file('root/envs/demo/conda-meta/history', '');
  tree.file('root/envs/demo/conda-meta/python-3.11.2-h_0.json', '{}');
  tree.file('root/envs/demo/conda-meta/ipykernel-7.4.0-py_0.json', '{}');
  // conda's Python is no link; a wrapper that execs keeps its process
  tree.program('root/envs/demo/bin/python', `#!/bin/sh\nexec ${python} "$@"\n`);
  tree.file('root/envs/demo/etc/conda/env_vars.d/pkg.json', JSON.stringify({ FROM_JSON: 'a "quoted" $value' }));
  tree.file('root/envs/demo/etc/conda/activate.d/lib.sh', 'export FROM_SCRIPT="$CONDA_PREFIX/lib"\n');
  return prefix;
}

describeKernel('ipykernel', () => {
  const { prefix, python } = kernel('ipykernel');

  test('a kernel in a virtual environment sees what activating it sets, and its own programs', async () => {
    using tree = new Tree();
    const { cwd } = tree.options();
    const entry = await entryAt(prefix!, { cwd, cache: false });
    await using running = await start(entry, { cwd });
    const result = await running.execute(
      "import os, sys\nprint(os.environ['VIRTUAL_ENV'], sys.prefix)\n!python -c 'import sys; print(sys.prefix)'\n!pip --version",
    );
    const [own, shells, pip] = printed(result).trim().split(/\r?\n/);
    expect(own).toBe(`${prefix} ${prefix}`);
    expect(shells).toBe(prefix);
    expect(pip).toContain(prefix);
  });

  test('conda: its variables, its scripts, and no process in between', async () => {
    using tree = new Tree();
    const conda = condaAround(tree, python!);
    const { cwd } = tree.options();
    const entry = await entryAt(conda, { cwd, cache: false });
    expect(entry).toMatchObject({ startable: true, environment: { kind: 'conda', name: 'demo' } });
    const plan = await planKernel(entry, { cwd, activate: { cache: false } });
    expect(plan.problem).toBeNull();
    expect(plan.scripts).toEqual([`${conda}/etc/conda/activate.d/lib.sh`]);
    const changes = new Map(
      explain(plan).environment.map(({ name, value, source }) => [name, [value, source.kind, source.detail]]),
    );
    expect(changes.get('CONDA_PREFIX')).toEqual([conda, 'activation', expect.stringContaining('conda')]);
    expect(changes.get('FROM_JSON')).toEqual(['a "quoted" $value', 'activation', expect.stringContaining('pkg.json')]);
    expect(changes.get('FROM_SCRIPT')).toEqual([`${conda}/lib`, 'activation', expect.stringContaining('lib.sh')]);
    expect(String(changes.get('PATH')?.[0]).startsWith(`${conda}/bin:`)).toBe(true);
    await using running = await start(entry, { cwd, activate: { cache: false } });
    const result = await running.execute(
      "import os\n' '.join([os.environ['CONDA_DEFAULT_ENV'], os.environ['FROM_SCRIPT'], str(os.getppid())])",
    );
    expect(resultText(result)).toBe(`'demo ${conda}/lib ${process.pid}'`);
  });

  test('the order of merging: process, activation, .env, kernelspec, overrides', async () => {
    using tree = new Tree();
    const conda = condaAround(tree, python!);
    tree.file(
      'root/envs/demo/etc/conda/env_vars.d/order.json',
      JSON.stringify({ A: 'activation', B: 'activation', C: 'activation', D: 'activation' }),
    );
    tree.file('work/.env', "B='dotenv'\nC=dotenv\nD=dotenv\n");
    mkdirSync(tree.at('work/deeper'), { recursive: true });
    const { cwd } = tree.options();
    const entry = await entryAt(conda, { cwd, cache: false });
    const spec = { ...entry.spec!, env: { C: 'spec of ${B}', D: 'spec' } };
    const plan = await planKernel(
      { ...entry, spec },
      {
        cwd: tree.at('work/deeper'),
        dotenv: true,
        overrides: { D: 'caller' },
        env: { ...process.env, A: 'process', E: 'process' },
        activate: { cache: false },
      },
    );
    const { A, B, C, D, E } = plan.environment;
    expect([A, B, C, D, E]).toEqual(['activation', 'dotenv', 'spec of dotenv', 'caller', 'process']);
    const sources = Object.fromEntries(plan.changes.map(({ name, source }) => [name, source.kind]));
    expect(sources).toMatchObject({ A: 'activation', B: 'dotenv', C: 'kernelspec', D: 'override' });
    expect(sources.E).toBeUndefined();
  });
});

test('a .env file that was named and is not there is an error; one that was not named is not needed', async () => {
  using tree = new Tree();
  tree.venv('envs/demo');
  const { cwd } = tree.options();
  const entry = await entryAt(tree.at('envs/demo'), { cwd, cache: false });
  await expect(planKernel(entry, { cwd, dotenv: 'none.env' })).rejects.toBeInstanceOf(DotenvError);
  expect((await planKernel(entry, { cwd, dotenv: true })).changes.some(({ source }) => source.kind === 'dotenv')).toBe(
    false,
  );
});

test('a bare program is looked up on the activated PATH, which a script may have made', async () => {
  using tree = new Tree();
  const prefix = condaAround(tree, '/usr/bin/python3');
  const java = tree.program('root/envs/demo/lib/jvm/bin/java-for-this-test');
  tree.file('root/envs/demo/etc/conda/activate.d/java.sh', 'export PATH="$CONDA_PREFIX/lib/jvm/bin:$PATH"\n');
  tree.spec('root/envs/demo/share/jupyter/kernels', 'java', {
    argv: ['java-for-this-test', '{connection_file}'],
    language: 'java',
  });
  tree.spec('root/envs/demo/share/jupyter/kernels', 'gone', {
    argv: ['no-such-java', '{connection_file}'],
    language: 'java',
  });
  const { cwd } = tree.options();
  const own = (
    await catalog({
      ...tree.options(),
      env: { HOME: tree.at('home'), PATH: '/usr/bin:/bin', CONDA_PREFIX: prefix },
      cache: false,
    })
  ).kernels;
  const entry = (name: string) => own.find((each) => each.name === name)!;
  // nobody can tell without running the scripts: so neither is called unstartable
  expect([entry('java').startable, entry('gone').startable]).toEqual([true, true]);
  const plan = await planKernel(entry('java'), { cwd, activate: { cache: false } });
  expect([plan.argv[0], plan.problem]).toEqual([java, null]);
  const gone = await planKernel(entry('gone'), { cwd, activate: { cache: false } });
  expect(gone.problem).toMatchObject({ kind: 'program-not-found', message: expect.stringContaining('no-such-java') });
  await expect(start(entry('gone'), { cwd, activate: { cache: false } })).rejects.toMatchObject({
    kind: 'program-not-found',
  });
});

test('what a parent leaves for its own Python does not reach another, unless it is asked for', async () => {
  using tree = new Tree();
  tree.venv('envs/demo');
  const { cwd } = tree.options();
  const entry = await entryAt(tree.at('envs/demo'), { cwd, cache: false });
  const env = {
    ...process.env,
    PYTHONHOME: '/other',
    PYTHONEXECUTABLE: '/other/python',
    __PYVENV_LAUNCHER__: '/other',
    PYTHONNOUSERSITE: '1',
  };
  const plan = await planKernel(entry, { cwd, env });
  for (const name of ['PYTHONHOME', 'PYTHONEXECUTABLE', '__PYVENV_LAUNCHER__'])
    expect(plan.environment).not.toHaveProperty(name);
  expect(plan.environment.PYTHONNOUSERSITE).toBe('1');
  const asked = await planKernel(entry, { cwd, env, overrides: { PYTHONHOME: '/mine' } });
  expect(asked.environment.PYTHONHOME).toBe('/mine');
});

test('a kernel without an environment can be given the login shell’s, which shows in the plan', async () => {
  using tree = new Tree();
  const shell = tree.program('bin/bash', '#!/bin/bash\nexec /bin/bash "$@"\n');
  tree.file('home/.bash_profile', 'echo noise; export FROM_PROFILE="two\nlines"\n');
  tree.spec('home/.local/share/jupyter/kernels', 'mine');
  const own = tree.options();
  const entry = (await catalog({ ...own, cache: false })).kernels.find(({ name }) => name === 'mine')!;
  const env = { ...process.env, HOME: tree.at('home'), SHELL: shell };
  const plan = await planKernel(entry, { cwd: own.cwd, env, home: tree.at('home'), activate: { method: 'login' } });
  expect(plan.environment.FROM_PROFILE).toBe('two\nlines');
  expect(plan.changes.find(({ name }) => name === 'FROM_PROFILE')?.source).toEqual({
    kind: 'activation',
    detail: `login shell: ${shell}`,
  });
  const failing = { ...env, SHELL: '/bin/false' };
  const less = await planKernel(entry, { cwd: own.cwd, env: failing, activate: { method: 'login' } });
  expect(less.activation).toMatchObject({ problem: { kind: 'login-shell-failed' }, fallbacks: [{ method: 'login' }] });
});

test('an editor’s own variables are taken as they are', async () => {
  using tree = new Tree();
  const prefix = tree.venv('envs/demo');
  const { cwd } = tree.options();
  const entry = await entryAt(prefix, { cwd, cache: false });
  const owner = { ...entry.owner!, variables: { FROM_EDITOR: 'yes', PATH: `${prefix}/bin:/usr/bin`, HOME: null } };
  const plan = await planKernel({ ...entry, owner }, { cwd });
  expect(plan.environment).toMatchObject({ FROM_EDITOR: 'yes', PATH: `${prefix}/bin:/usr/bin` });
  expect(plan.environment).not.toHaveProperty('HOME');
  expect(plan.environment).not.toHaveProperty('VIRTUAL_ENV');
});

test('a directory that does not exist is said before anything is started', async () => {
  using tree = new Tree();
  tree.venv('envs/demo');
  symlinkSync('/nowhere', tree.at('link'));
  const { cwd } = tree.options();
  const entry = await entryAt(tree.at('envs/demo'), { cwd, cache: false });
  for (const place of [tree.at('gone'), tree.at('envs/demo/pyvenv.cfg'), tree.at('link')]) {
    expect((await planKernel(entry, { cwd: place })).problem?.kind, place).toBe('no-directory');
  }
  expect(existsSync(tree.at('gone'))).toBe(false);
});
