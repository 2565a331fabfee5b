import { readdirSync } from 'node:fs';
import { mkdir, rm, utimes } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isolatedEnv } from '../../../../testing/support/index.js';
import { ActivationCache, activate, loginEnvironment } from '../../src/activation/index.js';
import { NodeFiles } from '../../src/files/index.js';
import { condaEnv, environment } from './support.js';

/** A user with a root and an environment, whose conda is a stand-in. */
async function made(conda: string, scripts: Record<string, string> = {}) {
  const user = await isolatedEnv({ extra: { PATH: '/usr/bin:/bin', SHELL: '/bin/bash' } });
  const { dir } = user;
  await dir.write('r/conda-meta/conda-26.7.1-py_0.json', '{}');
  await dir.write('r/bin/conda', conda, 0o755);
  await dir.write('r/envs/demo/conda-meta/history', '');
  for (const [name, text] of Object.entries(scripts)) await dir.write(`r/envs/demo/etc/conda/${name}`, text);
  return {
    ...user,
    prefix: dir.join('r/envs/demo'),
    of: condaEnv(dir.join('r/envs/demo'), dir.join('r')),
    [Symbol.asyncDispose]: () => user[Symbol.asyncDispose](),
  };
}

const answer = (more: string) => `#!/bin/sh
[ "$1" = shell.posix+json ] && [ "$2" = activate ] || exit 9
cat <<END
{"path": {"PATH": ["$3/bin", "/asked"]}, "vars": {"export": {"CONDA_PREFIX": "$3", "CONDA_SHLVL": 1}, "set": {"PS1": "x"}, "unset": ["LEFT"]}, "scripts": {${more}}}
END
`;

test('the manager is asked when the caller wants it, and its scripts run', async () => {
  await using at = await made(answer('"activate": ["$HOME/x.sh"], "deactivate": []'));
  await at.dir.write('home/x.sh', 'export BY_SCRIPT=$CONDA_SHLVL');
  const { variables, sources, fallbacks, scripts, problem } = await activate(at.of, {
    env: { ...at.env, LEFT: '1' },
    home: at.home,
    method: 'manager',
  });
  expect(problem).toBeNull();
  expect(variables).toEqual({
    PATH: `${at.prefix}/bin:/asked`,
    CONDA_PREFIX: at.prefix,
    CONDA_SHLVL: '1',
    LEFT: null,
    BY_SCRIPT: '1',
  });
  expect(sources).toMatchObject({ PATH: 'conda shell.posix+json', BY_SCRIPT: expect.stringContaining('x.sh') });
  expect(fallbacks).toEqual([{ method: 'manager', because: 'the caller asked for it', failure: null }]);
  expect(scripts).toEqual([at.dir.join('home/x.sh')]);
});

test('a manager that fails: files after all, and the reason', async () => {
  await using at = await made('#!/bin/sh\necho "MultipleKeysError" >&2; exit 1\n');
  const { variables, fallbacks, problem } = await activate(at.of, { env: at.env, home: at.home, method: 'manager' });
  expect(problem).toBeNull();
  expect(variables.CONDA_PREFIX).toBe(at.prefix);
  expect(fallbacks).toEqual([
    expect.objectContaining({ method: 'manager', failure: expect.stringContaining('MultipleKeysError') }),
  ]);
});

test('a failed script: first the manager, which names others; the login shell is left alone', async () => {
  await using at = await made(answer('"activate": []'), { 'activate.d/a.sh': 'kill -9 $$' });
  const { variables, fallbacks, problem } = await activate(at.of, { env: at.env, home: at.home });
  expect(problem).toBeNull();
  expect(variables.PATH).toBe(`${at.prefix}/bin:/asked`);
  expect(fallbacks).toEqual([{ method: 'manager', because: expect.stringContaining('SIGKILL'), failure: null }]);
});

test('then the login shell, over which scripts find what they need', async () => {
  await using at = await made('#!/bin/sh\nexit 1\n', {
    'activate.d/a.sh': '[ -n "$LICENCE" ] || kill -9 $$; export GOT=$LICENCE',
  });
  await at.dir.write('home/.bash_profile', 'echo hello; export LICENCE=yes PATH="/mine:$PATH"');
  const { variables, sources, fallbacks, problem } = await activate(at.of, { env: at.env, home: at.home });
  expect(problem).toBeNull();
  expect(variables).toMatchObject({ GOT: 'yes', LICENCE: 'yes' });
  expect(variables.PATH).toMatch(new RegExp(`^${at.prefix}/bin:.*/mine:`));
  expect(sources).toMatchObject({ LICENCE: 'login shell /bin/bash', PATH: 'login shell /bin/bash, conda: prefix' });
  expect(fallbacks.map(({ method, failure }) => [method, failure !== null])).toEqual([
    ['manager', true],
    ['login', false],
  ]);
});

test('the login shell: noise, functions, odd values', async () => {
  await using user = await isolatedEnv({ extra: { SHELL: '/bin/bash' } });
  const noise =
    'echo "A=1"; echo oops >&2; printf "B=2\\0" ; read -t 0.01 x; f() { :; }; export -f f; export ODD=$\'a\\nC=3\\n\' TWO="x y"; unset IPYTHONDIR';
  await user.dir.write('home/.bash_profile', noise);
  const { variables, shell } = await loginEnvironment({ env: user.env, home: user.home });
  expect(shell).toBe('/bin/bash');
  // the machine's own start-up file may set PATH
  expect({ ...variables, PATH: null }).toEqual({ PATH: null, ODD: 'a\nC=3\n', TWO: 'x y', IPYTHONDIR: null });
});

test.each([
  ['never ends', 'sleep 1000', /did not end within 0\.3 s/],
  ['leaves', 'exit 7', /ended with status 7/],
  ['becomes another program', 'exec true', /without an answer/],
])('a login shell that %s', async (_name, profile, message) => {
  await using user = await isolatedEnv({ extra: { SHELL: '/bin/bash' } });
  await user.dir.write('home/.bash_profile', profile);
  const asked = loginEnvironment({
    env: user.env,
    home: user.home,
    timeoutMs: profile.startsWith('sleep') ? 300 : 5000,
  });
  await expect(asked).rejects.toMatchObject({ kind: 'login-shell-failed', message: expect.stringMatching(message) });
});

test('a login shell is not asked from within, nor one that would not understand', async () => {
  const ask = (env: Record<string, string>) => loginEnvironment({ env, home: '/' });
  await expect(ask({ SHELL: '/bin/bash', KERNELKIT_RESOLVING_ENVIRONMENT: '1' })).rejects.toThrow(
    'being asked already',
  );
  await expect(ask({ SHELL: '/bin/tcsh' })).rejects.toThrow('no shell that could be asked');
  await expect(ask({ SHELL: '/not/there/bash' })).rejects.toThrow('ENOENT');
});

test('an abort while the login shell thinks', async () => {
  await using user = await isolatedEnv({ extra: { SHELL: '/bin/bash' } });
  await user.dir.write('home/.bash_profile', 'echo > "$HOME/here"; sleep 1000');
  const controller = new AbortController();
  const failed = expect(
    loginEnvironment({ env: user.env, home: user.home, signal: controller.signal }),
  ).rejects.toMatchObject({ kind: 'aborted' });
  while (!readdirSync(user.home).includes('here')) await delay(5);
  controller.abort();
  await failed;
});

test('an environment that is deleted in between is not taken from the cache', async () => {
  await using at = await made('');
  const cache = new ActivationCache();
  for (const name of ['.', ...readdirSync(at.dir.path, { recursive: true, encoding: 'utf8' })])
    await utimes(at.dir.join(name), 1_700_000_000, 1_700_000_000);
  const run = () => activate(at.of, { env: at.env, home: at.home, cache });
  expect((await run()).cached).toBe(false);
  expect((await run()).cached).toBe(true);
  await rm(at.prefix, { recursive: true });
  expect(await run()).toMatchObject({ cached: false, variables: {}, problem: { kind: 'environment-missing' } });
  await mkdir(at.prefix);
  expect(await run()).toMatchObject({ cached: false, problem: null });
});

test('a prefix behind a link is called by the link (V12)', async () => {
  await using at = await made('');
  const { symlink } = await import('node:fs/promises');
  await symlink(at.prefix, at.dir.join('link'));
  const { variables } = await activate(condaEnv(at.dir.join('link'), at.dir.join('r')), { env: at.env, home: at.home });
  expect(variables).toMatchObject({ CONDA_PREFIX: at.dir.join('link'), CONDA_DEFAULT_ENV: at.dir.join('link') });
});

test('on a file system that may not answer: read once it has answered, its results kept as well', async () => {
  await using at = await made('', { 'activate.d/a.sh': 'export A=1' });
  for (const name of ['.', ...readdirSync(at.dir.path, { recursive: true, encoding: 'utf8' })])
    await utimes(at.dir.join(name), 1_700_000_000, 1_700_000_000);
  const files = new NodeFiles({ remotes: [{ point: at.dir.path, type: 'nfs4' }] });
  const cache = new ActivationCache();
  const run = () => activate(at.of, { env: at.env, home: at.home, files, cache });
  expect(await run()).toMatchObject({ cached: false, problem: null, variables: { A: '1' } });
  expect(await run()).toMatchObject({ cached: true, variables: { A: '1' } });
});

test('an environment that may not be read tells what is left out', async () => {
  await using at = await made('');
  await at.dir.write('r/envs/demo/etc/conda/env_vars.d', 'a file where a directory should be');
  const { variables, notes } = await activate(at.of, { env: at.env, home: at.home });
  expect(variables.CONDA_PREFIX).toBe(at.prefix);
  expect(notes).toEqual([
    expect.objectContaining({ kind: 'file-unreadable', path: at.dir.join('r/envs/demo/etc/conda/env_vars.d') }),
  ]);
});

test('an interpreter on no PATH at all', async () => {
  const of = environment({ kind: 'system', prefix: '/usr', python: '/usr/bin/python3' });
  const { variables, notes } = await activate(of, { env: {}, home: '/' });
  expect(variables).toEqual({ PATH: '/usr/bin:/usr/bin:/bin' });
  expect(notes.map(({ kind }) => kind)).toEqual(['path-unset']);
});
