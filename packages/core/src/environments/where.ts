import type { posix } from 'node:path';
import type { Files } from '../files/index.js';
import { expandHome, type ProcessVariables, pathFlavour, type VariableReader, variableReader } from '../specs/index.js';
import type { Parsers } from './parsers.js';
import type { Project } from './projects.js';

/** What decides where environments lie. Pure data but for the reader, so that other platforms' rules can be tested anywhere. */
export interface Where {
  platform: NodeJS.Platform;
  read: VariableReader;
  /** `~` */
  home: string;
  cwd: string;
  /** The platform's way with paths. */
  path: typeof posix;
}

/** What decides where environments lie, of a platform, its variables and two directories. */
export function whereOf(context: {
  platform: NodeJS.Platform;
  env: ProcessVariables;
  home: string;
  cwd: string;
}): Where {
  const { platform, env, home, cwd } = context;
  return { platform, read: variableReader(platform, env), home, cwd, path: pathFlavour(platform) };
}

/** A path of a configuration file or variable: `~`, `$VAR` and `${VAR}` (on Windows `%VAR%`) filled, relative to the working directory. */
export function given(where: Where, text: string): string {
  let filled = text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    return where.read(braced ?? bare ?? '') ?? whole;
  });
  if (where.platform === 'win32')
    filled = filled.replace(/%(\w+)%/g, (whole, name: string) => where.read(name) ?? whole);
  return where.path.resolve(where.cwd, expandHome(where.platform, filled, where.home));
}

/** A list in a variable; empty entries are none. */
export function listed(where: Where, text: string | undefined): string[] {
  return (text ?? '')
    .split(where.path.delimiter)
    .filter((entry) => entry.trim() !== '')
    .map((entry) => given(where, entry));
}

/** `$NAME/…`, where it is set and not empty; else null. */
export function variablePath(where: Where, name: string, ...parts: string[]): string | null {
  const value = where.read(name);
  return value ? where.path.join(given(where, value), ...parts) : null;
}

export function inHome(where: Where, ...parts: string[]): string {
  return where.path.join(where.home, ...parts);
}

/** `$XDG_DATA_HOME`, which must be absolute to count (XDG base directory specification), else `~/.local/share`. */
export function xdgData(where: Where, ...parts: string[]): string {
  const base = where.read('XDG_DATA_HOME');
  return where.path.join(base && where.path.isAbsolute(base) ? base : inHome(where, '.local', 'share'), ...parts);
}

export function xdgConfig(where: Where, ...parts: string[]): string {
  const base = where.read('XDG_CONFIG_HOME');
  return where.path.join(base && where.path.isAbsolute(base) ? base : inHome(where, '.config'), ...parts);
}

export function xdgCache(where: Where, ...parts: string[]): string {
  const base = where.read('XDG_CACHE_HOME');
  return where.path.join(base && where.path.isAbsolute(base) ? base : inHome(where, '.cache'), ...parts);
}

/** `%LOCALAPPDATA%` and `%APPDATA%`, with the places that Windows gives them where they are not set. */
export function localAppData(where: Where, ...parts: string[]): string {
  return where.path.join(where.read('LOCALAPPDATA') || inHome(where, 'AppData', 'Local'), ...parts);
}

export function roamingAppData(where: Where, ...parts: string[]): string {
  return where.path.join(where.read('APPDATA') || inHome(where, 'AppData', 'Roaming'), ...parts);
}

/** Whether `path` is `above` or lies below it. Windows and macOS compare without case. */
export function isWithin(where: Where, path: string, above: string): boolean {
  const fold = (text: string) => (where.platform === 'linux' ? text : text.toLowerCase());
  const relative = where.path.relative(fold(above), fold(path));
  return relative === '' || (!relative.startsWith('..') && !where.path.isAbsolute(relative));
}

/** Whether the text could be the same file's name: Windows and macOS compare without case. */
export function samePath(where: Where, a: string, b: string): boolean {
  return where.platform === 'linux' ? a === b : a.toLowerCase() === b.toLowerCase();
}

/** What a locator works with. */
export interface Look {
  files: Files;
  where: Where;
  memory: Memory;
  parsers: Parsers;
  /** Folders around the working directory that are somebody's project; the workspace's places fill it. */
  projects: Project[];
  /** A directory of packages on a file system that may not answer is passed over, as if it were empty. */
  withoutRemote?: boolean;
}

/** Results that several environments share (a base Python's version), with what they stand on. */
export class Memory {
  readonly #known = new Map<string, { value: unknown; trail: ReadonlyMap<string, string> }>();

  once<T>(files: Files, key: string, work: () => T): T {
    let known = this.#known.get(key);
    if (known === undefined) {
      known = files.record(work);
      this.#known.set(key, known);
    } else files.note(known.trail);
    return known.value as T;
  }
}
