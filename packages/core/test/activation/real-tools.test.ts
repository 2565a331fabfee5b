import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { describe, test } from 'vitest';
import { describeTool } from '../../../../testing/support/index.js';
import type { Environment } from '../../src/environments/index.js';
import { at } from '../environments/support.js';
import {
  basePython,
  hatchMake,
  look,
  pipenvMake,
  poetryMake,
  rattlerInstall,
  type ToolUser,
  toolUser,
} from '../environments/tools.js';
import { checkActivation, type Difference, entriesOf, pythons, sourced } from './support.js';

/** Variables that some activation changes; tools written in Python are started without the first. */
const DISTURBING = { PYTHONHOME: '/nowhere', PKG_CONFIG_PATH: '/own/pkgconfig' };

/** The environment as the search finds it. */
async function found(user: ToolUser, prefix: string): Promise<Environment> {
  return at(await look(user), prefix);
}

type Expected = Record<string, Difference>;

/** What is active where the shell starts, as a kernel's may be: nothing, another environment, and one that fish activated. */
const OTHER = (path: string) => ({ VIRTUAL_ENV: '/other', VIRTUAL_ENV_PROMPT: 'other', PATH: `/other/bin:${path}` });
const BEFORE: ((path: string) => Record<string, string>)[] = [
  () => ({}),
  OTHER,
  (path) => ({ ...OTHER(path), VIRTUAL_ENV_DISABLE_PROMPT: '1' }),
  (path) => ({ ...OTHER(path), _OLD_VIRTUAL_PATH: path, _OLD_PKG_CONFIG_PATH: '', _OLD_VIRTUAL_PYTHONHOME: '/own' }),
  (path) => ({ ...OTHER(path), _OLD_PKG_CONFIG_PATH: '/own', _OLD_VIRTUAL_TCL_LIBRARY: '/own', TCL_LIBRARY: '/other' }),
];

const ACTIVATE = '. "$1/bin/activate"';

/** Sources the environment's script over each. */
async function checkSourced(user: ToolUser, prefix: string, expected: Expected = {}): Promise<Environment> {
  const of = await found(user, prefix);
  for (const before of BEFORE) {
    const env = { ...user.env, ...DISTURBING, ...before(user.env.PATH!) };
    await checkActivation(of, env, sourced(ACTIVATE, env, prefix), expected);
  }
  return of;
}

/** Against the tool's own way to start a program in the environment. */
async function checkRunner(user: ToolUser, of: Environment, argv: string[], expected: Expected): Promise<void> {
  const [file, ...args] = argv;
  const theirs = entriesOf(await user.run(file!, ...args, '/usr/bin/env', '-0'));
  await checkActivation(of, user.env, theirs, expected);
}

/** What virtualenv's script sets, and a runner that does not source it leaves out. */
function withoutScript(runner: string): Expected {
  const why = `${runner} does not source the script, which sets it`;
  return { PKG_CONFIG_PATH: { why, theirs: undefined }, VIRTUAL_ENV_PROMPT: { why, theirs: undefined } };
}

describe('python -m venv', () => {
  test.each([basePython, ...pythons().filter(isAbsolute)])('%s', async (python) => {
    await using user = await toolUser([], {}, "it's my (project) é");
    for (const [name, ...options] of [
      ['plain'],
      ['with blanks'],
      ['prompted', '--prompt', 'two words'],
      ['quoted', '--prompt', `it's "mine"`],
    ]) {
      const prefix = join(user.project, name!);
      await user.run(python, '-m', 'venv', '--without-pip', ...options, prefix);
      await checkSourced(user, prefix);
    }
    const prefix = join(user.project, 'the "best"');
    await user.run(python, '-m', 'venv', '--without-pip', prefix);
    const theirs = sourced(ACTIVATE, user.env, prefix);
    const why = 'before CVE-2024-9287 was mended, venv put a path between double quotes as it is';
    const bare = prefix.replaceAll('"', '');
    const broken = { VIRTUAL_ENV: { why, theirs: bare }, PATH: { why, theirs: `${bare}/bin:${user.env.PATH}` } };
    await checkActivation(await found(user, prefix), user.env, theirs, theirs.VIRTUAL_ENV === prefix ? {} : broken);
  });
});

describeTool('virtualenv', (virtualenv) => {
  test('with a prompt, blanks and quotes', async () => {
    await using user = await toolUser([virtualenv], {}, `it's "my" $project`);
    for (const options of [[], ['--prompt', `it's "$mine"`]]) {
      const prefix = join(user.project, `env of ${options.length}`);
      await user.run('virtualenv', '--no-seed', '-p', basePython, ...options, prefix);
      await checkSourced(user, prefix);
    }
  });
});

describeTool('uv', (uv) => {
  test('with a prompt, blanks and quotes; and relocatable', async () => {
    await using user = await toolUser([uv], {}, `it's "my" $project`);
    const make = async (...options: string[]) => {
      const prefix = join(user.project, `env of ${options.join(' ').length}`);
      await user.run('uv', 'venv', '--offline', '--python', basePython, ...options, prefix);
      return prefix;
    };
    for (const options of [[], ['--prompt', `it's "mine"`], ['--relocatable']]) {
      await checkSourced(user, await make(...options));
    }
    const why = 'uv puts a prompt between double quotes as it is, and bash takes its $mine for a variable';
    await checkSourced(user, await make('--prompt', 'for $mine'), { VIRTUAL_ENV_PROMPT: { why, theirs: 'for ' } });
  });

  test('a project, and uv run', async () => {
    await using user = await toolUser([uv]);
    await user.write('pyproject.toml', '[project]\nname = "of-uv"\nversion = "1"\nrequires-python = ">=3.9"\n');
    await user.run('uv', 'sync', '--offline', '--python', basePython);
    const of = await checkSourced(user, join(user.project, '.venv'));
    await checkRunner(user, of, ['uv', 'run', '--offline'], {
      UV: { why: 'what uv tells a uv that is started within it', theirs: uv },
      UV_RUN_RECURSION_DEPTH: { why: 'uv counts a uv run within a uv run', theirs: '1' },
      VIRTUAL_ENV_PROMPT: { why: 'uv run has no prompt to change', theirs: undefined },
    });
  });
});

describeTool('poetry', (poetry) => {
  test.each([
    ['in its own place', {}],
    ['in the project', { POETRY_VIRTUALENVS_IN_PROJECT: '1' }],
  ])('%s', async (_where, extra) => {
    await using user = await toolUser([poetry], extra);
    const prefix = await poetryMake(user);
    const of = await checkSourced(user, prefix);
    const own = sourced('cd "$1" && eval "$(poetry env activate)"', user.env, user.project);
    await checkActivation(of, user.env, own);
    await checkRunner(user, of, ['poetry', 'run'], withoutScript('poetry run'));
  });
});

describeTool('pipenv', (pipenv) => {
  test.each([
    ['in its own place', {}],
    ['in the project', { PIPENV_VENV_IN_PROJECT: '1' }],
  ])('%s', async (_where, extra) => {
    await using user = await toolUser([pipenv], extra);
    const prefix = await pipenvMake(user);
    const why = 'a script of virtualenv knows nothing of pipenv; pipenv run sets it';
    const ofPipenv = {
      PIPENV_ACTIVE: { why, theirs: undefined },
      PIPENV_PROJECT_DIR: { why, theirs: undefined },
    };
    const of = await checkSourced(user, prefix, ofPipenv);
    const own = sourced('cd "$1" && eval "$(SHELL=/bin/bash pipenv activate)"', user.env, user.project);
    await checkActivation(of, user.env, own, ofPipenv);
    await checkRunner(user, of, ['pipenv', 'run'], {
      ...withoutScript('pipenv run'),
      PYTHONDONTWRITEBYTECODE: { why: 'pipenv sets it for itself, and leaves it to what it starts', theirs: '1' },
    });
  });
});

describeTool('hatch', (hatch) => {
  test.each(['default', 'docs'])('%s', async (name) => {
    await using user = await toolUser([hatch]);
    const prefix = await hatchMake(user, name);
    const why = 'a script of virtualenv knows nothing of hatch; hatch run sets it';
    const of = await checkSourced(user, prefix, { HATCH_ENV_ACTIVE: { why, theirs: undefined } });
    await checkRunner(user, of, ['hatch', '-e', name, 'run'], {
      ...withoutScript('hatch run'),
      HATCH_UV: { why: 'what hatch tells a hatch that is started within it', theirs: join(dirname(hatch), 'uv') },
    });
  });
});

describeTool('virtualenv', (virtualenv) => {
  describeTool('uv', (uv) => {
    test('one over another, in the shell of the other and in one that was started there', async () => {
      await using user = await toolUser([virtualenv, uv]);
      const [ofVenv, ofVirtualenv, ofUv] = [join(user.project, 'a'), join(user.project, 'b'), join(user.project, 'c')];
      await user.run(basePython, '-m', 'venv', '--without-pip', ofVenv);
      await user.run('virtualenv', '--no-seed', '-p', basePython, ofVirtualenv);
      await user.run('uv', 'venv', '--offline', '--python', basePython, ofUv);
      const over = 'in one shell the script sees, in variables of that shell, what was before the other environment';
      for (const [first, second] of [
        [ofVenv, ofVirtualenv],
        [ofVirtualenv, ofUv],
        [ofUv, ofVenv],
      ] as const) {
        const of = await found(user, second);
        const active = sourced(ACTIVATE, user.env, first);
        await checkActivation(of, active, sourced(ACTIVATE, active, second));
        const inOne = sourced('. "$1/bin/activate" && . "$2/bin/activate"', user.env, first, second);
        const path = { why: over, theirs: `${second}/bin:${user.env.PATH}` };
        await checkActivation(of, active, inOne, { PATH: path });
      }
      const pkgConfig = `${ofVirtualenv}/lib/pkgconfig`;
      for (const prefix of [ofVenv, ofVirtualenv, ofUv]) {
        const of = await found(user, prefix);
        const active = sourced(ACTIVATE, user.env, prefix);
        await checkActivation(of, active, sourced('. "$1/bin/activate" && . "$1/bin/activate"', user.env, prefix));
        const why = 'in a shell that was started in the environment the script puts everything first once more';
        await checkActivation(of, active, sourced(ACTIVATE, active, prefix), {
          PATH: { why, theirs: `${prefix}/bin:${active.PATH}` },
          ...(prefix === ofVirtualenv && { PKG_CONFIG_PATH: { why, theirs: `${pkgConfig}:${pkgConfig}` } }),
        });
      }
    });
  });
});

/** What py-rattler writes for bash. It is told of PATH alone, and takes every variable for unset. */
const SCRIPT = `
import os, pathlib, sys
from rattler.shell import ActivationVariables, Shell, activate
from rattler.shell.shell import PathModificationBehavior
variables = ActivationVariables(None, sys.argv[2].split(':'), PathModificationBehavior.Replace)
sys.stdout.write(activate(pathlib.Path(sys.argv[1]), variables, Shell.bash).script)
sys.stdout.flush()
# its own threads may crash an interpreter that takes itself apart
os._exit(0)
`;

describeTool('rattler', (rattler) => {
  /** A conda environment with variables of every kind, and two scripts. */
  async function install(user: ToolUser, prefix: string): Promise<void> {
    await rattlerInstall(user, rattler, prefix, ['python']);
    const files: Record<string, string> = {
      'etc/conda/env_vars.d/10_a.json': JSON.stringify({
        Of_Package: 'a',
        TWICE: 'package',
        QUOTED: `it's "two" words`,
      }),
      'etc/conda/env_vars.d/20_b.json': JSON.stringify({
        HERE: '$CONDA_PREFIX/${NOWHERE}share',
        ESCAPED: '\\$HERE',
        NUMBER: 1,
        RUN: '$(echo in) $HOME',
      }),
      'conda-meta/state': JSON.stringify({ env_vars: { TWICE: 'state', of_state: 'b', GONE: '***unset***' } }),
      'etc/conda/activate.d/b.sh': 'export SCRIPTS="$SCRIPTS b"\n',
      'etc/conda/activate.d/a.sh': 'export SCRIPTS="a of $CONDA_PREFIX" MULTI="$(printf \'1\\n2=\')"\n',
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(prefix, name)), { recursive: true });
      await writeFile(join(prefix, name), text);
    }
  }

  async function activated(user: ToolUser, prefix: string): Promise<Record<string, string>> {
    const script = await user.run(rattler, '-I', '-c', SCRIPT, prefix, user.env.PATH!);
    return sourced('. "$1"', user.env, await user.dir.write('activate.sh', script));
  }

  const GONE = {
    why: 'rattler knows nothing of the mark that `conda env config vars unset` leaves',
    theirs: '***unset***',
  };

  const runOf = ({ home }: ToolUser): Difference => {
    return { why: 'rattler has bash run what stands in a value, we run scripts alone', theirs: `in ${home}` };
  };

  test('an environment of pixi, whose shell library this is', async () => {
    await using user = await toolUser([]);
    const prefix = user.join('.pixi', 'envs', "it's of pixi");
    await install(user, prefix);
    const note = { manifest_path: user.join('.pixi', 'manifests', 'pixi-global.toml'), environment_name: 'of pixi' };
    await writeFile(join(prefix, 'conda-meta', 'pixi'), JSON.stringify(note));
    await checkActivation(await found(user, prefix), user.env, await activated(user, prefix), {
      GONE,
      RUN: runOf(user),
    });
  });

  test('an environment of conda, which activates it otherwise', async () => {
    await using user = await toolUser([]);
    const prefix = user.join('.conda', 'envs', 'analysis');
    await install(user, prefix);
    const why = 'rattler keeps the names of env_vars.d as they are, conda writes all in capitals';
    const tells = 'conda tells which environment is active; rattler leaves that to pixi';
    await checkActivation(await found(user, prefix), user.env, await activated(user, prefix), {
      GONE,
      RUN: runOf(user),
      CONDA_DEFAULT_ENV: { why: tells, theirs: undefined },
      CONDA_PROMPT_MODIFIER: { why: tells, theirs: undefined },
      OF_PACKAGE: { why, theirs: undefined },
      Of_Package: { why, theirs: 'a' },
      NUMBER: { why: 'rattler passes over what is no text, conda takes it as Python writes it', theirs: undefined },
      HERE: { why: 'conda sets a value as it is, rattler has bash expand it', theirs: `${prefix}/share` },
      ESCAPED: { why: 'conda sets a value as it is, rattler has bash expand it', theirs: '$HERE' },
    });
  });
});
