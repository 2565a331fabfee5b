import { textOrNull } from '../guarded.js';
import { type Locator, placesAt } from '../locator.js';
import { table, textOf } from '../parsers.js';
import type { Prefix } from '../prefix.js';
import {
  given,
  inHome,
  localAppData,
  roamingAppData,
  variablePath,
  type Where,
  xdgCache,
  xdgConfig,
} from '../where.js';

/** poetry: environments for projects, named by the project's name and a digest of its path. */
export const poetry: Locator = {
  name: 'poetry',

  places(where) {
    return [
      ...placesAt('poetry', 'children', 'user', homesOf(where)),
      ...placesAt('poetry', 'own', 'user', [configFile(where)]),
    ];
  },

  /** `virtualenvs.path` of the user's configuration, in which `{cache-dir}` may stand. */
  *look(place, look) {
    const text = look.files.text(place.path);
    if (text === null) return;
    const settings = look.parsers.toml(text);
    const cache = textOf(settings['cache-dir']) ?? cacheDirs(look.where)[0]!;
    const path = textOf(table(settings.virtualenvs).path);
    const dirs = [path?.replace('{cache-dir}', cache) ?? null, look.where.path.join(cache, 'virtualenvs')];
    for (const dir of dirs) {
      if (dir !== null) yield { ...place, path: given(look.where, dir), how: 'children' };
    }
  },

  identify(prefix, candidate) {
    if (prefix.cfg === null && prefix.python === null && prefix.danglingPython === null) return null;
    const { path } = prefix.look.where;
    const name = path.basename(prefix.path);
    const manager = { tool: 'poetry', root: null };
    if (
      /^.+-[\w-]{8}-py\d+\.\d+$/.test(name) &&
      (candidate.place.locator === 'poetry' || isKept(prefix.look.where, prefix.path))
    ) {
      return { kind: 'poetry', name, manager };
    }
    // `virtualenvs.in-project`
    const project = path.dirname(prefix.path);
    if (name !== '.venv' || !isProject(prefix, project)) return null;
    return { kind: 'poetry', name: path.basename(project), manager, project };
  },
};

function homesOf(where: Where): string[] {
  const named = variablePath(where, 'POETRY_VIRTUALENVS_PATH');
  const own = cacheDirs(where).map((dir) => where.path.join(dir, 'virtualenvs'));
  return named === null ? own : [named, ...own];
}

function cacheDirs(where: Where): string[] {
  const { platform } = where;
  const named = variablePath(where, 'POETRY_CACHE_DIR');
  const own =
    platform === 'win32'
      ? localAppData(where, 'pypoetry', 'Cache')
      : platform === 'darwin'
        ? inHome(where, 'Library', 'Caches', 'pypoetry')
        : xdgCache(where, 'pypoetry');
  return [...new Set(named === null ? [own] : [named, own])];
}

function configFile(where: Where): string {
  const named = variablePath(where, 'POETRY_CONFIG_DIR', 'config.toml');
  if (named !== null) return named;
  if (where.platform === 'win32') return roamingAppData(where, 'pypoetry', 'config.toml');
  if (where.platform === 'darwin') return inHome(where, 'Library', 'Application Support', 'pypoetry', 'config.toml');
  return xdgConfig(where, 'pypoetry', 'config.toml');
}

function isKept(where: Where, prefix: string): boolean {
  const parent = where.path.dirname(prefix);
  if (homesOf(where).includes(parent)) return true;
  return where.path.basename(parent) === 'virtualenvs' && where.path.dirname(parent).includes('pypoetry');
}

/** A folder is poetry's by its lock file, poetry.toml, or what pyproject.toml says of tools and of the build. */
function isProject({ look }: Prefix, folder: string): boolean {
  const { join } = look.where.path;
  if (['poetry.lock', 'poetry.toml'].some((name) => look.files.stat(join(folder, name)) !== null)) return true;
  const text = textOrNull(look.files, join(folder, 'pyproject.toml'));
  // two words decide; the rest of the document does not matter, and may well be damaged
  return text !== null && /^\s*\[tool\.poetry[\].]|^\s*build-backend\s*=\s*["']poetry[.\w]*["']/m.test(text);
}
