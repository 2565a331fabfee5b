import { foldersIn } from '../guarded.js';
import { type Locator, placesAt } from '../locator.js';
import { inHome, isWithin, roamingAppData, variablePath, type Where, xdgData } from '../where.js';

/** uv: the Pythons that it installs, its tools, and the virtual environments that it makes. */
export const uv: Locator = {
  name: 'uv',

  places(where) {
    return [
      ...placesAt('uv', 'own', 'user', installDirs(where)),
      ...placesAt('uv', 'children', 'tool', toolDirs(where)),
    ];
  },

  /** A link is an alias for the newest patch release (`cpython-3.12-…`): the installation is there under its own name. */
  *look(place, { files, where }) {
    for (const name of foldersIn(files, place.path)) {
      if (INSTALLATION.test(name)) yield { prefix: where.path.join(place.path, name), place };
    }
  },

  identify(prefix) {
    const { where } = prefix.look;
    const name = where.path.basename(prefix.path);
    const manager = { tool: 'uv', root: null };
    const above = where.path.dirname(prefix.path);
    if (toolDirs(where).includes(above)) return { kind: 'uv', name, manager, nearness: 'tool' };
    const version = INSTALLATION.exec(name)?.[1];
    if (version !== undefined && installDirs(where).some((dir) => isWithin(where, prefix.path, dir))) {
      return { kind: 'uv', name: `${name.split('-')[0]}-${version}`, manager, version };
    }
    return prefix.cfg?.by === 'uv' ? { kind: 'uv', manager } : null;
  },
};

/** `cpython-3.12.4-linux-x86_64-gnu`, `cpython-3.13.0+freethreaded-…` */
const INSTALLATION = /^(?:cpython|pypy|graalpy|pyodide)-(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)(?:\+\w+)?-/;

function installDirs(where: Where): string[] {
  return dirsOf(where, 'UV_PYTHON_INSTALL_DIR', 'python');
}

function toolDirs(where: Where): string[] {
  return dirsOf(where, 'UV_TOOL_DIR', 'tools');
}

function dirsOf(where: Where, variable: string, name: string): string[] {
  const own =
    where.platform === 'win32'
      ? [roamingAppData(where, 'uv', name), roamingAppData(where, 'uv', 'data', name)]
      : [xdgData(where, 'uv', name), inHome(where, '.local', 'share', 'uv', name)];
  return [...new Set([variablePath(where, variable), ...own].filter((dir) => dir !== null))];
}
