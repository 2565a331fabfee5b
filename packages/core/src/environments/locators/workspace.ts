import { type EntryType, FileFaultError, RemotePlaceError } from '../../files/index.js';
import type { Locator } from '../locator.js';
import { BELOW, type Item, type Place } from '../types.js';
import { isWithin, type Look, samePath, type Where } from '../where.js';

/** Directories of a project that environments are kept in. */
const USUAL = ['.venv', 'venv', 'env', '.env', '.conda', '.virtualenv', 'virtualenv'];

/** Directories that hold thousands of files and no environment that is meant for the user. */
const NEVER = new Set(
  `.cache .eggs .git .hg .idea .ipynb_checkpoints .mypy_cache .nox .npm .pnpm-store .pytest_cache .ruff_cache .svn .terraform .tox
  .vscode .vscode-server __pycache__ __pypackages__ bower_components node_modules site-packages target`.split(/\s+/),
);

/** How deep below the working directory, and how many directories are listed at most: a monorepo must not cost seconds. */
const DEPTH = 3;
const MAX_LISTED = 400;

/** Environments of the project that the working directory belongs to: in it, above it, and a few levels below. */
export const workspace: Locator = {
  name: 'workspace',

  places(where) {
    const place = (path: string, distance: number): Place => {
      return { locator: 'workspace', path, how: 'own', nearness: 'workspace', distance };
    };
    return [where.cwd, ...foldersAbove(where)].map(place);
  },

  *look(place, look) {
    if (place.path === look.where.cwd) yield* below(place, look);
    else yield* inFolder(place, look, look.files.list(place.path), place.distance ?? 0);
  },
};

/** Up to the home directory or the root, neither of them: what lies there is no project. */
function foldersAbove(where: Where): string[] {
  const folders: string[] = [];
  for (let at = where.path.dirname(where.cwd); where.path.dirname(at) !== at; at = where.path.dirname(at)) {
    if (samePath(where, at, where.home)) break;
    folders.push(at);
  }
  return isProject(where, where.cwd) ? folders : [];
}

/** The home directory itself, and what is above it, hold everything that a user has. */
function isProject(where: Where, folder: string): boolean {
  return !isWithin(where, where.home, folder) && where.path.dirname(folder) !== folder;
}

/** Breadth first, so that the nearest are found however large the rest is. */
function* below(place: Place, look: Look): Iterable<Item> {
  const depth = isProject(look.where, place.path) ? DEPTH : 0;
  let level = [place.path];
  let listed = 0;
  for (let distance = 0; level.length > 0 && distance <= depth; distance++) {
    const next: string[] = [];
    for (const folder of level) {
      if (++listed > MAX_LISTED) return;
      const entries = listing(look, folder, folder === place.path);
      if (entries === 'remote') {
        // looked at by itself: what it may hang in is not what the project's other folders hang in
        yield { ...place, path: folder, distance: distance === 0 ? 0 : BELOW + distance };
        continue;
      }
      yield* inFolder(place, look, entries, distance === 0 ? 0 : BELOW + distance, folder);
      // an environment's own folders hold none
      if (distance > 0 && (entries?.has('pyvenv.cfg') || entries?.has('conda-meta'))) continue;
      for (const [name, type] of entries ?? []) {
        // links are not followed: they may lead back
        if (type !== 'directory' || NEVER.has(name) || USUAL.includes(name) || name === '.pixi') continue;
        if (name.startsWith('.') && distance > 0) continue;
        next.push(look.where.path.join(folder, name));
      }
    }
    level = next.sort();
  }
}

function listing(look: Look, folder: string, isRoot: boolean): ReadonlyMap<string, EntryType> | 'remote' | null {
  try {
    return look.files.list(folder);
  } catch (error) {
    if (isRoot) throw error;
    if (error instanceof RemotePlaceError) return 'remote';
    // a directory of somebody else's in the middle of a project
    if (error instanceof FileFaultError) return null;
    throw error;
  }
}

/** What one folder holds: it may be an environment itself, or have one in the usual places, or in pixi's. */
function* inFolder(
  place: Place,
  look: Look,
  entries: ReadonlyMap<string, EntryType> | null,
  distance: number,
  folder = place.path,
): Iterable<Item> {
  if (entries === null) return;
  const { join } = look.where.path;
  const near: Place = { ...place, how: 'prefix', path: folder, distance };
  if (PROJECT_FILES.some((name) => entries.has(name))) {
    look.projects.push({ folder: look.files.real(folder), distance });
  }
  if (entries.has('pyvenv.cfg') || entries.has('conda-meta')) yield { prefix: folder, place: near };
  for (const name of USUAL) {
    const type = entries.get(name);
    if (type === 'directory' || type === 'link') yield { prefix: join(folder, name), place: near };
  }
  if (entries.has('.pixi')) {
    yield { ...near, locator: 'pixi', path: join(folder, '.pixi', 'envs'), how: 'children' };
  }
}

/** What marks a folder as a project whose environment a tool may keep elsewhere. */
const PROJECT_FILES = ['pyproject.toml', 'poetry.lock', 'Pipfile', 'hatch.toml', 'pixi.toml'];
