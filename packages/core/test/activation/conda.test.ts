import { expect, test } from 'vitest';
import { compute, condaEnv, type Env, environment } from './support.js';

/** The table of reference/environments.md §3.4: captured from conda. R=/r, conda 26.7 unless said. */
const START = '/usr/local/bin:/usr/bin:/bin';
const conda = (version: string) => ({ [`/r/conda-meta/conda-${version}-py313h06a4308_0.json`]: '{}' });
const ENVS = {
  '/r/envs/demo/conda-meta/history': '',
  '/r/envs/other/conda-meta/history': '',
  '/x/pfx/conda-meta/history': '',
};
const DEMO_ACTIVE = {
  CONDA_PREFIX: '/r/envs/demo',
  CONDA_SHLVL: '1',
  CONDA_DEFAULT_ENV: 'demo',
  PATH: `/r/envs/demo/bin:/r/condabin:${START}`,
};
const META = {
  CONDA_EXE: '/r/bin/conda',
  _CONDA_EXE: '/r/bin/conda',
  CONDA_PYTHON_EXE: '/r/bin/python',
  _CONDA_ROOT: '/r',
  _CE_M: '',
  _CE_CONDA: '',
};
const VARIABLES = {
  '/r/envs/demo/etc/conda/env_vars.d/20_b.json': '{"PKG_A": "b"}',
  '/r/envs/demo/etc/conda/env_vars.d/10_a.json': '{"PKG_A": "a", "DUP": "pkg"}',
  '/r/envs/demo/conda-meta/state': JSON.stringify({
    env_vars: { DUP: 'state', lower_var: 'low', CLOBBER: 'new', GONE: '***unset***' },
  }),
};
const ODD = { '/r/envs/demo/etc/conda/env_vars.d/a.json': '{"N":1,"B":true,"NUL":null,"PATH":"/evil"}' };

interface Vector {
  name: string;
  env?: Env;
  prefix?: string;
  version?: string;
  files?: Record<string, string>;
  /** Nothing else may be set. */
  exactly?: Record<string, string | null>;
  /** undefined: must not be mentioned. */
  has?: Record<string, string | null | undefined>;
  deactivate?: string[];
}

const vectors: Vector[] = [
  {
    name: 'V1 activate demo',
    exactly: {
      PATH: `/r/envs/demo/bin:/r/condabin:${START}`,
      CONDA_PREFIX: '/r/envs/demo',
      CONDA_SHLVL: '1',
      CONDA_DEFAULT_ENV: 'demo',
      CONDA_PROMPT_MODIFIER: '(demo) ',
      ...META,
    },
  },
  { name: 'V2 base', prefix: '/r', has: { PATH: `/r/bin:/r/condabin:${START}`, CONDA_DEFAULT_ENV: 'base' } },
  {
    name: 'V3 by its path',
    prefix: '/x/pfx/',
    has: { CONDA_PREFIX: '/x/pfx', CONDA_DEFAULT_ENV: '/x/pfx', CONDA_PROMPT_MODIFIER: '(/x/pfx) ' },
  },
  {
    name: 'V4 entries are normalised',
    env: { PATH: '/usr/local/bin/::/usr/bin:/opt/x/../y:~/z:/bin:' },
    has: { PATH: '/r/envs/demo/bin:/r/condabin:/usr/local/bin:.:/usr/bin:/opt/y:~/z:/bin:.' },
  },
  {
    name: 'V5 any condabin counts',
    env: { PATH: '/usr/bin:/other/condabin:/bin' },
    has: { PATH: '/r/envs/demo/bin:/usr/bin:/other/condabin:/bin' },
  },
  {
    name: 'V6 variables',
    env: { PATH: START, CLOBBER: 'old' },
    files: VARIABLES,
    has: {
      PKG_A: 'b',
      DUP: 'state',
      LOWER_VAR: 'low',
      CLOBBER: 'new',
      __CONDA_SHLVL_0_CLOBBER: 'old',
      GONE: undefined,
    },
  },
  {
    name: 'V7 demo to other',
    env: { ...DEMO_ACTIVE, PATH: `/first:${DEMO_ACTIVE.PATH}` },
    prefix: '/r/envs/other',
    has: { PATH: `/first:/r/envs/other/bin:/r/condabin:${START}`, CONDA_SHLVL: '2', CONDA_PREFIX_1: '/r/envs/demo' },
  },
  {
    name: 'V8 demo to other, where demo is not on PATH',
    env: { ...DEMO_ACTIVE, PATH: START },
    prefix: '/r/envs/other',
    has: { PATH: `/r/envs/other/bin:${START}`, CONDA_PREFIX_1: '/r/envs/demo' },
  },
  {
    name: 'V9 stacked',
    env: { ...DEMO_ACTIVE, CONDA_AUTO_STACK: '1' },
    prefix: '/r/envs/other',
    files: { '/r/envs/demo/etc/conda/deactivate.d/a.sh': '' },
    has: { PATH: `/r/envs/other/bin:${DEMO_ACTIVE.PATH}`, CONDA_STACKED_2: 'true', CONDA_PREFIX_1: '/r/envs/demo' },
    deactivate: [],
  },
  {
    name: 'V10 variables of the one before remain (R10), its scripts run backwards (R9)',
    env: { ...DEMO_ACTIVE, PKG_A: 'b' },
    prefix: '/r/envs/other',
    files: {
      ...VARIABLES,
      '/r/envs/demo/etc/conda/deactivate.d/a.sh': '',
      '/r/envs/demo/etc/conda/deactivate.d/b.sh': '',
    },
    has: { PKG_A: undefined },
    deactivate: ['/r/envs/demo/etc/conda/deactivate.d/b.sh', '/r/envs/demo/etc/conda/deactivate.d/a.sh'],
  },
  { name: 'V11 no PATH', env: {}, has: { PATH: '/r/envs/demo/bin:/r/condabin:/usr/bin' } },
  {
    name: 'V13 env_prompt',
    env: { PATH: START, CONDA_ENV_PROMPT: '[{name}|{prefix}]' },
    has: { CONDA_PROMPT_MODIFIER: '[demo|/r/envs/demo]' },
  },
  { name: 'V13 changeps1', env: { CONDA_CHANGEPS1: 'false' }, has: { CONDA_PROMPT_MODIFIER: '' } },
  {
    name: 'V14 numbers, switches, null (R8: empty since 25.7), PATH reserved',
    files: ODD,
    has: { N: '1', B: 'True', NUL: '', PATH: `/r/envs/demo/bin:/r/condabin:${START}` },
  },
  {
    name: 'V14 with conda 24.1',
    version: '24.1.2',
    files: ODD,
    has: {
      N: '1',
      B: 'True',
      NUL: null,
      PATH: '/evil',
      _CONDA_ROOT: undefined,
      _CONDA_EXE: undefined,
      CONDA_EXE: '/r/bin/conda',
    },
  },
  {
    name: 'R1 reactivate: no variables again, meta variables',
    env: { ...DEMO_ACTIVE, PATH: `/first:/r/envs/demo/bin/:${START}` },
    files: VARIABLES,
    exactly: {
      PATH: `/first:/r/envs/demo/bin:${START}`,
      CONDA_SHLVL: '1',
      CONDA_PROMPT_MODIFIER: '(demo) ',
      ...META,
    },
  },
  {
    name: 'R1 with conda 24.1: the variables as they are written, no meta variables',
    env: DEMO_ACTIVE,
    version: '24.1.2',
    files: VARIABLES,
    has: { lower_var: 'low', LOWER_VAR: undefined, GONE: null, CONDA_EXE: undefined },
  },
  {
    name: 'R5 {stacked_env}',
    env: { ...DEMO_ACTIVE, CONDA_AUTO_STACK: '1', CONDA_ENV_PROMPT: '<{stacked_env}> ' },
    prefix: '/r/envs/other',
    has: { CONDA_PROMPT_MODIFIER: '<other,demo> ' },
  },
  {
    name: 'R7 may be told to keep the case',
    env: { PATH: START, CONDA_ENVVARS_FORCE_UPPERCASE: 'no' },
    files: VARIABLES,
    has: { lower_var: 'low', LOWER_VAR: undefined, PATH: `/r/envs/demo/bin:/r/condabin:${START}` },
  },
  { name: 'a level that is none', env: { PATH: START, CONDA_SHLVL: 'x' }, has: { CONDA_SHLVL: '1' } },
  {
    name: 'the old prefix last on PATH, where conda fails (§3.5, 4)',
    env: { ...DEMO_ACTIVE, PATH: '/usr/bin:/r/envs/demo/bin' },
    prefix: '/r/envs/other',
    has: { PATH: '/usr/bin:/r/envs/other/bin' },
  },
];

test.each(vectors)('$name', async (vector) => {
  const { env = { PATH: START }, prefix = '/r/envs/demo', version = '26.7.1' } = vector;
  const result = await compute(env, condaEnv(prefix), { ...ENVS, ...conda(version), ...vector.files });
  if (vector.exactly) expect(result.variables).toEqual(vector.exactly);
  for (const [name, value] of Object.entries(vector.has ?? {})) {
    expect([name, result.variables[name]]).toEqual([name, value]);
  }
  if (vector.deactivate) expect(result.scripts.deactivate).toEqual(vector.deactivate);
  expect(Object.keys(result.sources).sort()).toEqual(Object.keys(result.variables).sort());
});

test('each variable names who set it', async () => {
  const files = { ...ENVS, ...conda('26.7.1'), ...VARIABLES };
  const { sources } = await compute({ PATH: START, CLOBBER: 'old' }, condaEnv('/r/envs/demo'), files);
  expect(sources).toMatchObject({
    CONDA_PREFIX: 'conda: prefix',
    PKG_A: 'conda: env_vars.d/20_b.json',
    DUP: 'conda: conda-meta/state',
    CONDA_EXE: 'conda: root',
    __CONDA_SHLVL_0_CLOBBER: 'conda: saves CLOBBER',
  });
});

test('scripts by suffix and in the order of code points, dotfiles too', async () => {
  const dir = '/r/envs/demo/etc/conda/activate.d';
  const names = ['a.sh', 'B.sh', '.hidden.sh', 'x.fish', 'é.sh', '\u{1F600}.sh', '\uFFFD.sh'];
  const files = { ...ENVS, ...conda('26.7.1'), ...Object.fromEntries(names.map((name) => [`${dir}/${name}`, ''])) };
  const { scripts } = await compute({}, condaEnv('/r/envs/demo'), files);
  const order = ['.hidden.sh', 'B.sh', 'a.sh', 'é.sh', '\uFFFD.sh', '\u{1F600}.sh'];
  expect(scripts.activate).toEqual(order.map((name) => `${dir}/${name}`));
});

test('with no root in reach, what depends on one is left out', async () => {
  const { variables } = await compute({ PATH: START }, condaEnv('/x/pfx', null), ENVS);
  expect(variables).toEqual({
    PATH: `/x/pfx/bin:${START}`,
    CONDA_PREFIX: '/x/pfx',
    CONDA_SHLVL: '1',
    CONDA_DEFAULT_ENV: '/x/pfx',
    CONDA_PROMPT_MODIFIER: '(/x/pfx) ',
  });
  const shell = await compute({ PATH: START, CONDA_EXE: '/r/bin/conda' }, condaEnv('/x/pfx', null), {
    ...ENVS,
    ...conda('26.7.1'),
  });
  expect(shell.variables).toMatchObject(META);
});

test('what conda would fail at costs its own entry, and is noted', async () => {
  const dir = '/r/envs/demo/etc/conda/env_vars.d';
  const { variables, notes } = await compute({}, condaEnv('/r/envs/demo'), {
    ...ENVS,
    ...conda('26.7.1'),
    [`${dir}/1.json`]: '{"A": ',
    [`${dir}/2.json`]: '["A"]',
    [`${dir}/3.json`]: '{"LIST": [1], "OBJECT": {}, "FINE": "yes", "": "x", "A=B": "x", "NUL_IN": "a\\u0000b"}',
    [`${dir}/folder/x.json`]: '{}',
    [`${dir}/4.json`]:
      '{"FLOAT": 1.0, "BIG": 12345678901234567890123, "EXP": 1e16, "SMALL": 0.00001, "NEGATIVE": -0.5, "F": false}',
    '/r/envs/demo/conda-meta/state': '{"env_vars": []}',
  });
  expect(variables).toMatchObject({
    FINE: 'yes',
    FLOAT: '1.0',
    BIG: '12345678901234567890123',
    EXP: '1e+16',
    SMALL: '1e-05',
    NEGATIVE: '-0.5',
    F: 'False',
  });
  expect(Object.keys(variables)).not.toEqual(expect.arrayContaining(['LIST']));
  expect(notes.map(({ kind, path }) => [kind, path?.split('/').at(-1) ?? null])).toEqual([
    ['variables-damaged', '1.json'],
    ['variables-damaged', '2.json'],
    ['variable-passed-over', '3.json'],
    ['variable-passed-over', '3.json'],
    ['file-unreadable', 'folder'],
    ['variables-damaged', 'state'],
    ['variable-impossible', null],
    ['variable-impossible', null],
    ['variable-impossible', null],
  ]);
});

test('settings: variables before files, later files before earlier ones; a damaged one is noted', async () => {
  const files = {
    ...ENVS,
    ...conda('26.7.1'),
    '/etc/conda/.condarc': "env_prompt: '[{name}] '\nchangeps1: false\n",
    '/home/u/.condarc': 'changeps1: yes\nchannels: [x]\n',
  };
  const of = condaEnv('/r/envs/demo');
  expect((await compute({}, of, files)).variables.CONDA_PROMPT_MODIFIER).toBe('[demo] ');
  expect((await compute({ CONDA_CHANGEPS1: '0' }, of, files)).variables.CONDA_PROMPT_MODIFIER).toBe('');
  const damaged = await compute({}, of, { ...files, '/home/u/.condarc': 'changeps1: [' });
  expect(damaged.notes.map(({ kind }) => kind)).toEqual(['configuration-damaged']);
  expect(damaged.variables.CONDA_PROMPT_MODIFIER).toBe('');
});

test('another Python is not believed: PYTHONHOME goes, unless the environment brings it', async () => {
  const env = { PATH: START, PYTHONHOME: '/other' };
  expect((await compute(env, condaEnv('/x/pfx', null), ENVS)).variables.PYTHONHOME).toBeNull();
  const own = { ...ENVS, '/x/pfx/conda-meta/state': '{"env_vars": {"PYTHONHOME": "/x/pfx"}}' };
  expect((await compute(env, condaEnv('/x/pfx', null), own)).variables.PYTHONHOME).toBe('/x/pfx');
});

test('an environment that is not there any more', async () => {
  const { variables, problem } = await compute({}, environment({ prefix: '/gone' }), {});
  expect(variables).toEqual({});
  expect(problem?.kind).toBe('environment-missing');
});
