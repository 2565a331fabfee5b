import { delimiter, join } from 'node:path';
import { suiteEnv } from './suite.js';
import { type TempDir, tempDir } from './temp-dir.js';

/** A user who has nothing: a home of its own, and every variable that Jupyter and XDG read set to a place below it. */
export interface IsolatedEnv extends AsyncDisposable {
  readonly home: string;
  /** The directory that everything lies in. */
  readonly dir: TempDir;
  /** A whole environment for a child process, not an addition to this one's. */
  readonly env: Record<string, string>;
}

export interface IsolatedEnvOptions {
  /** Directories that hold `kernels/`, for JUPYTER_PATH: `kernel.jupyterPath` of a provided kernel. */
  readonly jupyterPath?: readonly string[];
  /** Added at the end; undefined takes a variable away. */
  readonly extra?: Readonly<Record<string, string | undefined>>;
}

// What a program needs to run at all. Everything else of this process's environment stays out.
const NEEDED = ['PATH', 'LANG', 'LC_ALL', 'SystemRoot', 'ComSpec', 'PATHEXT', 'LD_LIBRARY_PATH', 'PYENV_ROOT'];

/**
 * An environment in which no test sees or writes the user's home.
 * The kernelspecs below /usr/share and /usr/local/share are found all the same: Jupyter always searches them.
 */
export async function isolatedEnv(options: IsolatedEnvOptions = {}): Promise<IsolatedEnv> {
  const dir = await tempDir();
  const home = await dir.dir('home');
  const env: Record<string, string> = {};
  for (const name of NEEDED) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  Object.assign(env, suiteEnv(), {
    HOME: home,
    USERPROFILE: home,
    APPDATA: join(home, 'AppData', 'Roaming'),
    LOCALAPPDATA: join(home, 'AppData', 'Local'),
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_STATE_HOME: join(home, '.local', 'state'),
    XDG_CACHE_HOME: join(home, '.cache'),
    JUPYTER_CONFIG_DIR: join(home, '.jupyter'),
    JUPYTER_DATA_DIR: join(home, '.local', 'share', 'jupyter'),
    JUPYTER_RUNTIME_DIR: join(home, '.local', 'share', 'jupyter', 'runtime'),
    IPYTHONDIR: join(home, '.ipython'),
  });
  if (options.jupyterPath !== undefined) env.JUPYTER_PATH = options.jupyterPath.join(delimiter);
  for (const [name, value] of Object.entries(options.extra ?? {})) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return { home, dir, env, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}
