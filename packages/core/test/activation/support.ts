import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { activate } from '../../src/activation/activate.js';
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

/** Every Python of this machine that can make an environment: pyenv's, and the first on PATH. */
export function pythons(): string[] {
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const own = existsSync(versions) ? readdirSync(versions).map((name) => join(versions, name, 'bin', 'python')) : [];
  const can = (python: string) =>
    spawnSync(python, ['-c', 'import venv, ensurepip, sys; sys.exit(sys.version_info < (3, 7))']).status === 0;
  return [...own, 'python3'].filter(can);
}

/** What a command line leaves in a bash that reads no files of its own. It fails where the command does. */
export function sourced(command: string, env: Record<string, string>, ...args: string[]): Record<string, string> {
  const program = `${command} >/dev/null && exec /usr/bin/env -0`;
  return entriesOf(
    execFileSync('/bin/bash', ['--norc', '--noprofile', '-c', program, 'bash', ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    }),
  );
}

/** The answer of `env -0`. */
export function entriesOf(output: string): Record<string, string> {
  const entries = output.split('\0').filter(Boolean);
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

/** A variable that a tool leaves otherwise than we do, and means to. */
export interface Difference {
  why: string;
  /** undefined: it is not set. */
  theirs: string | undefined;
}

/** A shell's own; and the prompt, which a kernel has none of. */
const SHELLS = new Set(['_', 'SHLVL', 'PWD', 'OLDPWD', 'PS1']);

/** Whether our activation leaves every variable as a tool left it, but for what is expected to differ, and does. */
export async function checkActivation(
  of: Environment,
  env: Record<string, string>,
  theirs: Record<string, string>,
  expected: Record<string, Difference> = {},
): Promise<void> {
  const { variables, problem } = await activate(of, { env, home: env.HOME! });
  expect(problem).toBeNull();
  const ours = { ...env, ...variables };
  const both = (name: string, value: string | undefined) => [name, { ours: ours[name] ?? undefined, theirs: value }];
  const differing = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].filter((name) => {
    return !SHELLS.has(name) && (ours[name] ?? undefined) !== theirs[name];
  });
  const known = Object.entries(expected).map(([name, difference]) => both(name, difference.theirs));
  expect(Object.fromEntries(differing.map((name) => both(name, theirs[name])))).toEqual(Object.fromEntries(known));
}
