import { textOrNull } from '../guarded.js';
import { type Locator, placesAt } from '../locator.js';
import { inHome, variablePath, type Where } from '../where.js';

/** virtualenvwrapper: any virtual environment below WORKON_HOME. Asked after the tools that keep theirs there as well. */
export const virtualenvwrapper: Locator = {
  name: 'virtualenvwrapper',

  places(where) {
    return placesAt('virtualenvwrapper', 'children', 'user', workonHomes(where));
  },

  identify(prefix) {
    const { path } = prefix.look.where;
    if (prefix.cfg === null && !hasActivate(prefix.look.where, prefix.hasFile.bind(prefix))) return null;
    const parent = path.dirname(prefix.path);
    const workon = variablePath(prefix.look.where, 'WORKON_HOME');
    const project = textOrNull(prefix.look.files, prefix.join('.project'))?.trim() || null;
    // without WORKON_HOME the directory may be anybody's: `.project` is virtualenvwrapper's mark
    const isIts = parent === workon || (workonHomes(prefix.look.where).includes(parent) && project !== null);
    return isIts ? { kind: 'virtualenvwrapper', name: path.basename(prefix.path), project } : null;
  },
};

function workonHomes(where: Where): string[] {
  const own = [variablePath(where, 'WORKON_HOME'), inHome(where, '.virtualenvs')];
  if (where.platform === 'win32') own.push(inHome(where, 'Envs'), inHome(where, 'virtualenvs'));
  return [...new Set(own.filter((dir) => dir !== null))];
}

/** What `python -m venv` and virtualenv make, wherever it lies. */
export const venv: Locator = {
  name: 'venv',

  places(where) {
    const dirs = ['envs', '.envs', '.direnv', '.venvs', '.virtualenvs'].map((name) => inHome(where, name));
    if (where.platform === 'linux') dirs.push(inHome(where, 'Envs'));
    return [
      ...placesAt('venv', 'prefix', 'active', [variablePath(where, 'VIRTUAL_ENV')]),
      ...placesAt('venv', 'children', 'user', dirs),
    ];
  },

  identify(prefix) {
    if (prefix.cfg === null) return null;
    return { kind: prefix.cfg.by === 'virtualenv' ? 'virtualenv' : 'venv' };
  },
};

/** virtualenv before version 20 left no pyvenv.cfg; a stray `activate` in a system directory makes no environment. */
export const virtualenv: Locator = {
  name: 'virtualenv',

  identify(prefix) {
    if (/^\/(usr(\/local)?)?$/.test(prefix.path)) return null;
    return hasActivate(prefix.look.where, prefix.hasFile.bind(prefix)) ? { kind: 'virtualenv' } : null;
  },
};

function hasActivate(where: Where, hasFile: (...parts: string[]) => boolean): boolean {
  return where.platform === 'win32' ? hasFile('Scripts', 'activate.bat') : hasFile('bin', 'activate');
}
