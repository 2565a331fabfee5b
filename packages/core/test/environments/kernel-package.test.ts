import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  conda,
  distribution,
  kernelspec,
  layOut,
  python,
  type RecipeName,
  recipes,
  siteOf,
  venv,
} from '../../../../testing/environments/index.js';
import { DECIDING_VARIABLES } from '../../src/environments/cache.js';
import { inspect, type Where, whereOf } from '../../src/environments/index.js';
import { Parsers } from '../../src/environments/parsers.js';
import { Memory } from '../../src/environments/where.js';
import { at, memoryMachine, search } from './support.js';

type Lay = (
  machine: ReturnType<typeof memoryMachine> & { prefix: string; base: string; site: string; baseSite: string },
) => void;

const version = '3.11.4';

/** A virtual environment with what `lay` adds; gives the kernel package found in it. */
async function packageIn(lay: Lay, options: { system?: boolean; env?: Record<string, string>; library?: string } = {}) {
  const machine = memoryMachine('linux', options.env);
  const { ground, home } = machine;
  const library = options.library ?? 'python3.11';
  const base = `${home}/bases/x`;
  const prefix = `${home}/.venvs/x`;
  python(ground, base, version, { library });
  venv(ground, prefix, { base, version, library, systemSitePackages: options.system ?? false });
  lay({ ...machine, prefix, base, site: siteOf(ground, prefix, library), baseSite: siteOf(ground, base, library) });
  const { environments, errors } = await search(machine.options, home);
  expect(errors).toEqual({});
  const { kernelPackage } = environments.find((environment) => environment.prefix === prefix)!;
  return kernelPackage && `${kernelPackage.name} ${kernelPackage.version}`;
}

const user = 'home/ann/.local/lib/python3.11/site-packages';

describe('the kernel package', () => {
  const rows: [what: string, lay: Lay, expected: string | null, options?: Parameters<typeof packageIn>[1]][] = [
    ['none', () => {}, null],
    ['a wheel’s metadata', ({ ground, site }) => distribution(ground, site, 'ipykernel-6.29.5'), 'ipykernel 6.29.5'],
    ['a pre-release', ({ ground, site }) => distribution(ground, site, 'ipykernel-7.0.0a1'), 'ipykernel 7.0.0a1'],
    [
      'setuptools’ metadata of old',
      ({ files, site }) => files.file(`${site}/ipykernel-5.5.6-py3.11.egg-info/PKG-INFO`, ''),
      'ipykernel 5.5.6',
    ],
    ['xeus-python', ({ ground, site }) => distribution(ground, site, 'xeus-python-0.17.1'), 'xeus-python 0.17.1'],
    [
      'ipykernel before xeus-python',
      ({ ground, site }) =>
        ['xeus-python-0.17.1', 'ipykernel-6.29.5'].forEach((name) => void distribution(ground, site, name)),
      'ipykernel 6.29.5',
    ],
    ['what only sounds like it', ({ ground, site }) => distribution(ground, site, 'ipykernel-extras-1.0'), null],
    [
      'what pip left half removed',
      ({ files, site }) => files.file(`${site}/~pykernel-6.0.dist-info/METADATA`, ''),
      null,
    ],
    [
      'a source tree, by an egg link',
      ({ files, site }) => {
        files.file(`${site}/ipykernel.egg-link`, '/src/ipykernel\n.');
        files.file(
          '/src/ipykernel/ipykernel.egg-info/PKG-INFO',
          'Metadata-Version: 2.1\nName: ipykernel\nVersion: 6.0.0.dev0\n',
        );
      },
      'ipykernel 6.0.0.dev0',
    ],
    [
      'a source tree, by a .pth file',
      ({ files, site }) => {
        files.file(`${site}/editable.pth`, '# a comment\nimport os\n\n/src/ipykernel\n');
        files.file('/src/ipykernel/ipykernel.egg-info/PKG-INFO', 'Version: 7.1.0\n');
      },
      'ipykernel 7.1.0',
    ],
    [
      'a .pth file that names another site directory, relative to its own',
      ({ ground, files, site, home }) => {
        files.file(`${site}/more.pth`, '../../../more\r\n');
        distribution(ground, `${home}/.venvs/x/more`, 'ipykernel-6.1.0');
      },
      'ipykernel 6.1.0',
    ],
    [
      '.pth files that are damaged, or lead nowhere',
      ({ files, ground, site }) => {
        files.file(`${site}/a.pth`, Buffer.from([0xff, 0xfe, 0x00, 0x0a]));
        files.file(`${site}/b.pth`, '/nowhere\n\0\n');
        files.fifo(`${site}/c.pth`);
        files.link(`${site}/d.pth`, 'd.pth');
        distribution(ground, site, 'xeus-python-0.17.1');
      },
      'xeus-python 0.17.1',
    ],
    [
      'the base’s, where the environment is closed',
      ({ ground, baseSite }) => distribution(ground, baseSite, 'ipykernel-6.1.0'),
      null,
    ],
    [
      'the base’s, where it is open',
      ({ ground, baseSite }) => distribution(ground, baseSite, 'ipykernel-6.1.0'),
      'ipykernel 6.1.0',
      { system: true },
    ],
    ['the user’s, where it is closed', ({ ground }) => distribution(ground, `/${user}`, 'ipykernel-6.2.0'), null],
    [
      'the user’s, where it is open',
      ({ ground }) => distribution(ground, `/${user}`, 'ipykernel-6.2.0'),
      'ipykernel 6.2.0',
      { system: true },
    ],
    [
      'the user’s, where PYTHONNOUSERSITE says that it does not count',
      ({ ground }) => distribution(ground, `/${user}`, 'ipykernel-6.2.0'),
      null,
      { system: true, env: { PYTHONNOUSERSITE: '1' } },
    ],
    [
      'the user’s, elsewhere',
      ({ ground }) => distribution(ground, '/userbase/lib/python3.11/site-packages', 'ipykernel-6.2.0'),
      'ipykernel 6.2.0',
      { system: true, env: { PYTHONUSERBASE: '/userbase' } },
    ],
    [
      'PYTHONPATH’s',
      ({ ground }) => distribution(ground, '/pp', 'ipykernel-6.3.0'),
      'ipykernel 6.3.0',
      { env: { PYTHONPATH: '/no:/pp' } },
    ],
    [
      'no .pth file of PYTHONPATH’s: Python does not read them there',
      ({ ground, files }) => {
        files.file('/pp/x.pth', '/more\n');
        distribution(ground, '/more', 'ipykernel-6.3.0');
      },
      null,
      { env: { PYTHONPATH: '/pp' } },
    ],
    [
      'PyPy’s',
      ({ ground, site }) => distribution(ground, site, 'ipykernel-6.29.5'),
      'ipykernel 6.29.5',
      { library: 'pypy3.11' },
    ],
    [
      'that of a build without the lock',
      ({ ground, site }) => distribution(ground, site, 'ipykernel-6.29.5'),
      'ipykernel 6.29.5',
      { library: 'python3.11t' },
    ],
  ];
  test.each(rows)('%s', async (_what, lay, expected, options) => {
    expect(await packageIn(lay, options)).toBe(expected);
  });

  test('by conda’s records: xeus-python has no other, and ipykernel wins', async () => {
    const { ground, home, options } = memoryMachine('linux');
    const env = (name: string) => join(home, '.conda', 'envs', name);
    conda(ground, env('xeus'), { version });
    ground.target.file(join(env('xeus'), 'conda-meta', 'xeus-python-0.17.1-py311_0.json'), '{}');
    conda(ground, env('both'), { version });
    for (const name of ['xeus-python-0.17.1-h1', 'ipykernel-6.29.5-pyh3099207_0']) {
      ground.target.file(join(env('both'), 'conda-meta', `${name}.json`), '{}');
    }
    conda(ground, env('by-pip'), { version });
    distribution(ground, siteOf(ground, env('by-pip'), 'python3.11'), 'ipykernel-6.1.0');
    conda(ground, env('r'), { version: null, packages: ['r-base-4.3.1'] });
    kernelspec(ground, env('r'), 'ir', 'R');
    const found = await search(options, home);
    expect(at(found, env('xeus')).kernelPackage).toEqual({ name: 'xeus-python', version: '0.17.1' });
    expect(at(found, env('both')).kernelPackage).toEqual({ name: 'ipykernel', version: '6.29.5' });
    expect(at(found, env('by-pip')).kernelPackage).toEqual({ name: 'ipykernel', version: '6.1.0' });
    expect(at(found, env('r'))).toMatchObject({ python: null, kernelPackage: null, problem: null });
    expect(at(found, env('r')).specs[0]!.root.read.map(({ name }) => name)).toEqual(['ir']);
  });
});

describe('the command that installs it', () => {
  test.each([
    ['debian', true, 'apt install python3-ipykernel'],
    ['another system', false, '/usr/bin/python3 -m venv .venv && .venv/bin/python -m pip install ipykernel'],
  ])('the Python of %s that pip must leave alone (PEP 668)', async (_what, isDebian, command) => {
    const { ground, files, options } = memoryMachine('linux');
    python(ground, '/usr', '3.11.2', { programs: ['python3.11', 'python3'], header: false });
    files.file('/usr/lib/python3.11/EXTERNALLY-MANAGED', '');
    files.file('/usr/lib/python3/dist-packages/xeus_python-0.1.dist-info/METADATA', '');
    files.link('/bin', 'usr/bin');
    if (isDebian) files.file('/etc/debian_version', '12.1\n');
    const { environments } = await search(options);
    expect(environments).toMatchObject([
      { kind: 'system', name: 'python3', version: '3.11.2', prefix: '/usr', install: command, nearness: 'system' },
    ]);
    expect(environments[0]!.kernelPackage).toEqual({ name: 'xeus-python', version: '0.1' });
  });

  test('a system’s Python that pip may install into', async () => {
    const { ground, options } = memoryMachine('linux');
    python(ground, '/usr/local', '3.12.1');
    expect((await search(options)).environments).toMatchObject([
      { kind: 'system', install: '/usr/local/bin/python -m pip install ipykernel' },
    ]);
  });
});

test('what an environment is depends on no variable that the cache does not know of', () => {
  const read = new Set<string>();
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    const { ground, files, home, workspace } = memoryMachine(platform);
    const names = (Object.keys(recipes) as RecipeName[]).filter(
      (as) => platform !== 'win32' || !['pyenv-virtualenv', 'asdf'].includes(as),
    );
    const laid = layOut(
      ground,
      names.map((as) => ({ as })),
      workspace,
    );
    python(ground, ground.path.join(home, 'WPy64-1', 'python-3.13.8.amd64'), '3.13.8');
    // a root that cannot be known makes its environments look for other marks
    conda(ground, ground.path.join(home, 'lonely'), { version });
    const plain = whereOf({ platform, env: {}, home, cwd: workspace });
    const where: Where = { ...plain, read: (name) => void read.add(name.toUpperCase()) as undefined };
    const look = { files, where, memory: new Memory(), parsers: new Parsers(), projects: [] };
    const prefixes = [
      ...laid.map(({ prefix }) => prefix),
      ground.path.join(home, 'WPy64-1', 'python-3.13.8.amd64'),
      ground.path.join(home, 'lonely'),
    ];
    for (const prefix of prefixes) {
      const found = inspect(
        { prefix, place: { locator: 'given', path: prefix, how: 'prefix', nearness: 'user' } },
        look,
      );
      expect(found, prefix).not.toBeNull();
    }
  }
  expect(read.size).toBeGreaterThan(10);
  expect([...read].filter((name) => !(DECIDING_VARIABLES as readonly string[]).includes(name))).toEqual([]);
});
