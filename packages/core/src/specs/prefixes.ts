import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { pathFlavour } from './python-path.js';
import type { PythonPrefix } from './types.js';
import { type ProcessVariables, variableReader } from './variables.js';

/**
 * The environments that are active in `env`: a virtual environment (VIRTUAL_ENV), then a conda one (CONDA_PREFIX), which is
 * the order in which their programs are found when one was activated inside the other. Each is preferred to the user's
 * directories by jupyter_core's rule (`prefer_environment_over_user`): a virtual environment, or a conda environment other
 * than base, that this user owns.
 *
 * Where none is active, the system's own Python counts (`/usr`): its directory is mostly searched anyway, but not when
 * JUPYTER_PLATFORM_DIRS and XDG_DATA_DIRS say otherwise.
 */
export async function activePrefixes(platform: NodeJS.Platform, env: ProcessVariables): Promise<PythonPrefix[]> {
  const read = variableReader(platform, env);
  const venv = read('VIRTUAL_ENV');
  const conda = read('CONDA_PREFIX');
  const inBase = (read('CONDA_DEFAULT_ENV') ?? 'base') === 'base';
  const candidates: Promise<PythonPrefix>[] = [];
  if (venv) candidates.push(isOwn(platform, venv).then((preferred) => ({ prefix: venv, preferred })));
  if (conda && conda !== venv) {
    candidates.push(
      (inBase ? Promise.resolve(false) : isOwn(platform, conda)).then((preferred) => ({ prefix: conda, preferred })),
    );
  }
  if (candidates.length === 0 && platform !== 'win32') return [{ prefix: '/usr', preferred: false }];
  return Promise.all(candidates);
}

/** Whether this user owns the path or, while it does not exist, the nearest directory above it that does. */
async function isOwn(platform: NodeJS.Platform, path: string): Promise<boolean> {
  const { dirname } = pathFlavour(platform);
  for (let place = path; ; place = dirname(place)) {
    try {
      const uid = process.geteuid?.();
      if (uid !== undefined) return (await stat(place)).uid === uid;
      await access(place, constants.W_OK);
      return true;
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!missing || dirname(place) === place) return false;
    }
  }
}

/** The path with links resolved as far as it exists (`Path.resolve`). */
export async function resolveLinks(platform: NodeJS.Platform, path: string): Promise<string> {
  const { dirname, basename, join } = pathFlavour(platform);
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await resolveLinks(platform, parent), basename(path));
  }
}
