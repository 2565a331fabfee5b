import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isolatedEnv, type TempDir } from '../../../../testing/support/index.js';
import { type ActivateOptions, ActivationCache, activate } from '../../src/activation/index.js';
import { processAlive } from '../support.js';
import { condaEnv } from './support.js';

/** A conda environment with scripts, in a home of its own. */
async function made(scripts: Record<string, string>) {
  const user = await isolatedEnv({ extra: { KEPT: 'kept', PATH: '/usr/bin:/bin' } });
  const { dir, env } = user;
  await dir.write('env/conda-meta/history', '');
  for (const [name, text] of Object.entries(scripts)) await dir.write(`env/etc/conda/${name}`, text);
  const prefix = dir.join('env');
  const of = condaEnv(prefix, null);
  return {
    ...user,
    prefix,
    script: (name: string) => dir.join('env/etc/conda', name),
    run: (options: ActivateOptions = {}) => activate(of, { env, home: user.home, ...options }),
    [Symbol.asyncDispose]: () => user[Symbol.asyncDispose](),
  };
}

/** Makes every file look as if nobody had touched it lately, so that results may be kept. */
async function settle(dir: TempDir): Promise<void> {
  const names = readdirSync(dir.path, { recursive: true, encoding: 'utf8' });
  for (const name of ['.', ...names]) await utimes(dir.join(name), 1_700_000_000, 1_700_000_000);
}

test('values of every kind come through as they are', async () => {
  await using at = await made({
    'activate.d/a.sh': [
      `export QUOTES="it's \\"quoted\\" \\$HOME \\\\ \\\`x\\\`"`,
      "export LINES_=$'one\\ntwo\\n\\nX=y\\ndeclare -x Z=1\\n'",
      "export EQUALS='a=b=c'",
      "export EMPTY=''",
      "export UNI='Größe 🦀 日本'",
      'unset KEPT; export CONDA_PREFIX_SEEN=$CONDA_PREFIX',
      'local_only=1',
      'some_function() { :; }; export -f some_function; cd /',
    ].join('\n'),
  });
  const { variables, sources, scripts, problem, notes } = await at.run();
  expect(problem).toBeNull();
  expect(notes).toEqual([]);
  expect(variables).toEqual({
    PATH: `${at.prefix}/bin:/usr/bin:/bin`,
    CONDA_PREFIX: at.prefix,
    CONDA_SHLVL: '1',
    CONDA_DEFAULT_ENV: at.prefix,
    CONDA_PROMPT_MODIFIER: `(${at.prefix}) `,
    QUOTES: 'it\'s "quoted" $HOME \\ `x`',
    LINES_: 'one\ntwo\n\nX=y\ndeclare -x Z=1\n',
    EQUALS: 'a=b=c',
    EMPTY: '',
    UNI: 'Größe 🦀 日本',
    KEPT: null,
    CONDA_PREFIX_SEEN: at.prefix,
  });
  expect(sources).toMatchObject({ UNI: 'activate.d/a.sh', KEPT: 'activate.d/a.sh', CONDA_PREFIX: 'conda: prefix' });
  expect(scripts).toEqual([at.script('activate.d/a.sh')]);
});

test('each variable names the scripts that set it, in order', async () => {
  await using at = await made({
    'activate.d/1.sh': 'export ONE=1 BOTH=1; PATH=/one:$PATH',
    'activate.d/2.sh': 'export TWO="after $ONE" BOTH=2',
    'activate.d/3.sh': ':',
  });
  const { variables, sources, scripts } = await at.run();
  expect(variables).toMatchObject({ TWO: 'after 1', BOTH: '2', PATH: `/one:${at.prefix}/bin:/usr/bin:/bin` });
  expect(sources).toMatchObject({
    ONE: 'activate.d/1.sh',
    BOTH: 'activate.d/1.sh, activate.d/2.sh',
    TWO: 'activate.d/2.sh',
    PATH: 'conda: prefix, activate.d/1.sh',
  });
  expect(scripts).toHaveLength(3);
});

test('what was active is deactivated first, and sees its own PATH (R9)', async () => {
  await using at = await made({ 'activate.d/a.sh': 'export SEEN_LATE=$CONDA_PREFIX:$PATH ARGS=$#' });
  const { dir, env } = at;
  const old = dir.join('old');
  await dir.write('old/conda-meta/history', '');
  await dir.write('old/etc/conda/deactivate.d/a.sh', 'export ORDER="$ORDER a"');
  await dir.write('old/etc/conda/deactivate.d/b.sh', 'export ORDER=b SEEN=$CONDA_PREFIX:$PATH; unset KEPT');
  const path = `/first:${old}/bin:/usr/bin:/bin`;
  const { variables, scripts, sources } = await at.run({
    env: { ...env, CONDA_PREFIX: old, CONDA_SHLVL: '1', PATH: path },
  });
  expect(variables).toMatchObject({
    ORDER: 'b a',
    SEEN: `${old}:${path}`,
    SEEN_LATE: `${at.prefix}:/first:${at.prefix}/bin:/usr/bin:/bin`,
    CONDA_PREFIX: at.prefix,
    CONDA_SHLVL: '2',
    ARGS: '0',
    KEPT: null,
  });
  expect(sources.ORDER).toBe('deactivate.d/b.sh, deactivate.d/a.sh');
  expect(sources.CONDA_PREFIX).toBe('conda: prefix');
  expect(scripts.map((script) => script.split('/').slice(-2).join('/'))).toEqual([
    'deactivate.d/b.sh',
    'deactivate.d/a.sh',
    'activate.d/a.sh',
  ]);
});

describe('bad scripts', () => {
  test.each([
    ['exit 3', 'exit 3'],
    ['set -e', 'set -e\nfalse\nexport NEVER=1'],
    ['set -u', 'set -u\necho $NOT_THERE\nexport NEVER=1'],
    ['an expansion that fails', ': ${NOT_THERE:?it is not there}'],
  ])('%s ends the shell: what was set stays, the others run all the same', async (_name, text) => {
    await using at = await made({
      'activate.d/1.sh': 'export ONE=1',
      'activate.d/2.sh': `export TWO=2; echo "the reason" >&2\n${text}`,
      'activate.d/3.sh': 'export THREE="$ONE$TWO"',
    });
    const { variables, problem, notes, scripts, sources } = await at.run();
    expect(problem).toBeNull();
    expect(variables).toMatchObject({ ONE: '1', TWO: '2', THREE: '12', CONDA_PREFIX: at.prefix });
    expect(variables).not.toHaveProperty('NEVER');
    expect(notes).toEqual([
      {
        kind: 'script-ended-shell',
        path: at.script('activate.d/2.sh'),
        message: expect.stringContaining('the reason'),
      },
    ]);
    expect(scripts).toHaveLength(3);
    expect(sources).toMatchObject({ ONE: 'activate.d/1.sh', TWO: 'activate.d/2.sh', THREE: 'activate.d/3.sh' });
  });

  test('one that deactivates and ends its shell does not keep the activation from being', async () => {
    await using at = await made({ 'activate.d/a.sh': 'export SEEN=$CONDA_PREFIX' });
    const old = at.dir.join('old');
    await at.dir.write('old/etc/conda/deactivate.d/a.sh', 'export LEFT=1; exit 1');
    const env = { ...at.env, CONDA_PREFIX: old, CONDA_SHLVL: '1' };
    const { variables, problem } = await at.run({ env });
    expect(problem).toBeNull();
    expect(variables).toMatchObject({ SEEN: at.prefix, LEFT: '1', CONDA_SHLVL: '2', CONDA_PREFIX: at.prefix });
  });

  test('an exec that fails does not end the shell', async () => {
    await using at = await made({ 'activate.d/1.sh': 'exec /does/not/exist\nexport ONE=1' });
    expect(await at.run()).toMatchObject({ variables: { ONE: '1' }, problem: null });
  });

  test('set -e and set -u of one do not reach the next', async () => {
    await using at = await made({
      'activate.d/1.sh': 'set -eux',
      'activate.d/2.sh': 'false; : $NOT_THERE; export TWO=2',
    });
    const { variables, problem } = await at.run();
    expect([variables.TWO, problem]).toEqual(['2', null]);
  });

  test('a status that is not 0 is told only with what was said', async () => {
    await using at = await made({ 'activate.d/1.sh': '[ -n "" ] && export X=1', 'activate.d/2.sh': 'export TWO=2' });
    expect((await at.run()).notes).toEqual([]);
    await at.dir.write('env/etc/conda/activate.d/2.sh', 'export TWO=2; echo "no licence" >&2; return 4');
    const { variables, notes } = await at.run();
    expect(variables.TWO).toBe('2');
    expect(notes.at(-1)).toMatchObject({
      kind: 'script-failed',
      message: expect.stringMatching(/2\.sh ended with status 4: no licence/),
    });
  });

  test('one that hangs is killed with its children after its time, and named', async () => {
    await using at = await made({
      'activate.d/1.sh': 'export ONE=1',
      'activate.d/2.sh': 'echo waiting >&2; sleep 1000 & echo $! > "$HOME/pid"; sleep 1000',
    });
    const begin = performance.now();
    const { variables, problem, fallbacks, scripts } = await at.run({ scriptTimeoutMs: 400 });
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(problem).toMatchObject({
      kind: 'script-timeout',
      message: expect.stringMatching(/^[^,]*2\.sh did not end within 0\.4 s.*waiting/s),
    });
    expect(variables).toEqual({ ...variables, CONDA_PREFIX: at.prefix });
    expect(fallbacks).toEqual([]);
    expect(scripts).toHaveLength(2);
  });

  test('one that kills its shell: the variables of files, and the ways that were tried then', async () => {
    await using at = await made({ 'activate.d/1.sh': 'export ONE=1\nkill -9 $$' });
    const { variables, problem, fallbacks } = await at.run({ env: { ...at.env, SHELL: '/bin/false' } });
    expect(problem).toMatchObject({
      kind: 'script-killed-shell',
      message: expect.stringContaining('1.sh ended its shell by SIGKILL'),
    });
    expect(variables).not.toHaveProperty('ONE');
    expect(variables.CONDA_PREFIX).toBe(at.prefix);
    expect(fallbacks.map(({ method, failure }) => [method, failure !== null])).toEqual([
      ['manager', true],
      ['login', true],
    ]);
  });

  test('megabytes on both outputs are dropped but for the end', async () => {
    await using at = await made({
      'activate.d/a.sh':
        'head -c 30000000 /dev/zero | tr "\\0" x; head -c 9000000 /dev/zero | tr "\\0" y >&2; echo >&2; echo the end >&2; export A=1; return 1',
    });
    const { variables, notes, problem } = await at.run();
    expect([variables.A, problem]).toEqual(['1', null]);
    expect(notes[0]?.message).toMatch(/the end$/);
    expect(notes[0]?.message.length).toBeLessThan(17_000);
  });

  test('an environment that no process could have: told, and no answer is waited for', async () => {
    await using at = await made({
      'activate.d/a.sh': 'for n in $(seq 40); do export "V$n=$(head -c 125000 /dev/zero | tr "\\0" x)"; done',
    });
    const { problem } = await at.run({ env: { ...at.env, SHELL: '/bin/false' } });
    expect(problem?.kind).toBe('script-too-much');
  });

  test('a single variable that no process could have', async () => {
    await using at = await made({
      'activate.d/a.sh': 'export SMALL=1; big=$(head -c 131072 /dev/zero | tr "\\0" x); export big',
    });
    const { problem, variables } = await at.run({ env: { ...at.env, SHELL: '/bin/false' } });
    expect(problem?.kind).toBe('script-too-much');
    expect(variables.SMALL).toBeUndefined();
  });

  test('what is no name to a shell, arrays, and a `declare` of its own', async () => {
    await using at = await made({
      'activate.d/a.sh': `declare() { exit 3; }; typeset -ax ROW=(one $'two)\n"x') ; typeset -irx NUMBER=7; export NONE; export LAST=1`,
    });
    const { variables, problem } = await at.run({ env: { ...at.env, 'with.dot': 'kept' } });
    expect(problem).toBeNull();
    expect(variables).toMatchObject({ NUMBER: '7', LAST: '1' });
    for (const name of ['with.dot', 'ROW', 'NONE']) expect(variables).not.toHaveProperty(name);
  });

  test('a child in the background, with every descriptor, is not waited for and goes on', async () => {
    await using at = await made({
      'activate.d/a.sh': '(while :; do sleep 0.05; done) & echo $! > "$HOME/pid"; export A=$!',
    });
    const begin = performance.now();
    const { variables, problem } = await at.run();
    const pid = Number(variables.A);
    try {
      expect(performance.now() - begin).toBeLessThan(3000);
      expect(problem).toBeNull();
      expect(processAlive(pid)).toBe(true);
    } finally {
      process.kill(pid, 'SIGKILL');
      while (processAlive(pid)) await delay(5);
    }
  });

  test('a script that uses the low descriptors for itself', async () => {
    await using at = await made({
      'activate.d/a.sh': 'exec 3>/dev/null 4>&1 1>&2; echo noise; echo noise >&3; export A=1; exec 3>&- 1>&- 2>&-',
    });
    expect((await at.run()).variables.A).toBe('1');
  });

  test('BASH_ENV is not run, and stays as it is', async () => {
    await using at = await made({ 'activate.d/a.sh': 'export A=$BASH_ENV' });
    const file = await at.dir.write('bash-env', 'export FROM_BASH_ENV=1');
    const { variables } = await at.run({ env: { ...at.env, BASH_ENV: file, SHELLOPTS: 'errexit:xtrace' } });
    expect(variables.A).toBe(file);
    expect(variables).not.toHaveProperty('FROM_BASH_ENV');
    expect(variables).not.toHaveProperty('BASH_ENV');
    expect(variables).not.toHaveProperty('SHELLOPTS');
  });
});

test('an abort kills the group and is thrown', async () => {
  await using at = await made({ 'activate.d/a.sh': 'echo $$ > "$HOME/pid"; sleep 1000' });
  const controller = new AbortController();
  const result = at.run({ signal: controller.signal });
  const failed = expect(result).rejects.toMatchObject({ kind: 'aborted' });
  while (!readdirSync(at.home).includes('pid')) await delay(5);
  controller.abort();
  await failed;
  const left = spawnSync('pgrep', ['-f', at.script('activate.d/a.sh')], { encoding: 'utf8' });
  expect(left.stdout).toBe('');
});

test('without scripts: what files say, and a note that names the rest', async () => {
  await using at = await made({ 'activate.d/a.sh': 'export A=1' });
  const { variables, notes, scripts } = await at.run({ scripts: false });
  expect(variables).not.toHaveProperty('A');
  expect(scripts).toEqual([]);
  expect(notes).toEqual([expect.objectContaining({ kind: 'scripts-left-out', path: at.script('activate.d/a.sh') })]);
});

describe('the cache', () => {
  test('is good until a script, a file or a variable changes; on the disk, too', async () => {
    await using at = await made({ 'activate.d/a.sh': 'echo run >> "$HOME/runs"; export A=$TAG' });
    const file = at.dir.join('cache/activations.json');
    const { readFile, writeFile } = await import('node:fs/promises');
    await settle(at.dir);
    const env = { ...at.env, TAG: 'one', SECRET: 'hush' };
    const cache = new ActivationCache(file);
    const first = await at.run({ cache, env });
    const second = await at.run({ cache, env: { ...env, SHLVL: '7' } });
    const other = await at.run({ cache: new ActivationCache(file), env });
    expect([first.cached, second.cached, other.cached]).toEqual([false, true, true]);
    expect(second).toEqual({ ...first, cached: true, ms: second.ms });
    expect(other.variables).toEqual(first.variables);
    expect(await readFile(file, 'utf8')).not.toContain('hush');
    const changed = await at.run({ cache, env: { ...env, TAG: 'two' } });
    expect([changed.cached, changed.variables.A]).toEqual([false, 'two']);
    await writeFile(at.script('activate.d/a.sh'), 'export A=new');
    expect((await at.run({ cache, env })).variables.A).toBe('new');
    await writeFile(file, '{"format":1,"activations":{"x":3}}');
    expect((await at.run({ cache: new ActivationCache(file), env })).variables.A).toBe('new');
  });

  test('does not keep what changed a moment ago, nor failures', async () => {
    await using at = await made({ 'activate.d/a.sh': 'kill -9 $$' });
    const env = { ...at.env, SHELL: '/bin/false' };
    const cache = new ActivationCache();
    await at.run({ cache, env });
    await settle(at.dir);
    await at.run({ cache, env });
    expect((await at.run({ cache, env })).cached).toBe(false);
    await at.dir.write('env/etc/conda/activate.d/a.sh', ':');
    await at.run({ cache, env });
    expect((await at.run({ cache, env })).cached).toBe(false);
  });
});

test('nothing is left in the temporary directory', async () => {
  await using at = await made({ 'activate.d/a.sh': ':' });
  await at.run();
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('kernelkit-') && name.length > 40)).toEqual([]);
});
