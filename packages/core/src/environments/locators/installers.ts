import { foldersIn, guarded } from '../guarded.js';
import { type Locator, placesAt } from '../locator.js';
import type { EnvironmentKind, Place } from '../types.js';
import { inHome, isWithin, localAppData, variablePath, type Where, xdgData } from '../where.js';

/** Version managers that unpack Pythons side by side, a directory to a version; links beside them are aliases. */
function installer(kind: EnvironmentKind & string, dirs: (where: Where) => (string | null)[]): Locator {
  const known = (where: Where) => [...new Set(dirs(where).filter((dir) => dir !== null))];
  return {
    name: kind,
    places: (where): Place[] => placesAt(kind, 'own', 'user', known(where)),
    *look(place, { files, where }) {
      for (const name of foldersIn(files, place.path)) {
        const prefix = where.path.join(place.path, name);
        yield* guarded(prefix, () => {
          // rye's first releases kept the Python one level deeper
          const deeper = where.path.join(prefix, 'install');
          const isDeeper = kind === 'rye' && files.stat(deeper)?.type === 'directory';
          return [{ prefix: isDeeper ? deeper : prefix, place, version: name }];
        });
      }
    },
    identify(prefix, candidate) {
      const { where } = prefix.look;
      const dir = known(where).find((parent) => isWithin(where, prefix.path, parent));
      // a virtual environment may be kept anywhere, a conda root as well
      if (dir === undefined || prefix.cfg !== null || prefix.condaMeta !== null) return null;
      const name = where.path.relative(dir, prefix.path).split(where.path.sep)[0]!;
      return { kind, name, manager: { tool: kind, root: null }, version: candidate.version ?? name };
    },
  };
}

/** mise (and rtx, which it was called before). */
export const mise = installer('mise', (where) => [
  variablePath(where, 'MISE_DATA_DIR', 'installs', 'python'),
  where.platform === 'win32'
    ? localAppData(where, 'mise', 'installs', 'python')
    : xdgData(where, 'mise', 'installs', 'python'),
  xdgData(where, 'rtx', 'installs', 'python'),
]);

export const asdf = installer('asdf', (where) => [
  variablePath(where, 'ASDF_DATA_DIR', 'installs', 'python'),
  inHome(where, '.asdf', 'installs', 'python'),
]);

export const rye = installer('rye', (where) => [variablePath(where, 'RYE_HOME', 'py'), inHome(where, '.rye', 'py')]);
