import { expect, test } from 'vitest';
import { compute, condaEnv, type Env } from './support.js';

/** §3.6, from libmamba/src/core/activation.cpp: a root /m without conda in it. */
const START = '/usr/bin:/bin';
const FILES = {
  '/m/conda-meta/history': '',
  '/m/bin/micromamba': '',
  '/m/envs/a/conda-meta/state': '{"env_vars": {"from_a": "1", "BOTH": "a", "GONE": "***unset***"}}',
  '/m/envs/b/conda-meta/state': '{"env_vars": {"both": "b", "PATH": "/evil"}}',
};
const IN_A: Env = {
  PATH: `/m/envs/a/bin:/x:/m/envs/a/bin:${START}`,
  CONDA_PREFIX: '/m/envs/a',
  CONDA_SHLVL: '1',
  CONDA_DEFAULT_ENV: 'a',
};
const activated = (env: Env, prefix: string) => compute(env, condaEnv(prefix, '/m', 'mamba'), FILES);

test('at level 0: condabin, names in upper case, no meta variables, what the hook would have set', async () => {
  const { variables } = await activated({ PATH: `/usr//bin:/usr/bin:/usr/bin:`, FROM_A: 'old' }, '/m/envs/a');
  expect(variables).toEqual({
    FROM_A: '1',
    __CONDA_SHLVL_0_FROM_A: 'old',
    BOTH: 'a',
    PATH: '/m/envs/a/bin:/m/condabin:/usr//bin:/usr/bin:',
    CONDA_PREFIX: '/m/envs/a',
    CONDA_SHLVL: '1',
    CONDA_DEFAULT_ENV: 'a',
    CONDA_PROMPT_MODIFIER: '(a) ',
    MAMBA_ROOT_PREFIX: '/m',
    MAMBA_EXE: '/m/bin/micromamba',
  });
});

test('over another: all of its entries go, the new one is first, its variables go and come back as they were', async () => {
  const { variables } = await activated(
    { ...IN_A, FROM_A: '1', BOTH: 'a', __CONDA_SHLVL_0_FROM_A: 'old' },
    '/m/envs/b',
  );
  expect(variables).toMatchObject({
    PATH: `/m/envs/b/bin:/x:${START}`,
    FROM_A: 'old',
    BOTH: 'b',
    __CONDA_SHLVL_1_BOTH: 'a',
    GONE: null,
    CONDA_PREFIX_1: '/m/envs/a',
    CONDA_SHLVL: '2',
  });
});

test('to the one below: a step down', async () => {
  const env = {
    ...IN_A,
    PATH: `/m/envs/a/bin:${START}`,
    CONDA_SHLVL: '2',
    CONDA_PREFIX_1: '/m/envs/b',
    FROM_A: '1',
    BOTH: 'a',
  };
  const { variables } = await activated(env, '/m/envs/b');
  expect(variables).toMatchObject({
    PATH: `/m/envs/b/bin:${START}`,
    CONDA_SHLVL: '1',
    CONDA_PREFIX: '/m/envs/b',
    CONDA_PREFIX_1: null,
    FROM_A: null,
    BOTH: 'b',
  });
});

test('itself again', async () => {
  const { variables } = await activated(IN_A, '/m/envs/a');
  expect(variables).toMatchObject({
    PATH: `/m/envs/a/bin:/x:${START}`,
    CONDA_SHLVL: '1',
    CONDA_PROMPT_MODIFIER: '(a) ',
  });
  expect(variables).not.toHaveProperty('BOTH');
});

test('no prompt is an unset one; stacked ones are joined by semicolons, the oldest first', async () => {
  expect(
    (await activated({ CONDA_CHANGEPS1: 'no', PATH: START }, '/m/envs/a')).variables.CONDA_PROMPT_MODIFIER,
  ).toBeNull();
  const env = { ...IN_A, CONDA_AUTO_STACK: '1', CONDA_ENV_PROMPT: '{stacked_env}' };
  const { variables } = await activated(env, '/m/envs/b');
  expect(variables).toMatchObject({
    CONDA_PROMPT_MODIFIER: 'a;b',
    CONDA_STACKED_2: 'true',
    PATH: `/m/envs/b/bin:${IN_A.PATH}`,
  });
});
