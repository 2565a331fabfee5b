import { foldersIn, guarded } from '../guarded.js';
import { type Locator, placesAt } from '../locator.js';
import type { Candidate, Item } from '../types.js';
import { isWithin, localAppData, variablePath, type Where } from '../where.js';

/**
 * The Microsoft Store's Pythons. A package's own directory holds an alias that starts it; `python.exe` beside those
 * directories may be a stub of no bytes that opens the Store, and is never looked at. Never run on Windows.
 */
export const windowsStore: Locator = {
  name: 'windows-store',

  places(where) {
    return where.platform === 'win32' ? placesAt('windows-store', 'own', 'system', [appsDir(where)]) : [];
  },

  *look(place, { files, where }): Iterable<Item> {
    const names = files.names(place.path) ?? [];
    for (const name of names) {
      const version = PACKAGE.exec(name)?.[1];
      const python = version === undefined ? null : where.path.join(place.path, name, `python${version}.exe`);
      if (python !== null) yield { prefix: where.path.join(place.path, name), python, place, version: version! };
    }
  },

  identify(prefix, candidate) {
    const { where } = prefix.look;
    if (where.platform !== 'win32' || !isWithin(where, prefix.path, appsDir(where))) return null;
    const version = PACKAGE.exec(where.path.basename(prefix.path))?.[1] ?? candidate.version ?? null;
    return { kind: 'windows-store', name: `Python ${version ?? ''} (Microsoft Store)`, version };
  },
};

const PACKAGE = /^PythonSoftwareFoundation\.Python\.(3\.\d+)_/;

function appsDir(where: Where): string {
  return localAppData(where, 'Microsoft', 'WindowsApps');
}

/** WinPython: a folder with a Python in it that can be carried about. Never run on Windows. */
export const winpython: Locator = {
  name: 'winpython',

  places(where) {
    if (where.platform !== 'win32') return [];
    const home = where.home;
    const dirs = [
      home,
      where.path.join(home, 'Downloads'),
      where.path.join(home, 'Desktop'),
      'C:\\',
      'C:\\Program Files',
      'D:\\',
    ];
    return placesAt('winpython', 'own', 'user', [variablePath(where, 'WINPYTHON_HOME'), ...dirs]);
  },

  *look(place, { files, where }) {
    const { join } = where.path;
    const folders = foldersIn(files, place.path)
      .filter((name) => FOLDER.test(name))
      .map((name) => join(place.path, name));
    // the place itself may be one
    for (const folder of [place.path, ...folders]) {
      yield* guarded(folder, () =>
        foldersIn(files, folder).flatMap((name) => {
          const version = INSIDE.exec(name)?.[1];
          return version === undefined ? [] : [{ prefix: join(folder, name), place, version }];
        }),
      );
    }
  },

  identify(prefix) {
    const { where, files } = prefix.look;
    const { path } = where;
    if (where.platform !== 'win32' || prefix.cfg !== null) return null;
    const version = INSIDE.exec(path.basename(prefix.path))?.[1];
    const folder = path.dirname(prefix.path);
    const marked = ['.winpython', 'winpython.ini'].some((name) => files.stat(path.join(folder, name)) !== null);
    if (version === undefined || !(FOLDER.test(path.basename(folder)) || marked)) return null;
    return { kind: 'winpython', name: path.basename(folder), version };
  },
};

const FOLDER = /^WPy(?:64|32)?-?\d+/i;
const INSIDE = /^python-(\d+\.\d+\.\d+[^.]*)(?:\.(?:amd64|win32|arm64))?$/;

/**
 * PEP 514: Pythons that an installer noted in the registry. The registry is no file: `places` gives the keys, and what they hold is
 * asked of `reg.exe` by the caller ({@link parseRegistry}). Never run on Windows.
 */
export const windowsRegistry: Locator = {
  name: 'windows-registry',

  identify(_prefix, candidate) {
    if (candidate.place.locator !== 'windows-registry') return null;
    return {
      kind: 'windows-registry',
      ...(candidate.name && { name: candidate.name }),
      version: candidate.version ?? null,
    };
  },
};

export const REGISTRY_KEYS = [
  'HKCU\\Software\\Python',
  'HKLM\\Software\\Python',
  'HKLM\\Software\\WOW6432Node\\Python',
];

/**
 * What `reg query KEY /s` prints, as candidates: a key on a line of its own, its values indented below it. The Store's are
 * left to their own locator, and the launcher's entry is no Python.
 */
export function parseRegistry(where: Where, key: string, text: string): Candidate[] {
  const place = { locator: 'windows-registry', path: key, how: 'own', nearness: 'system' } as const;
  const keys = new Map<string, Map<string, string>>();
  let values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const value = /^\s+(.+?)\s{2,}REG_\w+\s{2,}(.*)$/.exec(line);
    if (value) values.set(value[1]!, value[2]!.trim());
    else if (/^HKEY_/.test(line)) {
      values = new Map();
      keys.set(line.trim(), values);
    }
  }
  const candidates: Candidate[] = [];
  for (const [name, own] of keys) {
    const match = /\\Python\\([^\\]+)\\([^\\]+)\\InstallPath$/i.exec(name);
    if (match === null || match[1] === 'PyLauncher') continue;
    // the key's own value, whose name the system translates
    const prefix = [...own].find(([key]) => /^\(.*\)$/.test(key))?.[1] ?? '';
    const python = own.get('ExecutablePath') ?? (prefix === '' ? '' : where.path.join(prefix, 'python.exe'));
    if (python === '' || python.includes('WindowsApps')) continue;
    const tag = keys.get(name.replace(/\\InstallPath$/i, ''));
    // Anaconda counts its own releases there, and calls its root what conda does not
    const isConda = match[1] === 'ContinuumAnalytics';
    const version = isConda ? undefined : (tag?.get('Version') ?? tag?.get('SysVersion'));
    const display = isConda ? undefined : tag?.get('DisplayName');
    candidates.push({
      prefix: prefix === '' ? where.path.dirname(python) : prefix.replace(/\\+$/, ''),
      python,
      place,
      ...(display !== undefined && { name: display }),
      ...(version !== undefined && { version }),
    });
  }
  return candidates;
}
