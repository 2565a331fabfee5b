import { isScript } from '../binary.js';
import { guarded } from '../guarded.js';
import { type Locator, placesAt } from '../locator.js';
import type { Candidate, Item, Place } from '../types.js';
import { given, inHome, type Look, type Where } from '../where.js';

/** Pythons of the machine, and whatever else is on PATH. The last to be asked: what no other locator knows. */
export const system: Locator = {
  name: 'system',

  places(where) {
    const onPath = (where.read('PATH') ?? '')
      .split(where.path.delimiter)
      .filter((dir) => dir !== '' && !isShims(dir))
      .map((dir) => given(where, dir));
    const places = placesAt('system', 'programs', 'system', [...onPath, ...fixedDirs(where)]);
    return where.platform === 'win32'
      ? places
      : [...places, ...placesAt('system', 'children', 'system', ['/opt/python'])];
  },

  *look(place, look) {
    yield* programsIn(place, look);
  },

  identify(prefix, candidate) {
    const { where } = prefix.look;
    if (prefix.python === null) return null;
    const isSystem = where.platform !== 'win32' && /^\/(usr(\/local)?|opt\/(local|python\/[^/]+))?$/.test(prefix.path);
    if (!isSystem) return { kind: 'unknown', version: candidate.version ?? null };
    // one prefix holds several Pythons
    return { kind: 'system', name: where.path.basename(prefix.python) };
  },
};

/** A directory of scripts that ask a version manager each time: slow to start, and the real ones are found by their own locators. */
function isShims(dir: string): boolean {
  return /[\\/](?:shims|WindowsApps)[\\/]?$/i.test(dir);
}

function fixedDirs(where: Where): string[] {
  if (where.platform === 'win32') return [];
  const own = ['/usr/local/bin', '/usr/bin', '/bin', inHome(where, '.local', 'bin'), '/snap/bin'];
  if (where.platform === 'darwin') own.push('/opt/local/bin');
  return own;
}

/** `python`, `python3`, `python3.11`, `pypy3` and no config scripts. */
const PYTHON = /^(?:python|pypy)(?:\d+(?:\.\d+)?t?)?(?:\.exe)?$/i;

/** The Pythons in a directory of programs: each real program once, by its shortest name. */
export function* programsIn(place: Place, look: Look): Iterable<Item> {
  const { files, where } = look;
  const { join } = where.path;
  // `/bin` is `/usr/bin` on merged systems: one directory; but no environment's own `bin` is a link
  const dir = files.real(place.path);
  const names = (files.names(dir) ?? [])
    .filter((name) => PYTHON.test(name))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const seen = new Set<string>();
  // Apple's stub, which pops up a dialogue
  if (where.platform === 'darwin' && dir === '/usr/bin') return;
  for (const name of names) {
    const python = join(dir, name);
    yield* guarded(python, () => {
      const real = files.real(python);
      if (files.stat(python)?.type !== 'file' || seen.has(real)) return [];
      seen.add(real);
      return [programAt(python, real, place, look)];
    });
  }
}

function programAt(python: string, real: string, place: Place, look: Look): Candidate {
  const { files, where } = look;
  const dir = where.path.dirname(python);
  const parent = where.path.dirname(dir);
  const isBin = /^(?:bin|scripts)$/i.test(where.path.basename(dir));
  // an environment's own program is a link into its base: the environment is meant
  if (isBin && isEnvironment(look, parent)) return { prefix: parent, place };
  if (where.platform === 'win32')
    return isEnvironment(look, dir) ? { prefix: dir, place } : { prefix: dir, python, place };
  if (isScript(files, python)) return { prefix: '', python, place };
  // so may be what a link in another directory leads to
  const home = prefixOfProgram(where, real);
  if (isEnvironment(look, home)) return { prefix: home, place };
  return { prefix: home, python: isLinkInto(where, python, real) ? real : python, place };
}

function isEnvironment({ files, where }: Look, dir: string): boolean {
  return ['pyvenv.cfg', 'conda-meta'].some((mark) => files.stat(where.path.join(dir, mark)) !== null);
}

/** `/usr` of `/usr/bin/python3.11`. */
function prefixOfProgram({ path }: Where, real: string): string {
  const dir = path.dirname(real);
  return path.basename(dir) === 'bin' ? path.dirname(dir) : dir;
}

/** Whether a program on PATH is a link to another prefix's: `~/.local/bin/python3.12` of uv. */
function isLinkInto(where: Where, python: string, real: string): boolean {
  return where.path.dirname(python) !== where.path.dirname(real);
}
