import { guarded } from '../guarded.js';
import { type Locator, placesAt } from '../locator.js';
import type { Candidate, Place } from '../types.js';
import { isWithin, type Look, variablePath, type Where } from '../where.js';

/** Homebrew, on macOS and Linux. Its `bin` keeps the path that survives an upgrade; the Cellar's changes with each. */
export const homebrew: Locator = {
  name: 'homebrew',

  places(where) {
    return placesAt(
      'homebrew',
      'own',
      'system',
      brewPrefixes(where).map((dir) => where.path.join(dir, 'bin')),
    );
  },

  /** `python3.12` and not `python3`, which is another one after the next upgrade. */
  *look(place, { files, where }) {
    for (const name of files.names(place.path) ?? []) {
      if (!/^python3\.\d+$/.test(name)) continue;
      const python = where.path.join(place.path, name);
      yield* guarded(python, () => {
        const real = files.real(python);
        return isBrew(where, real) ? [{ prefix: prefixOf(where, real), python, place }] : [];
      });
    }
  },

  identify(prefix) {
    const { where } = prefix.look;
    if (prefix.cfg !== null || !isBrew(where, prefix.real)) return null;
    const [, formula, version] = /\/Cellar\/(python@[^/]+|pypy[^/]*)\/([^/]+)/.exec(prefix.real) ?? [];
    if (formula === undefined) return null;
    // `3.12.4_1`: the build of the formula is no part of it
    return {
      kind: 'homebrew',
      name: formula,
      version: version!.replace(/_\d+$/, ''),
      manager: { tool: 'brew', root: null },
    };
  },
};

function brewPrefixes(where: Where): string[] {
  if (where.platform === 'win32') return [];
  const own = where.platform === 'darwin' ? ['/opt/homebrew', '/usr/local'] : ['/home/linuxbrew/.linuxbrew'];
  return [...new Set([variablePath(where, 'HOMEBREW_PREFIX'), ...own].filter((dir) => dir !== null))];
}

function isBrew(where: Where, real: string): boolean {
  return brewPrefixes(where).some((dir) => isWithin(where, real, where.path.join(dir, 'Cellar')));
}

/** The framework on macOS, the keg on Linux: what `sys.prefix` resolves to. */
function prefixOf(where: Where, python: string): string {
  return where.path.dirname(where.path.dirname(python));
}

/** The installer of python.org: a framework with a directory for each version. */
export const pythonOrg: Locator = {
  name: 'python.org',

  places(where) {
    if (where.platform !== 'darwin') return [];
    return placesAt('python.org', 'own', 'system', ['/Library/Frameworks/Python.framework/Versions']);
  },

  *look(place, look) {
    yield* versions(place, look);
  },

  identify(prefix) {
    const match = /^\/Library\/Frameworks\/Python\.framework\/Versions\/(\d[^/]*)$/.exec(prefix.path);
    return match && prefix.cfg === null ? { kind: 'python.org', name: `Python ${match[1]}` } : null;
  },
};

/** `Current` is a link to one of the others. */
function* versions(place: Place, { files, where }: Look): Iterable<Candidate> {
  for (const [name, type] of files.list(place.path) ?? []) {
    if (type === 'directory' && /^\d/.test(name)) yield { prefix: where.path.join(place.path, name), place };
  }
}

/**
 * Apple's Pythons, in the Command Line Tools and in Xcode. `/usr/bin/python3` is a stub that asks whether to install them: it
 * is never started, and never listed.
 */
export const xcode: Locator = {
  name: 'xcode',

  places(where) {
    if (where.platform !== 'darwin') return [];
    return [
      ...placesAt('xcode', 'own', 'system', [
        '/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions',
      ]),
      ...placesAt('xcode', 'own', 'system', ['/Applications']),
    ];
  },

  *look(place, look) {
    if (place.path !== '/Applications') yield* versions(place, look);
    else {
      for (const name of look.files.names(place.path) ?? []) {
        const path = `/Applications/${name}/Contents/Developer/Library/Frameworks/Python3.framework/Versions`;
        if (/^Xcode.*\.app$/.test(name)) yield* guarded(path, () => versions({ ...place, path }, look));
      }
    }
  },

  identify(prefix) {
    const match = /\/(CommandLineTools|Xcode[^/]*\.app)\/.*\/Python3\.framework\/Versions\/(\d[^/]*)$/.exec(
      prefix.path,
    );
    return match && prefix.cfg === null
      ? { kind: 'xcode', name: match[1] === 'CommandLineTools' ? 'Command Line Tools' : 'Xcode' }
      : null;
  },
};
