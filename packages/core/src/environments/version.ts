import { FileFaultError } from '../files/index.js';
import { baseOf } from './base.js';
import { versionInBinary } from './binary.js';
import { minorOf, type Prefix } from './prefix.js';
import { plainVersion } from './pyvenv-cfg.js';
import type { Look } from './where.js';

/**
 * The version of a prefix's Python, from files alone, in the order of what is both quick and right: conda's records; for a virtual
 * environment its base (which may have been upgraded in place) and then its own file; what the directory's name says
 * (`named`); build-details.json (PEP 739); patchlevel.h; the interpreter's own bytes.
 *
 * @returns `3.11.2`, `3.11` where no file says more, null where none says anything
 */
export function versionOf(prefix: Prefix, named: string | null): string | null {
  const conda = condaVersion(prefix);
  if (conda !== null) return conda;
  const { cfg } = prefix;
  if (cfg !== null) {
    const base = baseOf(prefix.look, cfg);
    const minor = minorOf(cfg.version) ?? prefix.minors[0] ?? null;
    const ofBase = base === null ? null : versionOfInstallation(base.prefix, base.python, minor);
    // a base that was replaced by another minor version is not what this environment's library was made for
    const isFull = /^\d+\.\d+\.\d/.test(ofBase ?? '');
    if (isFull && (minor === null || minorOf(ofBase) === minor)) return ofBase;
    return cfg.version ?? minor;
  }
  return versionOfInstallation(prefix, prefix.python, minorOfProgram(prefix), isPythons(named) ? named : null);
}

/** GraalPy, MicroPython and others number themselves (`graalpy-22.3.0`): that is no version of Python. */
function isPythons(named: string | null): boolean {
  return /^(?:(?:cpython|python|pypy|activepython|stackless|nogil)[-@ ]?)?[23]\.\d/i.test(named ?? '');
}

/** `python3.11` names its minor version; `python3` may be a link to what does. */
function minorOfProgram(prefix: Prefix): string | null {
  const { python, look } = prefix;
  if (python === null) return null;
  const { basename } = look.where.path;
  for (const path of [python, look.files.real(python)]) {
    const minor = /(?:python|pypy)(\d+\.\d+)/i.exec(basename(path))?.[1];
    if (minor !== undefined) return minor;
  }
  return prefix.minors.length === 1 ? prefix.minors[0]! : null;
}

/** An installed Python's version: many environments share one, so it is worked out once. */
function versionOfInstallation(
  prefix: Prefix,
  python: string | null,
  minor: string | null,
  named: string | null = null,
): string | null {
  const { look } = prefix;
  const key = `version ${prefix.path}\0${python}\0${minor}\0${named}`;
  return look.memory.once(look.files, key, () => {
    const full = plainVersion(named ?? '');
    if (full !== null && /^\d+\.\d+\.\d/.test(full)) return headerVersion(prefix, minor, full) ?? full;
    const version =
      condaVersion(prefix) ??
      buildDetails(prefix, minor) ??
      headerVersion(prefix, minor, null) ??
      bytes(prefix, python, minor);
    return version ?? full ?? minor ?? prefix.minors[0] ?? null;
  });
}

/** conda names a package's record after its version: `conda-meta/python-3.11.4-h955ad1f_0.json`. */
export function condaVersion(prefix: Prefix): string | null {
  for (const name of prefix.condaMeta ?? []) {
    const match = /^python-(\d[^-]*)-[^-]+\.json$/.exec(name);
    if (match) return match[1]!;
  }
  return null;
}

/** PEP 739, from 3.14 on. */
function buildDetails(prefix: Prefix, minor: string | null): string | null {
  if (minor === null) return null;
  const name = prefix.libraries.find((library) => library.minor === minor)?.name ?? `python${minor}`;
  const text = readOrNull(prefix.look, prefix.join('lib', name, 'build-details.json'));
  if (text === null) return null;
  try {
    const { language, implementation } = JSON.parse(text) as Record<string, Record<string, unknown> | undefined>;
    const {
      major,
      minor: second,
      micro,
      releaselevel: level,
      serial,
    } = (implementation?.version ?? {}) as Record<string, unknown>;
    if (typeof micro === 'number')
      return plainVersion(`${major}.${second}.${micro}.${level ?? 'final'}.${serial ?? 0}`);
    return plainVersion(String(language?.version ?? ''));
  } catch {
    return null;
  }
}

/**
 * `#define PY_VERSION "3.11.2"`. A prefix holds a header for each Python in it.
 * @param named what the directory's name says; a header of another minor version is not this one's
 */
function headerVersion(prefix: Prefix, minor: string | null, named: string | null): string | null {
  const wanted = minor ?? minorOf(named) ?? prefix.minors[0] ?? null;
  const dirs =
    wanted === null
      ? [prefix.join('include')]
      : [`python${wanted}`, `python${wanted}t`, `pypy${wanted}`, `python${wanted}m`].map((name) =>
          prefix.join('include', name),
        );
  if (prefix.isWindows) dirs.push(prefix.join('include'));
  // a framework Python of macOS keeps its headers beside
  if (prefix.look.where.platform === 'darwin') dirs.push(prefix.join('Headers'));
  for (const dir of dirs) {
    const text = readOrNull(prefix.look, prefix.look.where.path.join(dir, 'patchlevel.h'));
    const version = /#define\s+PY_VERSION\s+"([^"]+)"/.exec(text ?? '')?.[1];
    if (version !== undefined) return plainVersion(version) ?? version;
  }
  return null;
}

/** The interpreter's own bytes, or those of the library that it is made of. */
function bytes(prefix: Prefix, python: string | null, minor: string | null): string | null {
  const { files, where } = prefix.look;
  const candidates = [python, minor === null ? null : prefix.join('bin', `python${minor}`), prefix.python].flatMap(
    (program) => (program === null ? [] : [files.real(program)]),
  );
  if (candidates.length === 0) return null;
  if (minor !== null) {
    const library = where.platform === 'darwin' ? `libpython${minor}.dylib` : `libpython${minor}.so.1.0`;
    candidates.unshift(prefix.join('lib', library));
    if (where.platform === 'win32') candidates.unshift(prefix.join(`python${minor.replace('.', '')}.dll`));
  }
  for (const file of new Set(candidates)) {
    try {
      const version = versionInBinary(files, file, minor);
      if (version !== null) return version;
    } catch (error) {
      if (!(error instanceof FileFaultError)) throw error;
    }
  }
  return null;
}

/** A damaged file in a long ladder only costs its own rung. */
function readOrNull({ files }: Look, file: string): string | null {
  try {
    return files.text(file);
  } catch (error) {
    if (error instanceof FileFaultError) return null;
    throw error;
  }
}
