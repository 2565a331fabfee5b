import {
  accessSync,
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { codeOf, FileFaultError, RemotePlaceError } from './errors.js';
import { mountOf, type RemoteMount, remoteMounts } from './mounts.js';
import { Recorder } from './recorder.js';
import { type EntryType, type FileInfo, type Files, fingerprint, type Trail } from './types.js';

/** Far above any metadata file that discovery reads. */
const TEXT_LIMIT = 4 * 1024 * 1024;

/** Links that are followed before a path counts as a loop; the system's own limit is 40. */
const MAX_LINKS = 40;

/** Codes that mean "there is no such file" for whoever asks. */
const MISSING = new Set(['ENOENT', 'ENOTDIR']);

export interface NodeFilesOptions {
  platform?: NodeJS.Platform;
  /** Mounts that must not be touched from this process. Default: those of /proc/self/mountinfo that are not local. */
  remotes?: readonly RemoteMount[];
  /** Is told of every path whose state matters to a result, and of every directory whose names do: what a watcher has to watch. */
  observe?: { path(path: string): void; listing(dir: string): void };
}

/** This machine's files. */
export class NodeFiles implements Files {
  readonly platform: NodeJS.Platform;
  readonly #remotes: readonly RemoteMount[];
  readonly #recorder: Recorder;
  readonly #observe: NodeFilesOptions['observe'];
  /** Directory → its place without links, so far as it was followed without touching a remote mount. */
  readonly #followed = new Map<string, string>();

  constructor({ platform = process.platform, remotes = remotesHere(), observe }: NodeFilesOptions = {}) {
    this.platform = platform;
    this.#remotes = remotes;
    this.#observe = observe;
    this.#recorder = new Recorder(observe && ((path) => observe.path(path)));
  }

  stat(path: string): FileInfo | null {
    this.#guard(path);
    const info = infoOf(stated(path, () => statSync(path, { throwIfNoEntry: false })));
    this.#recorder.add(path, fingerprint(info));
    return info;
  }

  executable(file: string): boolean {
    try {
      if (this.stat(file)?.type !== 'file') return false;
      accessSync(file, constants.X_OK);
      return true;
    } catch (error) {
      if (error instanceof RemotePlaceError) throw error;
      return false;
    }
  }

  names(dir: string): readonly string[] | null {
    return this.#listing(dir, () => readdirSync(dir));
  }

  list(dir: string): ReadonlyMap<string, EntryType> | null {
    const listing = this.#listing(dir, () => readdirSync(dir, { withFileTypes: true }));
    return listing && new Map(listing.map((item) => [item.name, typeOf(item)]));
  }

  bytes(file: string, limit = TEXT_LIMIT): Buffer | null {
    const info = this.stat(file);
    if (info === null) return null;
    if (info.type !== 'file') throw new FileFaultError(file, 'not-a-file');
    if (info.size > limit) throw new FileFaultError(file, 'too-large');
    return stated(file, () => readRegular(file)) ?? null;
  }

  text(file: string, limit = TEXT_LIMIT): string | null {
    const text = this.bytes(file, limit)?.toString('utf8') ?? null;
    return text?.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  readLink(path: string): string | null {
    this.#guard(dirname(path));
    try {
      return readlinkSync(path);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EINVAL' || code === 'UNKNOWN' || MISSING.has(code)) return null;
      throw new FileFaultError(path, code, error);
    }
  }

  real(path: string): string {
    try {
      this.#guard(path);
      // the native one would resolve Windows' substituted drives, too
      return this.platform === 'win32' ? realpathSync(path) : realpathSync.native(path);
    } catch {
      return path;
    }
  }

  record<T>(work: () => T): { value: T; trail: Trail } {
    return this.#recorder.record(work);
  }

  note(trail: Trail): void {
    this.#recorder.note(trail);
  }

  #listing<T>(dir: string, read: () => T): T | null {
    this.#guard(dir);
    if (this.#recorder.active || this.#observe !== undefined) this.stat(dir);
    this.#observe?.listing(dir);
    try {
      return read();
    } catch (error) {
      // a file where a directory should be is a fault, not an absence: whoever put it there wants to know
      const code = codeOf(error);
      if (code === 'ENOENT') return null;
      throw new FileFaultError(dir, code, error);
    }
  }

  /** @throws RemotePlaceError when looking at the path would touch a remote mount */
  #guard(path: string): void {
    if (this.#remotes.length === 0 && this.platform !== 'win32') return;
    this.#follow(resolve(path), 0);
  }

  /** The path without links, found a step at a time: what lies behind a step is touched once it is known to be local. */
  #follow(path: string, links: number): string {
    const known = this.#followed.get(path);
    if (known !== undefined) return known;
    const parent = dirname(path);
    if (parent === path) return this.#local(path);
    const place = this.#local(join(this.#follow(parent, links), path.slice(parent.length)));
    let target: string | null = null;
    try {
      if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink()) target = readlinkSync(place);
    } catch {
      // whoever looks at it gets to see why
    }
    if (target === null) return this.#remember(path, place);
    if (links >= MAX_LINKS) throw new FileFaultError(path, 'ELOOP');
    const next = isAbsolute(target) ? target : join(dirname(place), target);
    return this.#remember(path, this.#follow(resolve(next), links + 1));
  }

  #local(path: string): string {
    const mount = mountOf(this.platform, path, this.#remotes);
    if (mount !== null) throw new RemotePlaceError(path, mount);
    return path;
  }

  #remember(path: string, place: string): string {
    this.#followed.set(path, place);
    return place;
  }
}

/** The mounts of this machine that are not known to be local. Only Linux says so in a file; see {@link mountOf} for Windows. */
export function remotesHere(): RemoteMount[] {
  if (process.platform !== 'linux') return [];
  try {
    return remoteMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return [];
  }
}

/** Opened without waiting and looked at again once it is open: between the two it may have been replaced by a pipe. */
function readRegular(file: string): Buffer | undefined {
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!fstatSync(descriptor).isFile()) throw new FileFaultError(file, 'not-a-file');
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** @throws FileFaultError for everything but "it is not there" */
function stated<T>(path: string, read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FileFaultError) throw error;
    const code = codeOf(error);
    if (MISSING.has(code)) return undefined;
    throw new FileFaultError(path, code, error);
  }
}

function infoOf(stats: Stats | undefined): FileInfo | null {
  if (stats === undefined) return null;
  const type = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
  return { type, size: stats.size, mtimeMs: stats.mtimeMs, ino: stats.ino, mode: stats.mode & 0o7777, uid: stats.uid };
}

function typeOf(item: Dirent): EntryType {
  if (item.isFile()) return 'file';
  if (item.isDirectory()) return 'directory';
  return item.isSymbolicLink() ? 'link' : 'other';
}
