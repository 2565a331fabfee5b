import { defaultUserBases, ipythonDir, type Surroundings, systemDataDirs, userDataDir } from './data-dirs.js';
import { joinPath, pathFlavour, purePath } from './python-path.js';
import type { KernelSpecRoot, PythonPrefix } from './types.js';
import { type ProcessVariables, readSwitch, variableReader } from './variables.js';

/** By what it is decided which directories may hold kernelspecs (jupyter_core's `jupyter_path`). */
export interface RootOptions {
  platform: NodeJS.Platform;
  env: ProcessVariables;
  /** `~`, as Python's expanduser has it. */
  home: string;
  /** `home` with links resolved. Default: `home`. */
  realHome?: string;
  /** What relative entries are relative to. */
  cwd: string;
  /** The Pythons whose specs count, nearest first. Jupyter knows one, its own `sys.prefix`; here there may be none or many. */
  prefixes?: readonly PythonPrefix[];
  /** `site.getuserbase()` of those Pythons; empty: none has a user site. Default: what `env` and the platform say. */
  userBases?: readonly string[];
  /** Whether IPython's directory is searched, as it is where IPython is installed. Default: true. */
  ipython?: boolean;
}

/**
 * The directories in which Jupyter would look for kernelspecs, in its order, each once. Pure: reads nothing.
 *
 * The rule is `jupyter_core.paths.jupyter_path('kernels')` (5.9) and `KernelSpecManager._kernel_dirs_default`
 * (jupyter_client 8): JUPYTER_PATH; the user's data directory and user base, and the prefixes, in the order that
 * JUPYTER_PREFER_ENV_PATH or `preferred` asks for; the system's; IPython's.
 */
export function kernelSpecRoots(options: RootOptions): KernelSpecRoot[] {
  const { platform, env, home, prefixes = [] } = options;
  const read = variableReader(platform, env);
  const where: Surroundings = {
    platform,
    read,
    home,
    realHome: options.realHome ?? home,
    prefixes: prefixes.map(({ prefix }) => prefix),
  };
  const system = systemDataDirs(where);
  const preferEnvironment = readSwitch(read('JUPYTER_PREFER_ENV_PATH'));
  const environments = prefixes
    .map(({ prefix, preferred = false }) => ({
      dir: purePath(platform, prefix, 'share', 'jupyter'),
      prefix,
      preferred: preferEnvironment ?? preferred,
    }))
    // "/usr" comes with the system's directories, and in their place
    .filter(({ dir }) => !system.includes(dir));

  const roots: KernelSpecRoot[] = [];
  const add = (origin: KernelSpecRoot['origin'], dir: string, prefix: string | null) => {
    const path = joinPath(platform, options.cwd, joinPath(platform, dir, 'kernels'));
    if (!roots.some((root) => root.path === path)) roots.push({ path, prefix, origin });
  };

  for (const dir of splitJupyterPath(platform, read('JUPYTER_PATH'))) {
    add('JUPYTER_PATH', dir, owningPrefix(platform, joinPath(platform, options.cwd, dir)));
  }
  for (const { dir, prefix, preferred } of environments) if (preferred) add('environment', dir, prefix);
  const data = userDataDir(where);
  if (data !== null) add('user', data, null);
  for (const base of options.userBases ?? defaultUserBases(where)) {
    add('user', purePath(platform, base, 'share', 'jupyter'), null);
  }
  for (const { dir, prefix, preferred } of environments) if (!preferred) add('environment', dir, prefix);
  for (const dir of system) add('system', dir, owningPrefix(platform, dir));
  if (options.ipython ?? true) add('ipython', ipythonDir(where), null);
  return roots;
}

/** An empty variable is none; an empty entry is the working directory, as Jupyter has it. */
function splitJupyterPath(platform: NodeJS.Platform, value: string | undefined): string[] {
  if (!value) return [];
  const [separator, trailing] = platform === 'win32' ? [';', /\\+$/] : [':', /\/+$/];
  return value.split(separator).map((entry) => entry.replace(trailing, ''));
}

/** `P` of a `P/share/jupyter`; null for any other directory. */
function owningPrefix(platform: NodeJS.Platform, dir: string): string | null {
  const { basename, dirname } = pathFlavour(platform);
  const share = dirname(dir);
  const prefix = dirname(share);
  return basename(dir).toLowerCase() === 'jupyter' && basename(share) === 'share' && basename(prefix) !== '.local'
    ? prefix
    : null;
}
