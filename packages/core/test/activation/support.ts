import { dirname } from 'node:path';
import type { Computed } from '../../src/activation/computed.js';
import { Context } from '../../src/activation/context.js';
import { fromFiles } from '../../src/activation/from-files.js';
import type { ActivationNote } from '../../src/activation/types.js';
import { type Environment, Parsers } from '../../src/environments/index.js';
import { FileFaultError, type FileInfo, type Files, fingerprint, Recorder, type Trail } from '../../src/files/index.js';

/** Files that exist nowhere: path → content. Directories are there as far as a file needs them; a directory alone ends with a slash. */
export class MemoryFiles implements Files {
  readonly platform: NodeJS.Platform;
  readonly #content: Map<string, string>;
  readonly #dirs = new Set<string>();
  readonly #recorder = new Recorder();

  constructor(content: Readonly<Record<string, string>>, platform: NodeJS.Platform = 'linux') {
    this.platform = platform;
    const slashed = Object.entries(content).map(([path, text]): [string, string] => [slashes(path), text]);
    this.#content = new Map(slashed.filter(([path]) => !path.endsWith('/')));
    for (const [path] of slashed) {
      for (let dir = dirname(`${path}x`); ; dir = dirname(dir)) {
        this.#dirs.add(dir);
        if (dir === dirname(dir)) break;
      }
    }
  }

  stat(given: string): FileInfo | null {
    const path = slashes(given).replace(/(?<=.)\/$/, '');
    const text = this.#content.get(path);
    const type = text !== undefined ? 'file' : this.#dirs.has(path) ? 'directory' : null;
    const info = type && ({ type, size: text?.length ?? 0, mtimeMs: 1, ino: 1, mode: 0o755, uid: 0 } as const);
    this.#recorder.add(given, fingerprint(info));
    return info;
  }

  executable(file: string): boolean {
    return this.stat(file)?.type === 'file';
  }

  names(dir: string): string[] | null {
    if (this.stat(dir)?.type !== 'directory') return null;
    const inside = [...this.#content.keys(), ...this.#dirs].filter((path) => dirname(path) === slashes(dir));
    return inside.map((path) => path.slice(slashes(dir).length).replace(/^\//, ''));
  }

  list(dir: string) {
    return new Map((this.names(dir) ?? []).map((name) => [name, this.stat(`${dir}/${name}`)!.type] as const));
  }

  bytes(file: string): Buffer | null {
    const text = this.text(file);
    return text === null ? null : Buffer.from(text);
  }

  text(file: string): string | null {
    const info = this.stat(file);
    if (info?.type === 'directory') throw new FileFaultError(file, 'not-a-file');
    return this.#content.get(slashes(file)) ?? null;
  }

  readLink(): null {
    return null;
  }

  real(path: string): string {
    return path;
  }

  record<T>(work: () => T): { value: T; trail: Trail } {
    return this.#recorder.record(work);
  }

  note(trail: Trail): void {
    this.#recorder.note(trail);
  }
}

/** As the keys have it; a lone slash at the end says "directory", which a look-up may as well. */
const slashes = (path: string): string => path.replaceAll('\\', '/');

export function environment(given: Partial<Environment> & Pick<Environment, 'prefix'>): Environment {
  return {
    kind: 'conda',
    name: 'demo',
    real: given.prefix,
    python: null,
    version: null,
    kernelPackage: null,
    install: '',
    manager: null,
    project: null,
    nearness: 'user',
    distance: 0,
    problem: null,
    specs: [],
    aliases: [],
    variables: null,
    ...given,
  };
}

export type Env = Record<string, string | undefined>;

/** A conda environment of the root. */
export function condaEnv(prefix: string, root: string | null = '/r', kind: 'conda' | 'mamba' = 'conda'): Environment {
  return environment({ kind, prefix, manager: { tool: kind, root } });
}

/** What files alone say. The parsers are loaded. */
export async function compute(
  env: Env,
  of: Environment,
  files: Readonly<Record<string, string>>,
  platform: NodeJS.Platform = 'linux',
): Promise<Computed & { notes: ActivationNote[] }> {
  const parsers = new Parsers();
  await Promise.all([parsers.load('yaml'), parsers.load('toml')]);
  const home = platform === 'win32' ? 'C:\\Users\\u' : '/home/u';
  const context = new Context({ env, platform, home, files: new MemoryFiles(files, platform), parsers });
  return { ...fromFiles(context, of).computed, notes: context.notes };
}
