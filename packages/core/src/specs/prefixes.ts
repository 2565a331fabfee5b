import { FileFaultError, type Files, RemotePlaceError } from '../files/index.js';
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
export function activePrefixes(files: Files, env: ProcessVariables): PythonPrefix[] {
  const read = variableReader(files.platform, env);
  const venv = read('VIRTUAL_ENV');
  const conda = read('CONDA_PREFIX');
  const inBase = (read('CONDA_DEFAULT_ENV') ?? 'base') === 'base';
  const active: PythonPrefix[] = [];
  if (venv) active.push({ prefix: venv, preferred: isOwn(files, venv) });
  if (conda && conda !== venv) active.push({ prefix: conda, preferred: !inBase && isOwn(files, conda) });
  if (active.length === 0 && files.platform !== 'win32') return [{ prefix: '/usr', preferred: false }];
  return active;
}

/** Whether this user owns the path or, while it does not exist, the nearest directory above it that does. On Windows: everything. */
function isOwn(files: Files, path: string): boolean {
  const { dirname } = pathFlavour(files.platform);
  const uid = process.geteuid?.();
  if (uid === undefined || files.platform === 'win32') return true;
  try {
    for (let place = path; ; place = dirname(place)) {
      const info = files.stat(place);
      if (info !== null) return info.uid === uid;
      if (dirname(place) === place) return false;
    }
  } catch (error) {
    // what cannot be looked at is not preferred to what can
    if (error instanceof FileFaultError || error instanceof RemotePlaceError) return false;
    throw error;
  }
}

/** The path with links resolved as far as it exists (`Path.resolve`). What may not be touched from here stays as it is. */
export function resolveLinks(files: Files, path: string): string {
  const { dirname, basename, join } = pathFlavour(files.platform);
  try {
    if (files.stat(path) !== null) return files.real(path);
  } catch (error) {
    if (error instanceof RemotePlaceError) return path;
    if (!(error instanceof FileFaultError)) throw error;
  }
  const parent = dirname(path);
  return parent === path ? path : join(resolveLinks(files, parent), basename(path));
}
