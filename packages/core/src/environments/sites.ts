import { baseOf } from './base.js';
import { minorOf, type Prefix } from './prefix.js';
import { given, inHome, listed, localAppData, roamingAppData, type Where } from './where.js';

/** A directory of installed packages. */
export interface Site {
  path: string;
  /** By PYTHONPATH: its .pth files do not count. */
  isNamed: boolean;
}

/**
 * The directories that a prefix's Python imports installed packages from, the first first (CPython, Lib/site.py): PYTHONPATH,
 * its own site-packages, and for what is no closed virtual environment the user's and the system's.
 *
 * @param version of the prefix's Python
 */
export function sitesOf(prefix: Prefix, version: string | null): Site[] {
  const { where } = prefix.look;
  const minor = minorOf(version) ?? prefix.minors[0] ?? null;
  const sites = ownSites(prefix, minor);
  const { cfg } = prefix;
  if (cfg === null || cfg.systemSitePackages) sites.push(...userSites(where, minor));
  if (cfg?.systemSitePackages) {
    const base = baseOf(prefix.look, cfg);
    if (base !== null) sites.push(...ownSites(base.prefix, minor));
  }
  const named = listed(where, where.read('PYTHONPATH')).map((path): Site => ({ path, isNamed: true }));
  return [...named, ...[...new Set(sites)].map((path): Site => ({ path, isNamed: false }))];
}

/** What a prefix keeps itself: `lib/python3.11/site-packages`, and Debian's and Homebrew's ways with it. */
function ownSites(prefix: Prefix, minor: string | null): string[] {
  const { where } = prefix.look;
  if (prefix.isWindows) return [prefix.join('Lib', 'site-packages'), ...storeSites(prefix, minor)];
  if (minor === null) return [];
  const names = prefix.libraries.filter((library) => library.minor === minor).map(({ name }) => name);
  if (names.length === 0) names.push(`python${minor}`);
  const sites = names.map((name) => prefix.join('lib', name, 'site-packages'));
  // PyPy before 3.8
  if (prefix.libraries.length === 0) sites.push(prefix.join('site-packages'));
  if (prefix.cfg !== null) return sites;
  // Fedora and its kin keep compiled packages apart
  sites.push(prefix.join('lib64', `python${minor}`, 'site-packages'));
  if (prefix.path === '/usr' || prefix.path === '/usr/local') {
    sites.push(
      where.path.join('/usr/local/lib', `python${minor}`, 'dist-packages'),
      `/usr/lib/python${minor.split('.')[0]}/dist-packages`,
      where.path.join('/usr/lib', `python${minor}`, 'dist-packages'),
    );
  }
  const brew = /^(.*)\/Cellar\/python@[^/]+\//.exec(`${prefix.real}/`)?.[1];
  if (brew !== undefined) sites.push(where.path.join(brew, 'lib', `python${minor}`, 'site-packages'));
  return sites;
}

/** The Store's Pythons cannot write below their own prefix: Windows gives each a directory of packages for this user. */
function storeSites({ path, look: { where } }: Prefix, minor: string | null): string[] {
  const family = where.path.basename(path);
  if (minor === null || !family.startsWith('PythonSoftwareFoundation.')) return [];
  const packages = localAppData(where, 'Packages', family, 'LocalCache', 'local-packages');
  return [where.path.join(packages, `Python${minor.replace('.', '')}`, 'site-packages')];
}

/** Where `pip install --user` puts packages (`site.getusersitepackages`), unless PYTHONNOUSERSITE says that they do not count. */
function userSites(where: Where, minor: string | null): string[] {
  if (where.read('PYTHONNOUSERSITE') || minor === null) return [];
  const base = where.read('PYTHONUSERBASE');
  if (where.platform === 'win32') {
    const root = base ? given(where, base) : roamingAppData(where, 'Python');
    return [where.path.join(root, `Python${minor.replace('.', '')}`, 'site-packages')];
  }
  const sites = [
    where.path.join(base ? given(where, base) : inHome(where, '.local'), 'lib', `python${minor}`, 'site-packages'),
  ];
  // a framework Python, which is what python.org and Apple ship
  if (where.platform === 'darwin' && !base) {
    sites.push(inHome(where, 'Library', 'Python', minor, 'lib', 'python', 'site-packages'));
  }
  return sites;
}
