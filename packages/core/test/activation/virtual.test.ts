import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { isolatedEnv, kernel } from '../../../../testing/support/index.js';
import { activate } from '../../src/activation/index.js';
import type { Environment } from '../../src/environments/index.js';
import { checkActivation, compute, environment, pythons, sourced } from './support.js';

/** PS1 is nobody's business here. */
async function compare(of: Environment, env: Record<string, string>): Promise<void> {
  await checkActivation(of, env, sourced('. "$1/bin/activate"', env, of.prefix));
}

describe.each(pythons())('venv of %s', (python) => {
  test.each([[], ['--prompt', "it's (mine) é"], ['--prompt', 'two words']])('%s %s', async (...prompt) => {
    await using user = await isolatedEnv({
      extra: { PYTHONHOME: '/nowhere', CONDA_PREFIX: '/some/env', PATH: '/usr/bin:/bin:' },
    });
    const prefix = user.dir.join('an env');
    const { PYTHONHOME: _home, ...bare } = user.env;
    execFileSync(python, ['-m', 'venv', '--without-pip', ...prompt, prefix], {
      env: { ...bare, PATH: process.env.PATH! },
    });
    await compare(environment({ kind: 'venv', prefix }), user.env);
    // once more, from within
    await compare(environment({ kind: 'venv', prefix }), {
      ...user.env,
      VIRTUAL_ENV: '/other',
      VIRTUAL_ENV_PROMPT: 'other',
    });
  });
});

/** Tools that are there only where somebody installed them: `pip install virtualenv uv`. */
const tools = [
  { kind: 'virtualenv', argv: ['virtualenv', '--no-download', '--without-pip'] },
  { kind: 'uv', argv: ['uv', 'venv', '--offline'] },
] as const;
for (const { kind, argv } of tools) {
  const isThere = spawnSync(argv[0], ['--version']).status === 0;
  test.skipIf(!isThere)(`${kind}, as installed here`, async () => {
    for (const prompt of [[], ['--prompt', 'two words']]) {
      await using user = await isolatedEnv({ extra: { PATH: '/usr/bin:/bin', PKG_CONFIG_PATH: '/own' } });
      const prefix = user.dir.join('made');
      execFileSync(argv[0], [...argv.slice(1), ...prompt, prefix], {
        env: { ...user.env, PATH: process.env.PATH! },
        stdio: 'ignore',
      });
      await compare(environment({ kind, prefix }), user.env);
    }
  });
}

/** The lines of other makers' scripts, as they write them. */
test.each([
  ['venv 3.9', '', null],
  ['venv 3.12', '    VIRTUAL_ENV_PROMPT="(x) "\n    export VIRTUAL_ENV_PROMPT\n', '(x) '],
  ['venv 3.13', "VIRTUAL_ENV_PROMPT='it'\"'\"'s'\nexport VIRTUAL_ENV_PROMPT\n", "it's"],
  ['venv 3.14, nothing to quote', 'VIRTUAL_ENV_PROMPT=.venv\n', '.venv'],
  [
    'uv without a prompt',
    'if [ "x" != x ] ; then\n    VIRTUAL_ENV_PROMPT=""\nelse\n    VIRTUAL_ENV_PROMPT=$(basename "$VIRTUAL_ENV")\nfi\n',
    'v',
  ],
])('the prompt of %s', async (_name, script, prompt) => {
  const { variables } = await compute({ PATH: '/bin' }, environment({ kind: 'venv', prefix: '/w/v' }), {
    '/w/v/pyvenv.cfg': '',
    '/w/v/bin/activate': script,
  });
  expect(variables).toEqual({
    VIRTUAL_ENV: '/w/v',
    PATH: '/w/v/bin:/bin',
    ...(prompt !== null && { VIRTUAL_ENV_PROMPT: prompt }),
  });
});

test('virtualenv leads to its libraries and to Tcl', async () => {
  const script = [
    '    PKG_CONFIG_PATH="${VIRTUAL_ENV}/lib/pkgconfig${PKG_CONFIG_PATH:+:${PKG_CONFIG_PATH}}"',
    "        TCL_LIBRARY='/py/lib/tcl8.6'",
    "        TK_LIBRARY=''",
  ];
  const { variables } = await compute(
    { PATH: '/bin', PKG_CONFIG_PATH: '/p' },
    environment({ kind: 'virtualenv', prefix: '/v' }),
    {
      '/v/bin/activate': script.join('\n'),
    },
  );
  expect(variables).toMatchObject({ PKG_CONFIG_PATH: '/v/lib/pkgconfig:/p', TCL_LIBRARY: '/py/lib/tcl8.6' });
  expect(variables).not.toHaveProperty('TK_LIBRARY');
});

test.each<[Partial<Environment>, Record<string, string>]>([
  [{ kind: 'poetry' }, {}],
  [
    { kind: 'pipenv', project: '/w' },
    { PIPENV_ACTIVE: '1', PIPENV_PROJECT_DIR: '/w' },
  ],
  [{ kind: 'hatch', name: 'demo' }, { HATCH_ENV_ACTIVE: 'default' }],
  [{ kind: 'hatch', name: 'demo:docs' }, { HATCH_ENV_ACTIVE: 'docs' }],
  [{ kind: 'virtualenvwrapper' }, {}],
  [{ kind: 'pyenv-virtualenv' }, {}],
  [{ kind: 'pipx' }, {}],
])('managers: %o', async (of, more) => {
  const { variables } = await compute({ PATH: '/bin' }, environment({ prefix: '/v', ...of }), {
    '/v/pyvenv.cfg': 'version = 3.11.2\n',
  });
  expect(variables).toEqual({ VIRTUAL_ENV: '/v', PATH: '/v/bin:/bin', ...more });
});

test('without a script to read, the prompt is that of the maker and its version', async () => {
  const prompt = async (cfg: string, version: string | null) => {
    const files = { '/w/v/pyvenv.cfg': cfg };
    return (await compute({ PATH: '/bin' }, environment({ kind: 'venv', prefix: '/w/v', version }), files)).variables
      .VIRTUAL_ENV_PROMPT;
  };
  expect(await prompt("prompt = 'two words'\n", '3.11.2')).toBe('(two words) ');
  expect(await prompt("prompt = 'two words'\n", '3.13.0')).toBe('two words');
  expect(await prompt('', '3.9.1')).toBeUndefined();
  expect(await prompt('uv = 0.5\nprompt = x\n', '3.9.1')).toBe('x');
});

test.each(['pyenv', 'uv', 'mise', 'asdf', 'rye', 'system', 'homebrew', 'unknown'] as const)(
  '%s: the interpreter’s directory first, and nothing else',
  async (kind) => {
    const of = environment({ kind, prefix: '/p', python: '/p/bin/python3.11' });
    const files = { '/p/bin/python3.11': '' };
    const { variables, sources } = await compute({ PATH: '/bin::/usr/bin:' }, of, files);
    expect(variables).toEqual({ PATH: '/p/bin:/bin::/usr/bin:' });
    expect(sources).toEqual({ PATH: `${kind}: interpreter` });
    expect((await compute({ PATH: '/p/bin:/bin' }, of, files)).variables).toEqual({});
    const none = await compute({ PATHS: '' }, of, files);
    expect(none.variables).toEqual({ PATH: '/p/bin:/usr/bin:/bin' });
    expect(none.notes.map((note) => note.kind)).toEqual(['path-unset']);
    expect((await compute({ PATH: '' }, of, files)).variables).toEqual({ PATH: '/p/bin' });
  },
);

test('active already: PATH stays as it is', async () => {
  const env = { PATH: '/v/bin:/bin', VIRTUAL_ENV: '/v' };
  expect((await compute(env, environment({ kind: 'venv', prefix: '/v' }), { '/v/pyvenv.cfg': '' })).variables).toEqual({
    VIRTUAL_ENV: '/v',
  });
});

test('what an editor says is taken as it is', async () => {
  const of = environment({ prefix: '/nowhere', variables: { A: '1', PYTHONHOME: null } });
  const result = await activate(of, { env: {} });
  expect(result).toMatchObject({ variables: { A: '1', PYTHONHOME: null }, problem: null, scripts: [], cached: false });
  expect(result.sources.A).toBe('given with the environment');
});

test('a kernel of this suite sees its own pip and Python', async () => {
  const { prefix, available } = kernel('ipykernel');
  if (!available || prefix === null) return;
  await using user = await isolatedEnv();
  const { variables } = await activate(environment({ kind: 'venv', prefix }), { env: user.env, home: user.home });
  const env = { ...user.env, PATH: variables.PATH!, VIRTUAL_ENV: variables.VIRTUAL_ENV! };
  expect(execFileSync('python', ['-c', 'import sys; print(sys.prefix)'], { env, encoding: 'utf8' }).trim()).toBe(
    prefix,
  );
});
