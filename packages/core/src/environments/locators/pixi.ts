import { foldersIn, guarded } from '../guarded.js';
import { type Locator, placesAt } from '../locator.js';
import { table, textOf } from '../parsers.js';
import type { Item, Place } from '../types.js';
import {
  given,
  inHome,
  type Look,
  localAppData,
  roamingAppData,
  variablePath,
  type Where,
  xdgCache,
  xdgConfig,
} from '../where.js';

/** pixi: conda environments that belong to a manifest, named in `conda-meta/pixi`. */
export const pixi: Locator = {
  name: 'pixi',

  places(where) {
    const home = variablePath(where, 'PIXI_HOME') ?? inHome(where, '.pixi');
    const { join } = where.path;
    return [
      ...placesAt('pixi', 'children', 'user', [join(home, 'envs')]),
      ...placesAt('pixi', 'own', 'user', [join(home, 'workspaces.toml'), ...configFiles(where, home)]),
    ];
  },

  *look(place, look) {
    const text = look.files.text(place.path);
    if (text === null) return;
    const document = look.parsers.toml(text);
    if (look.where.path.basename(place.path) === 'workspaces.toml') yield* fromRegistry(document, look);
    else yield* fromConfig(document, look, place);
  },

  identify(prefix) {
    if (!prefix.condaMeta?.includes('pixi')) return null;
    const { path } = prefix.look.where;
    const noted = noteOf(prefix.look.files.text(prefix.join('conda-meta', 'pixi')));
    const folder = noted.manifest === null ? null : path.dirname(noted.manifest);
    // a global environment's manifest lies in pixi's own `manifests`
    const isGlobal = folder !== null && path.basename(folder) === 'manifests';
    const project = isGlobal ? null : folder;
    const name = noted.environment ?? path.basename(prefix.path);
    return {
      kind: 'pixi',
      name: project === null ? name : name === 'default' ? path.basename(project) : `${path.basename(project)}:${name}`,
      manager: { tool: 'pixi', root: noted.manifest },
      project,
    };
  },
};

function configFiles(where: Where, home: string): string[] {
  const { join } = where.path;
  const own = [join(home, 'config.toml'), xdgConfig(where, 'pixi', 'config.toml')];
  if (where.platform === 'win32')
    return [...own, roamingAppData(where, 'pixi', 'config.toml'), 'C:\\ProgramData\\pixi\\config.toml'];
  if (where.platform === 'darwin') own.push(inHome(where, 'Library', 'Application Support', 'pixi', 'config.toml'));
  return [...own, '/etc/pixi/config.toml'];
}

/** `[named-workspaces]` of `pixi workspace register`: name → folder. */
function* fromRegistry(document: Record<string, unknown>, look: Look): Iterable<Place> {
  for (const folder of Object.values(table(document['named-workspaces']))) {
    if (typeof folder !== 'string') continue;
    const path = look.where.path.join(given(look.where, folder), '.pixi', 'envs');
    yield { locator: 'pixi', path, how: 'children', nearness: 'user' };
  }
}

/** `detached-environments`: environments lie in a folder for each workspace below the one that is named. */
function* fromConfig(document: Record<string, unknown>, look: Look, place: Place): Iterable<Item> {
  const setting = document['detached-environments'];
  const { where, files } = look;
  const dir =
    typeof setting === 'string'
      ? given(where, setting)
      : setting === true
        ? where.path.join(cacheDir(where), 'envs')
        : null;
  if (dir === null) return;
  yield* guarded(dir, () =>
    foldersIn(files, dir).map((name) => ({ ...place, path: where.path.join(dir, name, 'envs'), how: 'children' })),
  );
}

function cacheDir(where: Where): string {
  const named = variablePath(where, 'PIXI_CACHE_DIR') ?? variablePath(where, 'RATTLER_CACHE_DIR');
  if (named !== null) return named;
  if (where.platform === 'win32') return localAppData(where, 'rattler', 'cache');
  if (where.platform === 'darwin') return inHome(where, 'Library', 'Caches', 'rattler', 'cache');
  return xdgCache(where, 'rattler', 'cache');
}

function noteOf(text: string | null): { manifest: string | null; environment: string | null } {
  try {
    const note = JSON.parse(text ?? '{}') as Record<string, unknown>;
    return { manifest: textOf(note.manifest_path), environment: textOf(note.environment_name) };
  } catch {
    // pixi would write it anew; that it is pixi's is sure all the same
    return { manifest: null, environment: null };
  }
}
