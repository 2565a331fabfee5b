import { textOrNull } from '../guarded.js';
import { type Locator, placesAt } from '../locator.js';
import type { Prefix } from '../prefix.js';
import { inHome, variablePath, type Where, xdgData } from '../where.js';

/** pipenv: `.project` in the environment names the folder that has the Pipfile. */
export const pipenv: Locator = {
  name: 'pipenv',

  places(where) {
    return placesAt('pipenv', 'children', 'user', homesOf(where));
  },

  identify(prefix) {
    if (prefix.cfg === null && prefix.python === null && prefix.danglingPython === null) return null;
    const { path } = prefix.look.where;
    const manager = { tool: 'pipenv', root: null };
    const name = path.basename(prefix.path);
    const noted = textOrNull(prefix.look.files, prefix.join('.project'))?.trim();
    const beside = path.dirname(prefix.path);
    // virtualenvwrapper writes `.project`, too: the Pipfile makes it pipenv's
    const project = [noted, name === '.venv' ? beside : null].find((folder) => folder && hasPipfile(prefix, folder));
    // in the project, every environment would be called `.venv`
    if (project) return { kind: 'pipenv', name: name === '.venv' ? path.basename(project) : name, manager, project };
    // its project may be gone, or moved: the digest in the name is left
    const isKept = ownHomes(prefix.look.where).includes(beside);
    return isKept && noted && /^.+-[\w-]{8}$/.test(name) ? { kind: 'pipenv', name, manager, project: null } : null;
  },
};

function hasPipfile(prefix: Prefix, folder: string): boolean {
  const { files, where } = prefix.look;
  const name = where.read('PIPENV_PIPFILE');
  return files.stat(where.path.resolve(folder, name || 'Pipfile'))?.type === 'file';
}

/** Directories that pipenv alone keeps environments in, or was told to. */
function ownHomes(where: Where): string[] {
  const own = [
    variablePath(where, 'WORKON_HOME'),
    where.platform === 'win32' ? null : xdgData(where, 'virtualenvs'),
    where.platform === 'win32' ? null : inHome(where, '.local', 'share', 'virtualenvs'),
  ];
  return [...new Set(own.filter((dir) => dir !== null))];
}

/** With those that are shared with other tools. */
function homesOf(where: Where): string[] {
  return [...new Set([...ownHomes(where), inHome(where, '.venvs'), inHome(where, '.virtualenvs')])];
}
