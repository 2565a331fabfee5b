import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { conda, digestOf, layOut, python, venv } from '../../../../testing/environments/index.js';
import { BELOW } from '../../src/environments/index.js';
import { at, type Machine, machine, search } from './support.js';

const version = '3.11.4';

function put(home: Machine, prefix: string): string {
  venv(home.ground, prefix, { base: home.join('bases', version), version });
  return prefix;
}

async function prepared(): Promise<Machine> {
  const home = await machine();
  python(home.ground, home.join('bases', version), version);
  return home;
}

/** What a search from a folder gives: prefix below the home → nearness and distance. */
async function nearness(home: Machine, cwd = home.workspace): Promise<Record<string, string>> {
  const { environments } = await search({ ...home.options, cwd, ask: false }, home.home);
  const rows = environments.map(({ prefix, nearness, distance }) => [
    prefix.slice(home.home.length + 1),
    `${nearness} ${distance}`,
  ]);
  return Object.fromEntries(rows);
}

describe('the workspace', () => {
  test('.venv and its kin, the folder itself, and any direct child', async () => {
    await using home = await prepared();
    for (const name of ['.venv', 'venv', 'env', '.env', '.virtualenv', 'virtualenv', 'whatever'])
      put(home, join(home.workspace, name));
    conda(home.ground, join(home.workspace, '.conda'), { version });
    const found = await nearness(home);
    expect(Object.keys(found)).toHaveLength(8);
    expect(found['work/project/.venv']).toBe('workspace 0');
    expect(found['work/project/whatever']).toBe(`workspace ${BELOW + 1}`);
    const inside = await nearness(home, join(home.workspace, 'whatever'));
    expect(inside['work/project/whatever']).toBe('workspace 0');
  });

  test('below, so far and no farther; above, up to the home; a link is followed once', async () => {
    await using home = await prepared();
    const { target, workspace } = home;
    for (const dir of ['a', 'a/b', 'a/b/c', 'a/b/c/d']) put(home, join(workspace, dir, '.venv'));
    put(home, home.join('work', '.venv'));
    target.link(join(workspace, 'back'), '..');
    put(home, home.join('kept'));
    target.link(join(workspace, '.venv'), home.join('kept'));
    expect(await nearness(home)).toEqual({
      'work/project/.venv': 'workspace 0',
      'work/.venv': 'workspace 1',
      'work/project/a/.venv': `workspace ${BELOW + 1}`,
      'work/project/a/b/.venv': `workspace ${BELOW + 2}`,
      'work/project/a/b/c/.venv': `workspace ${BELOW + 3}`,
    });
  });

  test('never in what holds thousands of files and none of the user’s environments', async () => {
    await using home = await prepared();
    for (const dir of ['node_modules', '.git', '.tox', '.nox', '__pycache__', 'a/.hidden', 'a/node_modules']) {
      put(home, join(home.workspace, dir, 'x', '.venv'));
    }
    expect(await nearness(home)).toEqual({});
  });

  test('a folder with very many others: the nearest are found, and the search ends', async () => {
    await using home = await prepared();
    put(home, join(home.workspace, '.venv'));
    for (let index = 0; index < 2000; index++)
      home.target.dir(join(home.workspace, `dir-${String(index).padStart(4, '0')}`, 'sub'));
    put(home, join(home.workspace, 'dir-0100', '.venv'));
    put(home, join(home.workspace, 'dir-1999', '.venv'));
    expect(Object.keys(await nearness(home))).toEqual(['work/project/.venv', 'work/project/dir-0100/.venv']);
  });

  test('the home is no project: what is below it is not searched, nor what is above a folder outside of it', async () => {
    await using home = await prepared();
    put(home, home.join('.venv'));
    put(home, home.join('some', '.venv'));
    expect(await nearness(home, home.home)).toEqual({ '.venv': 'workspace 0' });
    expect(await nearness(home)).toEqual({});
  });
});

describe('environments that a tool keeps elsewhere for the project', () => {
  test('poetry’s by its digest, pipenv’s and pixi’s by what they note, hatch’s by its digest', async () => {
    await using home = await prepared();
    const { target, workspace, join: inHome } = home;
    target.file(join(workspace, 'pyproject.toml'), '[project]\nname = "demo"\n');
    target.file(join(workspace, 'Pipfile'), '');
    const poetry = put(home, inHome('.cache', 'pypoetry', 'virtualenvs', `demo-${digestOf(workspace)}-py3.11`));
    const hatch = put(home, inHome('.local', 'share', 'hatch', 'env', 'virtual', 'demo', digestOf(workspace), 'demo'));
    const pipenv = put(home, inHome('.local', 'share', 'virtualenvs', 'demo-12345678'));
    target.file(join(pipenv, '.project'), workspace);
    const pixi = inHome('detached', 'demo-1', 'envs', 'default');
    target.file(inHome('.pixi', 'config.toml'), `detached-environments = "${inHome('detached')}"\n`);
    conda(home.ground, pixi, { version });
    target.file(
      join(pixi, 'conda-meta', 'pixi'),
      JSON.stringify({ manifest_path: join(workspace, 'pyproject.toml'), environment_name: 'default' }),
    );
    const found = await search({ ...home.options, ask: false }, home.home);
    expect(found.errors).toEqual({});
    for (const [prefix, kind, name] of [
      [poetry, 'poetry', `demo-${digestOf(workspace)}-py3.11`],
      [hatch, 'hatch', 'demo'],
      [pipenv, 'pipenv', 'demo-12345678'],
      [pixi, 'pixi', 'project'],
    ] as const) {
      expect(at(found, prefix), kind).toMatchObject({
        kind,
        name,
        nearness: 'workspace',
        distance: 0,
        project: workspace,
      });
    }
    // from elsewhere they are the user's like any others
    const elsewhere = await search({ ...home.options, cwd: home.join('bases'), ask: false }, home.home);
    expect(
      new Set(elsewhere.environments.filter(({ kind }) => kind !== 'unknown').map((each) => each.nearness)),
    ).toEqual(new Set(['user']));
  });

  test('a project that is reached through a link: the digest is of the real folder', async () => {
    await using home = await prepared();
    home.target.file(join(home.workspace, 'pyproject.toml'), '');
    home.target.link(home.join('link'), home.workspace);
    const prefix = put(home, home.join('.cache', 'pypoetry', 'virtualenvs', `x-${digestOf(home.workspace)}-py3.11`));
    const found = await search({ ...home.options, cwd: home.join('link'), ask: false }, home.home);
    expect(at(found, prefix)).toMatchObject({ nearness: 'workspace', project: home.workspace });
  });
});

describe('one environment, several ways to it', () => {
  test('the nearest counts, the others are aliases', async () => {
    await using home = await machine();
    const [laid] = layOut(home.ground, [{ as: 'workspace venv', version }], home.workspace);
    home.target.link(home.join('.venvs', 'same'), laid!.prefix);
    const env = { ...home.options.env, VIRTUAL_ENV: laid!.prefix, PATH: join(laid!.prefix, 'bin') };
    const found = await search({ ...home.options, env, ask: false }, home.home);
    expect(found.environments).toHaveLength(1);
    expect(found.environments[0]).toMatchObject({ nearness: 'workspace', prefix: laid!.prefix });
    expect(found.environments[0]!.aliases).toContain(home.join('.venvs', 'same'));
  });

  test('the activated one, wherever it lies', async () => {
    await using home = await prepared();
    const prefix = put(home, home.join('far', 'away'));
    const env = { ...home.options.env, VIRTUAL_ENV: prefix };
    expect(at(await search({ ...home.options, env, ask: false }, home.home), prefix).nearness).toBe('active');
  });

  test('python, python3 and python3.11 are one; two versions in one prefix, and a link into another, are not', async () => {
    await using home = await machine();
    python(home.ground, home.join('own'), '3.11.4');
    python(home.ground, home.join('own'), '3.10.13', { programs: ['python3.10'] });
    python(home.ground, home.join('.local', 'share', 'uv', 'python', 'cpython-3.12.1-linux-x86_64-gnu'), '3.12.1');
    const uv = home.join('.local', 'share', 'uv', 'python', 'cpython-3.12.1-linux-x86_64-gnu');
    home.target.link(home.join('.local', 'bin', 'python3.12'), join(uv, 'bin', 'python3.12'));
    const { environments } = await search({ ...home.options, ask: false }, home.home);
    expect(
      environments.map(({ kind, version, python }) => [kind, version, python!.slice(home.home.length)]).sort(),
    ).toEqual([
      ['unknown', '3.10.13', '/own/bin/python3.10'],
      ['unknown', '3.11.4', '/own/bin/python'],
      ['uv', '3.12.1', '/.local/share/uv/python/cpython-3.12.1-linux-x86_64-gnu/bin/python'],
    ]);
  });
});
