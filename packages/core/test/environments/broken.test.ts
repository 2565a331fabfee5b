import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  conda,
  damagedFiles,
  layOut,
  layOutBroken,
  ODD_NAMES,
  python,
  type RecipeName,
  venv,
} from '../../../../testing/environments/index.js';
import { FileFaultError, NodeFiles } from '../../src/files/index.js';
import { at, type Machine, machine, search } from './support.js';

const isRoot = process.getuid?.() === 0;
const SOUND: RecipeName[] = ['venv', 'conda root', 'conda environment of a root', 'poetry', 'pipenv', 'hatch', 'pyenv'];

/** Sound environments of many kinds, which have to be found beside whatever is broken. */
function sound(home: Machine) {
  const laid = layOut(
    home.ground,
    SOUND.map((as) => ({ as, version: '3.11.4' })),
    home.workspace,
  );
  return () => laid.map(({ prefix }) => prefix).sort();
}

/** Runs as a user whom modes keep out, where this run is root's: the child searches, and prints what it finds. */
const quiet = { ask: false } as const;

describe('broken environments', () => {
  test('each is reported with what is wrong, and the rest of the list is complete', async () => {
    await using home = await machine();
    const prefixes = sound(home);
    const broken = layOutBroken(home.ground, !isRoot);
    const found = await search({ ...home.options, ...quiet }, home.home);
    for (const { as, path, problem, error } of broken) {
      if (problem !== null) expect(at(found, path).problem, as).toMatchObject({ kind: problem });
      else {
        const reported = Object.entries(found.errors).filter(([place]) => place.startsWith(path));
        expect(reported.map(([, text]) => text).join(), as).toMatch(error!);
        expect(found.environments.map(({ prefix }) => prefix)).not.toContain(path);
      }
    }
    const expected = [...prefixes(), ...broken.flatMap(({ path, problem }) => (problem === null ? [] : [path]))];
    expect(found.environments.map(({ prefix }) => prefix).sort()).toEqual(expected.sort());
  });

  test('what the problem says, and how it is put right', async () => {
    await using home = await machine();
    layOutBroken(home.ground, false);
    const found = await search({ ...home.options, ...quiet }, home.home);
    const dangling = at(found, home.join('.venvs', 'dangling interpreter'));
    expect(dangling.version).toBe('3.11.4');
    expect(dangling.problem!.message).toContain('/nowhere/at/all/bin/python3.11');
    expect(dangling.problem!.fix).toContain(`python3.11 -m venv --clear '${dangling.prefix}'`);
    const gone = at(found, home.join('.venvs', 'base gone'));
    expect(gone.problem!.message).toContain('/nowhere/at/all/bin');
    expect(gone.kernelPackage).toBeNull();
  });

  test.each([0, 1, 2, 3])(
    'damaged configuration file %i: its place has the error, the others are searched',
    async (which) => {
      await using home = await machine();
      const prefixes = sound(home);
      const { path, data, error } = damagedFiles(home.ground)[which]!;
      home.target.file(path, data);
      const found = await search({ ...home.options, ...quiet }, home.home);
      expect(Object.keys(found.errors)).toEqual([path]);
      expect(found.errors[path]).toMatch(error);
      expect(found.environments.map(({ prefix }) => prefix).sort()).toEqual(prefixes());
    },
  );

  test('one damaged file in condarc.d, and one in a root, cost neither the others nor the root', async () => {
    await using home = await machine();
    const { target, ground } = home;
    const prefixes = sound(home);
    target.file(home.join('.conda', 'condarc.d', '1.yml'), 'envs_dirs: [a\n : b');
    target.file(home.join('.conda', 'condarc.d', '2.yml'), `envs_dirs: ~/more`);
    target.file(home.join('miniconda3', '.condarc'), '{');
    target.file(home.join('.mambarc'), 'envs_dirs: [~/mamba-envs]');
    conda(ground, home.join('mamba-envs', 'two'), { version: '3.11.4' });
    conda(ground, home.join('more', 'one'), { version: '3.11.4' });
    const found = await search({ ...home.options, ...quiet }, home.home);
    expect(Object.keys(found.errors).sort()).toEqual([
      home.join('.conda', 'condarc.d', '1.yml'),
      home.join('miniconda3', '.condarc'),
    ]);
    expect(found.environments.map(({ prefix }) => prefix).sort()).toEqual(
      [...prefixes(), home.join('more', 'one'), home.join('mamba-envs', 'two')].sort(),
    );
  });

  test('a conda-meta/pixi, a .project and a pyproject.toml that cannot be read say nothing against the environment', async () => {
    await using home = await machine();
    const { target, ground } = home;
    const base = home.join('bases', '3.11.4');
    python(ground, base, '3.11.4');
    venv(ground, home.join('.virtualenvs', 'x'), { base, version: '3.11.4' });
    target.dir(home.join('.virtualenvs', 'x', '.project'));
    venv(ground, join(home.workspace, '.venv'), { base, version: '3.11.4' });
    target.fifo(join(home.workspace, 'pyproject.toml'));
    conda(ground, home.join('.pixi', 'envs', 'p'), { version: '3.11.4' });
    target.file(home.join('.pixi', 'envs', 'p', 'conda-meta', 'pixi'), 'null');
    const found = await search({ ...home.options, ...quiet }, home.home);
    expect(found.errors).toEqual({});
    expect(at(found, home.join('.virtualenvs', 'x')).kind).toBe('venv');
    expect(at(found, join(home.workspace, '.venv')).kind).toBe('venv');
    expect(at(found, home.join('.pixi', 'envs', 'p'))).toMatchObject({ kind: 'pixi', name: 'p' });
  });

  test('links in a directory of programs that lead in circles or nowhere', async () => {
    await using home = await machine();
    python(home.ground, home.join('own'), '3.11.4');
    for (const [name, to] of [
      ['python3.8', 'python3.8'],
      ['python3.9', '/nowhere/python'],
      ['pypy3', 'pypy3.9'],
      ['pypy3.9', 'pypy3'],
    ]) {
      symlinkSync(to!, home.join('own', 'bin', name!));
    }
    mkdirSync(home.join('own', 'bin', 'python3.7'));
    const found = await search({ ...home.options, ...quiet }, home.home);
    expect(found.environments.map(({ prefix }) => prefix)).toEqual([home.join('own')]);
    expect(Object.values(found.errors).every((text) => /loop/.test(text))).toBe(true);
  });

  test('files where directories should be', async () => {
    await using home = await machine();
    const prefixes = sound(home);
    const files = ['.virtualenvs', '.asdf/installs/python', '.local/share/pipx/venvs', '.local/share/uv/python'];
    for (const name of files) home.target.file(home.join(...name.split('/')), '');
    const found = await search({ ...home.options, ...quiet }, home.home);
    expect(Object.keys(found.errors).sort()).toEqual(files.map((name) => home.join(...name.split('/'))).sort());
    expect(new Set(Object.values(found.errors).map((text) => text.split(': ')[1]))).toEqual(
      new Set(['it is not a directory']),
    );
    expect(found.environments.map(({ prefix }) => prefix).sort()).toEqual(prefixes());
  });

  test('interpreters that a caller gives and that are not there, or no environment', async () => {
    await using home = await machine();
    const { ground } = home;
    python(ground, home.join('own'), '3.11.4');
    const place = { locator: 'given', how: 'prefix', nearness: 'user', expected: true } as const;
    const given = [
      {
        prefix: home.join('own'),
        python: home.join('own', 'bin', 'python9'),
        place: { ...place, path: home.join('own') },
      },
      { prefix: home.join('no'), place: { ...place, path: home.join('no') } },
      { prefix: home.join('.venvs', 'a loop'), place: { ...place, path: home.join('.venvs', 'a loop') } },
    ];
    layOutBroken(ground, false);
    const found = await search({ ...home.options, ...quiet, places: false, given }, home.home);
    expect(found.environments).toMatchObject([{ prefix: home.join('own'), problem: { kind: 'interpreter-missing' } }]);
    // what makes a virtual environment again would empty an installation
    expect(found.environments[0]!.problem!.fix).toBeNull();
    expect(Object.keys(found.errors).sort()).toEqual([home.join('.venvs', 'a loop'), home.join('no')]);
  });
});

test.runIf(isRoot)('directories that this user may not look into', async () => {
  await using home = await machine();
  // as another user: nothing keeps root out. The child is the same search, from the sources
  const { unprivilegedUser } = await import('../../../../testing/support/index.js');
  const user = (await unprivilegedUser())!;
  const prefixes = sound(home);
  const broken = layOutBroken(home.ground, true);
  for (const name of ['.asdf/installs/python', '.local/share/hatch/env/virtual/closed', 'work/project/closed']) {
    mkdirSync(home.join(...name.split('/')), { recursive: true });
    chmodSync(home.join(...name.split('/')), 0);
  }
  process.seteuid!(user.uid);
  try {
    const found = await search({ ...home.options, ...quiet }, home.home);
    const closed = broken.filter(({ as }) => as.startsWith('closed')).map(({ path }) => path);
    for (const path of [
      ...closed,
      home.join('.asdf', 'installs', 'python'),
      home.join('.local', 'share', 'hatch', 'env', 'virtual', 'closed'),
    ]) {
      const texts = Object.entries(found.errors).filter(([place]) => place.startsWith(path));
      expect(texts.map(([, text]) => text).join(), path).toMatch(/permission denied/);
    }
    const healthy = found.environments.filter(({ problem }) => problem === null).map(({ prefix }) => prefix);
    expect(healthy.sort()).toEqual(prefixes());
  } finally {
    process.seteuid!(0);
    execFileSync('chmod', ['-R', 'u+rwX', home.home]);
  }
});

test('names with spaces, quotes, newlines and other alphabets: found, and quoted in what is to be typed', async () => {
  await using home = await machine();
  const laid = layOut(
    home.ground,
    ODD_NAMES.map((name) => ({ as: 'venv', name }) as const),
    home.workspace,
  );
  const found = await search({ ...home.options, ...quiet }, home.home);
  expect(found.errors).toEqual({});
  expect(found.environments.map(({ name }) => name).sort()).toEqual([...ODD_NAMES].sort());
  for (const { prefix } of laid) {
    const [program] = execFileSync('sh', ['-c', `printf '%s\\0' ${at(found, prefix).install}`], {
      encoding: 'utf8',
    }).split('\0');
    expect(program).toBe(join(prefix, 'bin', 'python'));
  }
});

test('directories of 10,000 entries', async () => {
  await using home = await machine();
  const prefixes = sound(home);
  for (const dir of [home.join('.venvs'), home.workspace, home.join('own', 'bin'), home.join('.conda', 'condarc.d')]) {
    mkdirSync(dir, { recursive: true });
    for (let index = 0; index < 10_000; index++) writeFileSync(join(dir, `entry-${index}`), '');
  }
  const files = new NodeFiles();
  let looks = 0;
  const stat = files.stat.bind(files);
  files.stat = (path) => {
    looks++;
    return stat(path);
  };
  const found = await search({ ...home.options, ...quiet, files }, home.home);
  expect(found.errors).toEqual({});
  expect(found.environments.map(({ prefix }) => prefix).sort()).toEqual(prefixes());
  // the entries are listed, and none is looked at by itself
  expect(looks).toBeLessThan(5000);
});

test('what vanishes between being listed and being looked at', async () => {
  await using home = await machine();
  const prefixes = sound(home);
  for (const name of ['a', 'b', 'c'])
    venv(home.ground, home.join('.venvs', name), { base: home.join('bases', '3.11.4'), version: '3.11.4' });
  const files = new NodeFiles();
  const list = files.list.bind(files);
  files.list = (dir) => {
    const listing = list(dir);
    if (dir === home.join('.venvs')) rmSync(home.join('.venvs', 'b'), { recursive: true, force: true });
    return listing;
  };
  const found = await search({ ...home.options, ...quiet, files }, home.home);
  expect(found.errors).toEqual({});
  const expected = [...prefixes(), home.join('.venvs', 'a'), home.join('.venvs', 'c')].sort();
  expect(found.environments.map(({ prefix }) => prefix).sort()).toEqual(expected);
});

test('a place that fails half way keeps what it gave before', async () => {
  await using home = await machine();
  const [laid] = layOut(home.ground, [{ as: 'pyenv' }], home.workspace);
  const versions = join(laid!.prefix, '..');
  const files = new NodeFiles();
  const list = files.list.bind(files);
  let lists = 0;
  files.list = (dir) => {
    if (dir === versions && ++lists > 1) throw new FileFaultError(dir, 'EIO');
    return list(dir);
  };
  const found = await search({ ...home.options, ...quiet, files }, home.home);
  expect(at(found, laid!.prefix).kind).toBe('pyenv');
  expect(found.errors).toEqual({ [versions]: `${versions}: EIO` });
});
