import { type Locator, placesAt } from '../locator.js';
import { table, textOf } from '../parsers.js';
import type { Candidate, Place } from '../types.js';
import { given, inHome, type Look, localAppData, variablePath, type Where, xdgConfig } from '../where.js';

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
  return [join(home, 'config.toml'), xdgConfig(where, 'pixi', 'config.toml'), '/etc/pixi/config.toml'];
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
function* fromConfig(document: Record<string, unknown>, look: Look, place: Place): Iterable<Candidate | Place> {
  const setting = document['detached-environments'];
  const { where, files } = look;
  const cache =
    where.platform === 'win32'
      ? localAppData(where, 'rattler', 'cache', 'envs')
      : where.platform === 'darwin'
        ? inHome(where, 'Library', 'Caches', 'rattler', 'cache', 'envs')
        : inHome(where, '.cache', 'rattler', 'cache', 'envs');
  const dir = typeof setting === 'string' ? given(where, setting) : setting === true ? cache : null;
  if (dir === null) return;
  for (const name of files.names(dir) ?? []) {
    yield { ...place, path: where.path.join(dir, name, 'envs'), how: 'children' };
  }
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
