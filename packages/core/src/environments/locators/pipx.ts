import { type Locator, placesAt } from '../locator.js';
import { inHome, localAppData, variablePath, type Where, xdgData } from '../where.js';

/** pipx: an environment for each application, which nobody is meant to install into but pipx. */
export const pipx: Locator = {
  name: 'pipx',

  places(where) {
    return placesAt('pipx', 'children', 'tool', venvsDirs(where));
  },

  identify(prefix) {
    const { where } = prefix.look;
    if (!venvsDirs(where).includes(where.path.dirname(prefix.path))) return null;
    return {
      kind: 'pipx',
      name: where.path.basename(prefix.path),
      manager: { tool: 'pipx', root: null },
      nearness: 'tool',
    };
  },
};

function venvsDirs(where: Where): string[] {
  const { platform } = where;
  const own =
    platform === 'win32'
      ? [inHome(where, 'pipx', 'venvs'), localAppData(where, 'pipx', 'pipx', 'venvs')]
      : [
          xdgData(where, 'pipx', 'venvs'),
          inHome(where, '.local', 'pipx', 'venvs'),
          platform === 'darwin' ? inHome(where, 'Library', 'Application Support', 'pipx', 'venvs') : null,
          variablePath(where, 'PIPX_GLOBAL_HOME', 'venvs') ?? '/opt/pipx/venvs',
        ];
  return [...new Set([variablePath(where, 'PIPX_HOME', 'venvs'), ...own].filter((dir) => dir !== null))];
}
