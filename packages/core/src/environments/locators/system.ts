import { isScript } from '../binary.js';
import { type Locator, placesAt } from '../locator.js';
import type { Candidate, Place } from '../types.js';
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
export function* programsIn(place: Place, look: Look): Iterable<Candidate> {
  const { files, where } = look;
  const { join, dirname, basename } = where.path;
  // `/bin` is `/usr/bin` on merged systems: one directory; but no environment's own `bin` is a link
  const dir = files.real(place.path);
  const names = (files.names(dir) ?? [])
    .filter((name) => PYTHON.test(name))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const seen = new Set<string>();
  for (const name of names) {
    // Apple's stub, which pops up a dialogue
    if (where.platform === 'darwin' && dir === '/usr/bin') return;
    const python = join(dir, name);
    const real = files.real(python);
    if (files.stat(python)?.type !== 'file' || seen.has(real)) continue;
    seen.add(real);
    const parent = dirname(dir);
    const isBin = /^(?:bin|scripts)$/i.test(basename(dir));
    // an environment's own program is a link into its base: the environment is meant
    if (isBin && isEnvironment(look, parent)) yield { prefix: parent, place };
    else if (where.platform === 'win32' && isEnvironment(look, dir)) yield { prefix: dir, place };
    else if (where.platform !== 'win32' && isScript(files, python)) yield { prefix: '', python, place };
    else yield { prefix: prefixOfProgram(where, real), python: isLinkInto(where, python, real) ? real : python, place };
  }
}

function isEnvironment({ files, where }: Look, dir: string): boolean {
  return ['pyvenv.cfg', 'conda-meta'].some((mark) => files.stat(where.path.join(dir, mark)) !== null);
}

/** `/usr` of `/usr/bin/python3.11`; on Windows the directory itself. */
function prefixOfProgram({ path, platform }: Where, real: string): string {
  const dir = path.dirname(real);
  return platform !== 'win32' && path.basename(dir) === 'bin' ? path.dirname(dir) : dir;
}

/** Whether a program on PATH is a link to another prefix's: `~/.local/bin/python3.12` of uv. */
function isLinkInto(where: Where, python: string, real: string): boolean {
  return where.path.dirname(python) !== where.path.dirname(real);
}
