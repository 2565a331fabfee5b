import { expandHome, joinPath, pathFlavour, purePath } from './python-path.js';
import { readSwitch, type VariableReader } from './variables.js';

/** What the rules for Jupyter's directories go by. */
export interface Surroundings {
  platform: NodeJS.Platform;
  read: VariableReader;
  /** `~` as Python's expanduser gives it. */
  home: string;
  /** The same with links resolved, which is what jupyter_core uses for its own directories. */
  realHome: string;
  prefixes: readonly string[];
}

/** Whether the platform's own conventions were asked for (JUPYTER_PLATFORM_DIRS). */
function usesPlatformDirs({ read }: Surroundings): boolean {
  return readSwitch(read('JUPYTER_PLATFORM_DIRS')) ?? false;
}

/** %PROGRAMDATA% can be written by anyone by default, so jupyter_core >= 5.8 takes it only when asked to. */
function trustsProgramData({ platform, read }: Surroundings): boolean {
  return platform === 'win32' && (readSwitch(read('JUPYTER_USE_PROGRAMDATA')) ?? false);
}

/** Upper case on Windows and macOS, but not for a Homebrew Python (jupyter_core, `APPNAME`). */
function applicationName({ platform, prefixes }: Surroundings): string {
  const homebrew = prefixes[0]?.startsWith('/opt/homebrew') ?? false;
  return platform === 'win32' || (platform === 'darwin' && !homebrew) ? 'Jupyter' : 'jupyter';
}

/**
 * The user's data directory (`jupyter_core.paths.jupyter_data_dir`); null where Jupyter would use a fresh temporary
 * directory, in which there is nothing to find.
 */
export function userDataDir(where: Surroundings): string | null {
  const { platform, read, home, realHome } = where;
  const given = read('JUPYTER_DATA_DIR');
  if (given) return given;
  if (usesPlatformDirs(where)) return platformUserDataDir(where);
  if (platform === 'darwin') return purePath(platform, realHome, 'Library', 'Jupyter');
  if (platform === 'win32') {
    const appData = read('APPDATA');
    if (appData) return purePath(platform, appData, 'jupyter');
    const config = configDir(where);
    return config === null ? null : joinPath(platform, config, 'data');
  }
  return joinPath(
    platform,
    read('XDG_DATA_HOME') || joinPath(platform, realHome || home, '.local', 'share'),
    'jupyter',
  );
}

/**
 * Where Jupyter keeps the connection files of running kernels (`jupyter_core.paths.jupyter_runtime_dir`), and where it did until
 * version 4.7 on Linux.
 */
export function runtimeDirs(where: Surroundings): string[] {
  const { platform, read } = where;
  const given = read('JUPYTER_RUNTIME_DIR');
  if (given) return [given];
  const data = userDataDir(where);
  const xdg = platform === 'linux' ? read('XDG_RUNTIME_DIR') : undefined;
  return [
    ...(data === null ? [] : [joinPath(platform, data, 'runtime')]),
    ...(xdg ? [joinPath(platform, xdg, 'jupyter')] : []),
  ];
}

/** `jupyter_core.paths.jupyter_config_dir`, as far as the data directory depends on it: on Windows without APPDATA. */
function configDir({ platform, read, realHome }: Surroundings): string | null {
  if (read('JUPYTER_NO_CONFIG')) return null;
  return read('JUPYTER_CONFIG_DIR') || joinPath(platform, realHome, '.jupyter');
}

/** `platformdirs.user_data_dir`. */
function platformUserDataDir(where: Surroundings): string {
  const { platform, read, home } = where;
  const name = applicationName(where);
  if (platform === 'win32') {
    // the real thing asks the system for the folder, which these variables mirror
    const local = read('WIN_PD_OVERRIDE_LOCAL_APPDATA')?.trim() || read('LOCALAPPDATA');
    return joinPath(platform, local || joinPath(platform, home, 'AppData', 'Local'), name);
  }
  const xdg = read('XDG_DATA_HOME');
  if (xdg?.startsWith('/')) return joinPath(platform, xdg, name);
  const base = platform === 'darwin' ? '~/Library/Application Support' : '~/.local/share';
  return joinPath(platform, expandHome(platform, base, home), name);
}

/** The machine's directories (`jupyter_core.paths.SYSTEM_JUPYTER_PATH`). On Windows these are mostly the prefixes themselves: then none here. */
export function systemDataDirs(where: Surroundings): string[] {
  const { platform, read } = where;
  if (platform === 'win32') {
    if (!trustsProgramData(where)) return [];
    if (!usesPlatformDirs(where)) {
      const programData = read('PROGRAMDATA');
      return programData ? [joinPath(platform, programData, 'jupyter')] : [];
    }
    const common = read('WIN_PD_OVERRIDE_COMMON_APPDATA')?.trim() || read('PROGRAMDATA') || read('ALLUSERSPROFILE');
    return [joinPath(platform, common || 'C:\\ProgramData', applicationName(where))];
  }
  if (!usesPlatformDirs(where)) return ['/usr/local/share/jupyter', '/usr/share/jupyter'];
  const name = applicationName(where);
  const xdg = (read('XDG_DATA_DIRS') ?? '').split(':').filter((dir) => dir.startsWith('/'));
  if (xdg.length > 0) return xdg.map((dir) => joinPath(platform, dir, name));
  if (platform !== 'darwin') return [`/usr/local/share/${name}`, `/usr/share/${name}`];
  return ['/opt/homebrew/share', '/Library/Application Support']
    .filter((dir) => !dir.startsWith('/opt') || name === 'jupyter')
    .map((dir) => joinPath(platform, dir, name));
}

/**
 * Where `pip install --user` puts data (`site.getuserbase`), for the Python that nobody named. A framework Python on macOS
 * has its version in the path: the caller has to give that one.
 */
export function defaultUserBases({ platform, read, home }: Surroundings): string[] {
  // Python takes any value but an empty one
  if (read('PYTHONNOUSERSITE')) return [];
  const given = read('PYTHONUSERBASE');
  if (given) return [given];
  if (platform === 'win32') return [joinPath(platform, read('APPDATA') || home, 'Python')];
  return [expandHome(platform, '~/.local', home)];
}

/** IPython's directory, which Jupyter still searches last (`IPython.paths.get_ipython_dir`). */
export function ipythonDir({ platform, read, home, realHome }: Surroundings): string {
  const { normalize, sep } = pathFlavour(platform);
  const dir = expandHome(platform, read('IPYTHONDIR') ?? joinPath(platform, realHome, '.ipython'), home);
  const normal = normalize(dir);
  // Python's normpath takes the last separator away, Node's leaves it
  return normal.length > 1 && normal.endsWith(sep) ? normal.slice(0, -1) : normal;
}
