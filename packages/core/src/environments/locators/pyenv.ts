import { type Locator, placesAt } from '../locator.js';
import { inHome, isWithin, variablePath, type Where } from '../where.js';

/** pyenv, and its plug-in pyenv-virtualenv. */
export const pyenv: Locator = {
  name: 'pyenv',

  places(where) {
    return placesAt('pyenv', 'own', 'user', versionsDirs(where));
  },

  *look(place, { files, where }) {
    for (const [name, type] of files.list(place.path) ?? []) {
      if (type !== 'directory' && type !== 'link') continue;
      const prefix = where.path.join(place.path, name);
      yield { prefix, place };
      // pyenv-virtualenv keeps the environment here, and a link to it beside the version
      const envs = where.path.join(prefix, 'envs');
      if (type === 'directory' && files.stat(envs) !== null) yield { ...place, path: envs, how: 'children' };
    }
  },

  identify(prefix) {
    const { where } = prefix.look;
    const dir = versionsDirs(where).find((versions) => isWithin(where, prefix.path, versions));
    if (dir === undefined || prefix.path === dir || prefix.condaMeta !== null) return null;
    const name = where.path.basename(prefix.path);
    const manager = { tool: 'pyenv', root: where.path.dirname(dir) };
    if (prefix.cfg !== null) return { kind: 'pyenv-virtualenv', name, manager };
    return { kind: 'pyenv', name, manager, version: name };
  },
};

function versionsDirs(where: Where): string[] {
  const inUsers = where.platform === 'win32' ? ['.pyenv', 'pyenv-win'] : ['.pyenv'];
  const roots = [variablePath(where, 'PYENV_ROOT'), variablePath(where, 'PYENV'), inHome(where, ...inUsers)];
  return [...new Set(roots.flatMap((root) => (root === null ? [] : [where.path.join(root, 'versions')])))];
}
