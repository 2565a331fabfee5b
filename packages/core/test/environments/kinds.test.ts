import { describe, expect, test, vi } from 'vitest';
import {
  type Description,
  type Laid,
  layOut,
  type RecipeName,
  recipes,
} from '../../../../testing/environments/index.js';
import { ENVIRONMENT_KINDS, type Environment } from '../../src/environments/index.js';
import { at, type Found, machine, memoryMachine, search } from './support.js';

const started = vi.hoisted((): string[] => []);
// nothing here may start a process: not even this machine's own Pythons, which are found as well
vi.mock('node:child_process', async (original) => {
  const real = await original<typeof import('node:child_process')>();
  const refuse = (file: string) => {
    started.push(file);
    throw new Error(`${file} was started`);
  };
  return { ...real, spawn: refuse, execFile: refuse, exec: refuse, spawnSync: refuse };
});

/** Each kind with the kernel in it, without it, and with kernelspecs of its own. */
const names = Object.keys(recipes) as RecipeName[];
const versions = ['3.9.18', '3.10.13', '3.11.4', '3.12.1', '3.13.0'];
const descriptions: Description[] = names.map((as, index) => ({
  as,
  // the plug-in's environments lie in the directory of a version
  version: as.startsWith('pyenv') ? '3.10.13' : versions[index % versions.length]!,
  ...(index % 3 === 0 && as !== 'conda environment without Python' && { kernel: `ipykernel-6.${index}.5` }),
  ...(index % 4 === 0 && { specs: { python3: 'python', ir: 'R' } }),
}));

const EXTRA = { CONDA_ENVS_DIRS: '~/env-dirs' };

function expected({ kind, name, version, project, nearness, install, kernelPackage, specs, hasPython }: Laid) {
  return { kind, name, version, project, nearness, install, kernelPackage, specs, hasPython, problem: null };
}

function seen(environment: Environment) {
  const { kind, name, version, project, nearness, install, kernelPackage, specs, python, problem } = environment;
  const own = specs.flatMap(({ root }) => root.read.map((spec) => spec.name)).sort();
  return {
    kind,
    name,
    version,
    project,
    nearness,
    install,
    kernelPackage,
    specs: own,
    hasPython: python !== null,
    problem,
  };
}

function check(found: Found, laid: readonly Laid[]): void {
  expect(found.errors).toEqual({});
  const both = laid.map((item) => ({ as: item.as, expected: expected(item), seen: seen(at(found, item.prefix)) }));
  expect(both.map((item) => [item.as, item.seen])).toEqual(both.map((item) => [item.as, item.expected]));
  expect(found.environments.map(({ prefix }) => prefix).sort()).toEqual(laid.map(({ prefix }) => prefix).sort());
}

describe('found is what was laid out', () => {
  test('every kind, on this machine’s disk', async () => {
    await using home = await machine(EXTRA);
    const laid = layOut(home.ground, descriptions, home.workspace);
    const found = await search({ ...home.options, ask: false }, home.home);
    check(found, laid);
    expect(started).toEqual([]);
  });

  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    test(`every kind that ${platform} has, in memory`, async () => {
      const { ground, home, workspace, options } = memoryMachine(platform, EXTRA);
      // pyenv-win has no such plug-in, asdf and rye's first releases never ran there
      const not = platform === 'win32' ? ['pyenv-virtualenv', 'asdf', 'rye of old'] : [];
      const chosen = descriptions.filter(({ as }) => !not.includes(as));
      const laid = layOut(ground, chosen, workspace);
      check(await search(options, home), laid);
    });
  }

  test('the recipes and the tables of the other systems cover every kind of the contract', () => {
    const elsewhere = ['system', 'homebrew', 'python.org', 'xcode', 'windows-store', 'windows-registry', 'winpython'];
    const { ground, workspace } = memoryMachine('linux');
    const laid = new Set(layOut(ground, descriptions, workspace).map(({ kind }) => kind as string));
    expect(ENVIRONMENT_KINDS.filter((kind) => !laid.has(kind) && !elsewhere.includes(kind))).toEqual([]);
  });
});
