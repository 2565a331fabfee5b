import { stat } from 'node:fs/promises';
import { type Environment, environmentMakers, externalManager, hasEnsurepip, newEnvironment } from '@kernelkit/core';
import { InstallKernelError } from './errors.js';
import { environmentsOf, type Ground } from './ground.js';
import { own } from './own.js';
import { inEnvironment } from './python.js';
import { asLine, type Plan } from './remedy.js';
import { commandFor } from './suggest.js';
import { aptCommand, pythonCommand } from './system.js';

/** Where an environment of the user's own goes: every editor looks there. */
export const PLACE = '.venv';
/** The oldest Python that a new ipykernel can be had for. */
const OLDEST = '3.8';

/**
 * A virtual environment in the working directory, for a Python that nothing may be installed into, or where there is nothing to
 * install into. What is there already is used.
 *
 * @param base the Python to make it with; null: the best that there is
 * @param notes why it is made
 */
export async function ownEnvironment(
  ground: Ground,
  base: Environment | null,
  name: string,
  notes: readonly string[],
): Promise<Plan> {
  const { cwd, where } = ground;
  const prefix = where.path.join(cwd, PLACE);
  const there = environmentsOf(ground).find((environment) => environment.prefix === prefix);
  if (there !== undefined) return inEnvironment(ground, there, name, notes);
  if ((await stat(prefix).catch(() => null)) !== null) {
    throw new InstallKernelError('not-installable', `${prefix} is there, and is no environment`, {
      fix: `move it away: an environment with ${name} would be made there`,
    });
  }
  return {
    kind: 'remedy',
    remedy: {
      commands: newEnvironment(PLACE, makerOf(ground, base, name), where),
      notes: [...notes],
      makes: prefix,
      gives: ({ owner, startable, hidden }) => owner?.prefix === prefix && startable && hidden === null,
    },
  };
}

/** The command that makes an environment with a package in a place; null: nothing here can. */
export function commandToMake(ground: Ground, place: string, name: string): string | null {
  try {
    return asLine({ commands: newEnvironment(place, makerOf(ground, null, name), ground.where) });
  } catch (error) {
    if (error instanceof InstallKernelError) return null;
    throw error;
  }
}

type Maker = Parameters<typeof newEnvironment>[1];

/** uv needs nothing of the Python, and gets one where there is none. @throws InstallKernelError */
function makerOf(ground: Ground, base: Environment | null, name: string): Maker {
  const uv = ground.onPath('uv') === null ? null : 'uv';
  const makers = base === null ? environmentMakers(environmentsOf(ground), OLDEST) : [base];
  if (uv !== null) return { python: base?.python ?? null, uv, name };
  const able = makers.find((maker) => hasEnsurepip(maker, ground));
  if (able !== undefined) return { python: typed(ground, able.python!), uv: null, name };
  const [first] = makers;
  if (first !== undefined) {
    const isDebians = externalManager(first, ground) === 'debian';
    throw new InstallKernelError('language-missing', `${first.python} cannot make a virtual environment`, {
      fix: isDebians
        ? aptCommand(ground, 'python3-venv')
        : 'install uv (https://docs.astral.sh/uv), and run this again',
    });
  }
  throw new InstallKernelError(
    'language-missing',
    `there is no Python on this machine that ${name} could be installed for`,
    {
      fix: noPythonFix(ground),
    },
  );
}

/** `python3` where that is it: nobody types more than that. */
function typed({ onPath, files }: Ground, python: string): string {
  const found = onPath('python3');
  return found !== null && files.real(found) === files.real(python) ? 'python3' : python;
}

function noPythonFix(ground: Ground): string {
  const python = pythonCommand(ground);
  if (python !== null) return asLine({ commands: [python, own('install-kernel')] });
  return `${commandFor('deno')}   — which needs no Python; or install Python: https://www.python.org/downloads`;
}
