import { foldersIn } from '../guarded.js';
import { type Locator, placesAt } from '../locator.js';
import { inHome, isWithin, variablePath, type Where } from '../where.js';

/** pyenv, and its plug-in pyenv-virtualenv. */
export const pyenv: Locator = {
  name: 'pyenv',

  places(where) {
    return placesAt('pyenv', 'own', 'user', versionsDirs(where));
  },

  *look(place, { files, where }) {
    const { join } = where.path;
    const folders = foldersIn(files, place.path);
    for (const name of folders) yield { prefix: join(place.path, name), place };
    // pyenv-virtualenv keeps the environment with its version, and a link to it beside that
    for (const name of folders) yield { ...place, path: join(place.path, name, 'envs'), how: 'children' };
    for (const [name, type] of files.list(place.path) ?? []) {
      if (type === 'link') yield { prefix: join(place.path, name), place };
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
