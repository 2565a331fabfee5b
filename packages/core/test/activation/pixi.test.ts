import { readFile, utimes } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { isolatedEnv } from '../../../../testing/support/index.js';
import { ActivationCache, activate } from '../../src/activation/index.js';
import { compute, environment } from './support.js';

const START = '/usr/bin:/bin';
const PREFIX = '/w/.pixi/envs/default';
const NOTE = { [`${PREFIX}/conda-meta/pixi`]: '{"manifest_path": "/w/pixi.toml", "environment_name": "default"}' };
const MANIFEST = '[workspace]\nname = "proj"\nversion = "1.2"\nplatforms = ["osx-arm64", "linux-64"]\n';
const of = environment({
  kind: 'pixi',
  prefix: PREFIX,
  manager: { tool: 'pixi', root: '/w/pixi.toml' },
  project: '/w',
});

test('the prefix part, as rattler’s shell library has it, and the project', async () => {
  const env = { PATH: `/a/:${START}::`, CONDA_SHLVL: '2', CONDA_PREFIX: '/old', FOO: 'was', PIXI_EXE: '/gone/pixi' };
  const { variables, sources, scripts, hook, notes } = await compute(env, of, {
    ...NOTE,
    '/w/pixi.toml': MANIFEST,
    [`${PREFIX}/conda-meta/state`]: '{"env_vars": {"foo": "state", "GONE": "***unset***"}}',
    [`${PREFIX}/etc/conda/env_vars.d/a.json`]: '{"Pk": "v", "FOO": "p", "NUM": 1}',
    [`${PREFIX}/etc/conda/activate.d/b.sh`]: '',
    [`${PREFIX}/etc/conda/activate.d/a.sh`]: '',
    '/home/u/.pixi/bin/pixi': '',
  });
  expect(variables).toEqual({
    PATH: `${PREFIX}/bin:/a/:${START}::`,
    CONDA_SHLVL: '3',
    CONDA_ENV_SHLVL_3_CONDA_PREFIX: '/old',
    CONDA_PREFIX: PREFIX,
    Pk: 'v',
    CONDA_ENV_SHLVL_3_FOO: 'was',
    FOO: 'state',
    PIXI_PROJECT_ROOT: '/w',
    PIXI_PROJECT_NAME: 'proj',
    PIXI_PROJECT_MANIFEST: '/w/pixi.toml',
    PIXI_PROJECT_VERSION: '1.2',
    PIXI_IN_SHELL: '1',
    CONDA_ENV_SHLVL_3_PIXI_EXE: '/gone/pixi',
    PIXI_EXE: '/home/u/.pixi/bin/pixi',
    CONDA_DEFAULT_ENV: 'proj',
    PIXI_ENVIRONMENT_NAME: 'default',
    PIXI_ENVIRONMENT_PLATFORMS: 'linux-64,osx-arm64',
    PIXI_PROMPT: '(proj) ',
  });
  expect(sources.FOO).toBe('pixi: conda-meta/state');
  expect(scripts.activate.map((script) => script.slice(-4))).toEqual(['a.sh', 'b.sh']);
  expect(hook).toBeNull();
  expect(notes.map(({ kind }) => kind)).toEqual(['variable-passed-over']);
});

test('pyproject.toml, another environment, platforms that all of its features know', async () => {
  const prefix = '/w/.pixi/envs/test';
  const { variables } = await compute({ PATH: START }, environment({ kind: 'pixi', prefix }), {
    [`${prefix}/conda-meta/pixi`]: '{"manifest_path": "/w/pyproject.toml", "environment_name": "test"}',
    '/w/pyproject.toml': [
      '[project]',
      'name = "py"',
      'version = "3"',
      '[tool.pixi.workspace]',
      'platforms = ["linux-64", "win-64"]',
      '[tool.pixi.feature.test]',
      'platforms = ["linux-64"]',
      '[tool.pixi.environments]',
      'test = ["test"]',
    ].join('\n'),
  });
  expect(variables).toMatchObject({
    PIXI_PROJECT_NAME: 'py',
    PIXI_PROJECT_VERSION: '3',
    CONDA_DEFAULT_ENV: 'py:test',
    PIXI_ENVIRONMENT_PLATFORMS: 'linux-64',
    PIXI_PROMPT: '(py:test) ',
  });
  expect(variables).not.toHaveProperty('PIXI_EXE');
});

test.each([
  ['of the workspace', '[activation.env]\nA = "1"', true],
  ['of a target', '[target.linux-64.activation]\nscripts = ["x.sh"]', true],
  ['of a feature', '[feature.f.activation.env]\nA = "1"\n[environments]\ndefault = {features = ["f"]}', true],
  ['of a feature of another environment', '[feature.f.activation.env]\nA = "1"\n[environments]\nother = ["f"]', false],
  ['that is empty', '[activation]', false],
])('an [activation] %s', async (_name, text, isAsked) => {
  const files = { ...NOTE, '/w/pixi.toml': `${MANIFEST}${text}\n` };
  const without = await compute({ PATH: START }, of, files);
  expect(without.hook).toBeNull();
  expect(without.notes.map(({ kind }) => kind)).toEqual(isAsked ? ['pixi-missing'] : []);
  const { hook } = await compute({ PATH: START }, of, { ...files, '/usr/bin/pixi': '' });
  const argv = [
    '/usr/bin/pixi',
    'shell-hook',
    '--json',
    '--as-is',
    '--manifest-path',
    '/w/pixi.toml',
    '--environment',
    'default',
  ];
  expect(hook?.argv ?? null).toEqual(isAsked ? argv : null);
});

test('pixi global, and a manifest that is gone or damaged: the prefix part still', async () => {
  const global = environment({
    kind: 'pixi',
    prefix: PREFIX,
    manager: { tool: 'pixi', root: '/home/u/.pixi/manifests/x.toml' },
  });
  const part = { PATH: `${PREFIX}/bin:${START}`, CONDA_SHLVL: '1', CONDA_PREFIX: PREFIX };
  expect((await compute({ PATH: START }, global, NOTE)).variables).toEqual(part);
  for (const [kind, files] of [
    ['manifest-missing', NOTE],
    ['manifest-damaged', { ...NOTE, '/w/pixi.toml': '[[[' }],
  ] as const) {
    const { variables, notes } = await compute({ PATH: START }, of, files);
    expect([variables, notes.map((note) => note.kind)]).toEqual([part, [kind]]);
  }
});

/** A stand-in for pixi, which writes down how it was called. */
const STAND_IN = `#!/bin/sh
printf '%s\\n' "$@" >> "$HOME/calls"
[ -e "$HOME/fails" ] && { echo 'no lock file' >&2; exit 1; }
printf '{"environment_variables": {"CONDA_PREFIX": "%s", "FROM_PIXI": "1", "HOME": "%s", "SHLVL": "9"}}' "$PIXI_TEST_PREFIX" "$HOME"
`;

test('pixi is asked, its answer kept, and its failure told', async () => {
  await using user = await isolatedEnv({ extra: { PATH: START } });
  const { dir } = user;
  await dir.write('home/.pixi/bin/pixi', STAND_IN, 0o755);
  await dir.write('w/pixi.toml', `${MANIFEST}[activation.env]\nFROM_PIXI = "1"\n`);
  const prefix = await dir.dir('w/.pixi/envs/default');
  await dir.write('w/.pixi/envs/default/etc/conda/activate.d/a.sh', 'export BY_BASH=1');
  const manifest = dir.join('w/pixi.toml');
  const here = environment({ kind: 'pixi', prefix, manager: { tool: 'pixi', root: manifest } });
  const old = new Date(1_700_000_000_000);
  const names = [
    'w/pixi.toml',
    'w',
    'w/.pixi/envs/default',
    'w/.pixi/envs/default/etc/conda/activate.d',
    'w/.pixi/envs/default/etc/conda/activate.d/a.sh',
    'home',
    'home/.pixi/bin/pixi',
  ];
  for (const name of names) await utimes(dir.join(name), old, old);
  const env = { ...user.env, PIXI_TEST_PREFIX: prefix };
  const cache = new ActivationCache();
  const run = () => activate(here, { env, home: user.home, cache });

  const first = await run();
  expect(first.problem).toBeNull();
  expect(first.variables).toMatchObject({ FROM_PIXI: '1', CONDA_PREFIX: prefix, PIXI_PROJECT_NAME: 'proj' });
  expect(first.variables).not.toHaveProperty('SHLVL');
  expect(first.variables).not.toHaveProperty('HOME');
  expect(first.sources.FROM_PIXI).toBe('pixi shell-hook');
  expect((await run()).cached).toBe(true);
  expect((await readFile(dir.join('home/calls'), 'utf8')).split('\n').slice(0, 3)).toEqual([
    'shell-hook',
    '--json',
    '--as-is',
  ]);

  await dir.write('home/fails', '');
  const failed = await activate(here, { env, home: user.home });
  expect(failed.problem).toMatchObject({ kind: 'hook-failed', message: expect.stringContaining('no lock file') });
  expect(failed.variables).toMatchObject({ BY_BASH: '1', CONDA_PREFIX: prefix });
  expect(failed.variables).not.toHaveProperty('FROM_PIXI');
});
