import { foldersIn, guarded } from '../guarded.js';
import { type Locator, placesAt } from '../locator.js';
import { inHome, isWithin, localAppData, variablePath, type Where, xdgData } from '../where.js';

/** hatch: `<data>/env/virtual/<project>/<digest of its path>/<environment>`. */
export const hatch: Locator = {
  name: 'hatch',

  places(where) {
    return placesAt('hatch', 'own', 'user', virtualDirs(where));
  },

  *look(place, { files, where }) {
    for (const project of foldersIn(files, place.path)) {
      const folder = where.path.join(place.path, project);
      yield* guarded(folder, () =>
        foldersIn(files, folder).map((digest) => ({
          ...place,
          path: where.path.join(folder, digest),
          how: 'children',
        })),
      );
    }
  },

  identify(prefix) {
    const { where } = prefix.look;
    const dir = virtualDirs(where).find((virtual) => isWithin(where, prefix.path, virtual));
    if (dir === undefined || prefix.cfg === null) return null;
    const steps = where.path.relative(dir, prefix.path).split(where.path.sep);
    if (steps.length !== 3) return null;
    const [project, , leaf] = steps;
    // the default environment is called as its project
    return {
      kind: 'hatch',
      name: leaf === project ? project! : `${project}:${leaf}`,
      manager: { tool: 'hatch', root: null },
    };
  },
};

export function virtualDirs(where: Where): string[] {
  const named = variablePath(where, 'HATCH_DATA_DIR');
  const own =
    where.platform === 'win32'
      ? [localAppData(where, 'hatch')]
      : where.platform === 'darwin'
        ? [inHome(where, 'Library', 'Application Support', 'hatch')]
        : [xdgData(where, 'hatch'), inHome(where, '.local', 'share', 'hatch')];
  const dirs = named === null ? own : [named, ...own];
  return [...new Set(dirs.map((dir) => where.path.join(dir, 'env', 'virtual')))];
}
