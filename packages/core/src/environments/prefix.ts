import type { FileInfo } from '../files/index.js';
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
  #minors: readonly string[] | undefined;

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
      if (this.look.files.readLink(path) !== null && this.look.files.stat(path) === null) return path;
    }
    return null;
  }

  /** `3.11` of every Python whose library lies here (`lib/python3.11`), the newest first. */
  get minors(): readonly string[] {
    this.#minors ??= this.isWindows ? [] : minorsIn(this.look.files.names(this.join('lib')) ?? []);
    return this.#minors;
  }

  #firstPython(): string | null {
    const { platform } = this.look.where;
    for (const place of pythonPlaces(platform)) {
      if (this.hasFile(...place)) return this.join(...place);
    }
    // `make altinstall` and PyPy leave no general name
    const bin = platform === 'win32' ? null : this.look.files.names(this.join('bin'));
    const versioned = bin?.filter((name) => /^(?:python3\.\d+t?|pypy3?(?:\.\d+)?)$/.test(name)).sort();
    const last = versioned?.at(-1);
    return last !== undefined && this.hasFile('bin', last) ? this.join('bin', last) : null;
  }
}

/** Where the interpreter of a prefix may be (python-environment-tools, `executable.rs`). */
export function pythonPlaces(platform: NodeJS.Platform): string[][] {
  if (platform !== 'win32') return [['bin', 'python'], ['bin', 'python3'], ['python'], ['python3']];
  const names = ['python.exe', 'python3.exe'];
  return [['Scripts'], ['bin'], []].flatMap((dir) => names.map((name) => [...dir, name]));
}

function minorsIn(lib: readonly string[]): string[] {
  return lib
    .flatMap((name) => /^(?:python|pypy)(\d+\.\d+)t?$/.exec(name)?.[1] ?? [])
    .sort((a, b) => compareVersions(b, a));
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
