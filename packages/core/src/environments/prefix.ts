import { FileFaultError, type FileInfo, type Files } from '../files/index.js';
import { type PyvenvCfg, readPyvenvCfg } from './pyvenv-cfg.js';
import type { Look } from './where.js';

/** A directory that may be an environment: what its files say, each read once and only when somebody asks. */
export class Prefix {
  readonly path: string;
  /** The directory without links. */
  readonly real: string;
  readonly look: Look;
  #python: string | null | undefined;
  #cfg: PyvenvCfg | null | undefined;
  #condaMeta: readonly string[] | null | undefined;
  #libraries: readonly Library[] | undefined;

  /** @param python which of its programs is meant, where that is known */
  constructor(look: Look, path: string, python?: string) {
    this.look = look;
    this.path = path;
    this.real = look.files.real(path);
    this.#python = python;
  }

  join(...parts: string[]): string {
    return this.look.where.path.join(this.path, ...parts);
  }

  get isWindows(): boolean {
    return this.look.where.platform === 'win32';
  }

  stat(...parts: string[]): FileInfo | null {
    return this.look.files.stat(this.join(...parts));
  }

  hasFile(...parts: string[]): boolean {
    return this.stat(...parts)?.type === 'file';
  }

  /** pyvenv.cfg: null where there is none. @throws FileFaultError where it cannot be read */
  get cfg(): PyvenvCfg | null {
    if (this.#cfg === undefined) this.#cfg = readPyvenvCfg(this.look.files, this.join('pyvenv.cfg'));
    return this.#cfg;
  }

  /** The names in `conda-meta`; null where it is no conda environment. */
  get condaMeta(): readonly string[] | null {
    if (this.#condaMeta === undefined) this.#condaMeta = this.look.files.names(this.join('conda-meta'));
    return this.#condaMeta;
  }

  /** The interpreter: the first of the usual places that is a file. */
  get python(): string | null {
    if (this.#python === undefined) this.#python = this.#firstPython();
    return this.#python;
  }

  /** A link where the interpreter should be that leads nowhere; null where there is none, or the interpreter is there. */
  get danglingPython(): string | null {
    for (const place of pythonPlaces(this.look.where.platform)) {
      const path = this.join(...place);
      if (this.look.files.readLink(path) !== null && leadsNowhere(this.look.files, path)) return path;
    }
    return null;
  }

  /** Every Python whose library lies here, the newest first. */
  get libraries(): readonly Library[] {
    this.#libraries ??= this.isWindows ? [] : librariesIn(this.look.files.names(this.join('lib')) ?? []);
    return this.#libraries;
  }

  /** `3.11` of every one of them. */
  get minors(): readonly string[] {
    return this.libraries.map(({ minor }) => minor);
  }

  #firstPython(): string | null {
    const { platform } = this.look.where;
    for (const place of pythonPlaces(platform)) {
      if (isFileOrLoop(this.look.files, this.join(...place)) === 'file') return this.join(...place);
    }
    // `make altinstall` and PyPy leave no general name
    const bin = platform === 'win32' ? null : this.look.files.names(this.join('bin'));
    const versioned = (bin ?? []).filter((name) => /^(?:python3\.\d+t?|pypy3?(?:\.\d+)?)$/.test(name));
    const newest = versioned.sort((a, b) => compareVersions(b, a) || (a < b ? -1 : 1));
    const found = newest.find((name) => isFileOrLoop(this.look.files, this.join('bin', name)) === 'file');
    return found === undefined ? null : this.join('bin', found);
  }
}

/** A loop of links is as good as a link to nothing. @throws FileFaultError for any other fault */
function isFileOrLoop(files: Files, path: string): 'file' | 'loop' | null {
  try {
    return files.stat(path)?.type === 'file' ? 'file' : null;
  } catch (error) {
    if (error instanceof FileFaultError && error.code === 'ELOOP') return 'loop';
    throw error;
  }
}

function leadsNowhere(files: Files, path: string): boolean {
  return isFileOrLoop(files, path) === 'loop' || files.stat(path) === null;
}

/** Where the interpreter of a prefix may be (python-environment-tools, `executable.rs`). */
export function pythonPlaces(platform: NodeJS.Platform): string[][] {
  if (platform !== 'win32') return [['bin', 'python'], ['bin', 'python3'], ['python'], ['python3']];
  const names = ['python.exe', 'python3.exe'];
  return [['Scripts'], ['bin'], []].flatMap((dir) => names.map((name) => [...dir, name]));
}

/** `lib/python3.11`, `lib/python3.13t` (without the lock), `lib/pypy3.10`. */
export interface Library {
  name: string;
  minor: string;
}

function librariesIn(lib: readonly string[]): Library[] {
  return lib
    .flatMap((name) => {
      const minor = /^(?:python|pypy)(\d+\.\d+)t?$/.exec(name)?.[1];
      return minor === undefined ? [] : [{ name, minor }];
    })
    .sort((a, b) => compareVersions(b.minor, a.minor) || (a.name < b.name ? -1 : 1));
}

/** Orders versions by their numbers. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => (text.match(/\d+/g) ?? []).map(Number)) as [number[], number[]];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `3.11` of `3.11.2`; null where there is no minor version. */
export function minorOf(version: string | null): string | null {
  return version === null ? null : (/^\d+\.\d+/.exec(version)?.[0] ?? null);
}
