import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { distribution, layOut, python, venv } from '../../../../testing/environments/index.js';
import { type Candidate, type Environment, inspect, itemsOf, type Place } from '../../src/environments/index.js';
import { Parsers } from '../../src/environments/parsers.js';
import { Memory, whereOf } from '../../src/environments/where.js';
import { type Apart, FileFaultError, MountSilentError, NodeFiles, RemotePlaceError } from '../../src/files/index.js';
import { at, type Machine, machine, search } from './support.js';

const version = '3.11.4';

/** Files of this machine, some directories of which count as mounts whose server may be gone. */
function withRemotes(...points: string[]): NodeFiles {
  return new NodeFiles({ remotes: points.map((point) => ({ point, type: 'nfs4' })) });
}

async function prepared(): Promise<Machine> {
  const home = await machine();
  python(home.ground, home.join('mine', version), version);
  return home;
}

const put = (home: Machine, prefix: string) => venv(home.ground, prefix, { base: home.join('mine', version), version });

/** What a process of its own would do, here: the same work with files that may touch everything. */
function answering(home: Machine, asked: string[] = [], env = home.options.env): Apart {
  return async ({ name, argument }) => {
    const { path, prefix } = argument as { path?: string; prefix?: string };
    asked.push(`${name} ${path ?? prefix}`);
    const where = whereOf({ platform: process.platform, env, home: home.home, cwd: home.workspace });
    const look = {
      files: new NodeFiles({ remotes: [] }),
      where,
      memory: new Memory(),
      parsers: new Parsers(),
      projects: [],
    };
    const value =
      name === 'place'
        ? { items: itemsOf(argument as Place, look), projects: look.projects }
        : inspect(argument as Candidate, look);
    return JSON.parse(JSON.stringify(value));
  };
}

const silent: Apart = async (_task, mount) => {
  throw new MountSilentError(mount, 2000);
};

describe('NodeFiles', () => {
  test('touches nothing on a remote mount, however a path leads there', async () => {
    await using home = await machine();
    const { target, join: at } = home;
    target.file(at('net', 'file'), 'x');
    target.link(at('link'), 'net');
    target.link(at('deep', 'link'), at('link', 'sub'));
    target.link(at('local', 'file'), '../net/file');
    const files = withRemotes(at('net'));
    for (const path of [
      at('net'),
      at('net', 'file'),
      at('link'),
      at('link', 'file'),
      at('deep', 'link'),
      at('local', 'file'),
    ]) {
      for (const look of ['stat', 'names', 'list', 'text', 'bytes', 'executable'] as const) {
        expect(() => files[look](path), `${look} ${path}`).toThrow(RemotePlaceError);
      }
    }
    // a path is itself where it cannot be followed
    expect(files.real(at('link', 'file'))).toBe(at('link', 'file'));
    // the link itself is here
    expect(files.readLink(at('local', 'file'))).toBe('../net/file');
    expect(files.stat(at('local'))?.type).toBe('directory');
    expect(files.stat(at('network'))).toBeNull();
  });

  test('a loop of links is a fault, and no endless walk', async () => {
    await using home = await machine();
    home.target.link(home.join('a'), 'b');
    home.target.link(home.join('b'), 'a');
    const files = withRemotes('/nowhere');
    expect(() => files.stat(home.join('a', 'x'))).toThrow(FileFaultError);
  });
});

describe('a search over remote places', () => {
  test('without anybody to read them they are told of, and the rest of the list is complete', async () => {
    await using home = await prepared();
    const laid = layOut(home.ground, [{ as: 'venv' }, { as: 'poetry' }], home.workspace);
    put(home, home.join('.virtualenvs', 'x'));
    const found = await search(
      { ...home.options, ask: false, files: withRemotes(home.join('.virtualenvs')) },
      home.home,
    );
    expect(found.environments.map(({ prefix }) => prefix).sort()).toEqual(laid.map(({ prefix }) => prefix).sort());
    expect(found.errors[home.join('.virtualenvs')]).toContain('nfs4');
  });

  test('with somebody, they are read by him: the same is found', async () => {
    await using home = await prepared();
    for (const prefix of [home.join('.virtualenvs', 'x'), home.join('.virtualenvs', 'y'), home.join('envs', 'z')])
      put(home, prefix);
    const here = await search({ ...home.options, ask: false }, home.home);
    const asked: string[] = [];
    const files = withRemotes(home.join('.virtualenvs'));
    const found = await search({ ...home.options, ask: false, files, apart: answering(home, asked) }, home.home);
    // what is remote comes last, so that nothing waits for it
    const sorted = (list: readonly Environment[]) => [...list].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
    expect(sorted(found.environments)).toEqual(sorted(here.environments));
    expect(found.environments[0]!.prefix).toBe(home.join('envs', 'z'));
    expect(found.errors).toEqual({});
    expect(asked).toContain(`environment ${home.join('.virtualenvs', 'x')}`);
    expect(asked.filter((what) => !what.includes('.virtualenvs'))).toEqual([]);
  });

  test('a mount in the middle of the project costs its own folder alone', async () => {
    await using home = await prepared();
    const { workspace } = home;
    put(home, join(workspace, '.venv'));
    put(home, join(workspace, 'a', '.venv'));
    put(home, join(workspace, 'data', '.venv'));
    put(home, join(workspace, 'z', '.venv'));
    const files = withRemotes(join(workspace, 'data'));
    const found = await search({ ...home.options, ask: false, files, apart: silent }, home.home);
    expect(found.environments.map(({ prefix }) => prefix).sort()).toEqual(
      ['.venv', 'a/.venv', 'z/.venv'].map((name) => join(workspace, name)),
    );
    expect(found.errors).toEqual({ [join(workspace, 'data')]: expect.stringContaining('did not answer') });
    const answered = await search({ ...home.options, ask: false, files, apart: answering(home) }, home.home);
    expect(at(answered, join(workspace, 'data', '.venv')).nearness).toBe('workspace');
  });

  test('PYTHONPATH, or the user’s packages, on a mount that is silent: the environments are listed, and the mount once', async () => {
    await using home = await prepared();
    const laid = layOut(
      home.ground,
      [
        { as: 'venv', version },
        { as: 'pyenv', version, kernel: 'ipykernel-6.29.5' },
      ],
      home.workspace,
    );
    distribution(home.ground, home.join('net', 'lib'), 'ipykernel-6.0.0');
    const env = { ...home.options.env, PYTHONPATH: home.join('net', 'lib') };
    const files = withRemotes(home.join('net'), home.join('.local'));
    for (const apart of [silent, undefined]) {
      const found = await search({ ...home.options, env, ask: false, files, ...(apart && { apart }) }, home.home);
      expect(found.environments.map(({ prefix }) => prefix).sort()).toEqual(laid.map(({ prefix }) => prefix).sort());
      expect(at(found, laid[1]!.prefix).kernelPackage).toEqual({ name: 'ipykernel', version: '6.29.5' });
      expect(Object.keys(found.errors)).toContain(home.join('net'));
      const told = found.findings.filter((finding) => finding.type === 'place' && finding.path === home.join('net'));
      expect(told).toHaveLength(1);
    }
    const answered = await search(
      { ...home.options, env, ask: false, files, apart: answering(home, [], env) },
      home.home,
    );
    expect(at(answered, laid[0]!.prefix).kernelPackage).toEqual({ name: 'ipykernel', version: '6.0.0' });
  });

  test('kernelspecs that are linked to a silent mount do not hide the environment', async () => {
    await using home = await prepared();
    put(home, home.join('envs', 'x'));
    home.target.link(home.join('envs', 'x', 'share', 'jupyter'), home.join('net', 'jupyter'));
    home.target.dir(home.join('net'));
    const found = await search(
      { ...home.options, ask: false, files: withRemotes(home.join('net')), apart: silent },
      home.home,
    );
    expect(at(found, home.join('envs', 'x'))).toMatchObject({ specs: [], problem: null });
    expect(found.errors[home.join('net')]).toContain('did not answer');
  });

  test('an environment whose base lies on a silent mount is told of as a place', async () => {
    await using home = await prepared();
    put(home, home.join('envs', 'far'));
    layOut(home.ground, [{ as: 'conda root' }], home.workspace);
    const files = withRemotes(home.join('mine', version));
    const found = await search({ ...home.options, ask: false, files, apart: silent }, home.home);
    expect(found.environments.map(({ kind }) => kind)).toEqual(['conda']);
    expect(found.errors[home.join('envs', 'far')]).toContain('did not answer');
  });

  test('a program on PATH that is a link to a silent mount costs nothing but itself', async () => {
    await using home = await prepared();
    python(home.ground, home.join('own'), version);
    home.target.file(home.join('net', 'python'), '');
    home.target.link(home.join('own', 'bin', 'python3.9'), home.join('net', 'python'));
    const found = await search(
      { ...home.options, ask: false, files: withRemotes(home.join('net')), apart: silent },
      home.home,
    );
    expect(found.environments.map(({ prefix }) => prefix)).toEqual([home.join('own')]);
    expect(Object.keys(found.errors)).toEqual([home.join('own', 'bin', 'python3.9')]);
  });
});
