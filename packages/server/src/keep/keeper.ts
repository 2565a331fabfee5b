import { createHash, randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RestoredHub } from '@kernelkit/core';
import type { SessionRow } from '../sessions/index.js';
import { KeepError } from './errors.js';
import { KeptKernel } from './kept-kernel.js';
import { KeepLock } from './lock.js';
import { LogFiles } from './log-files.js';
import { type ReadLog, readSegments } from './read-segments.js';
import { type KeptRecord, type KeptStart, readRecord } from './record.js';
import { StateFile } from './state-file.js';
import { removeStrays } from './strays.js';

/** Where the kernels are kept that outlive a gateway. */
export interface KeepOptions {
  /** The directory, which one gateway at a time has; made where it is not there, for this user alone. */
  readonly dir: string;
}

const NONE: ReadLog = { restored: null, written: null, segments: [] };

/** The kernels of a gateway that outlive it, and its sessions, in a directory. */
export class Keeper {
  readonly directory: string;
  /** What an earlier gateway left, in the order of their start. */
  readonly kernels: readonly KeptKernel[];
  readonly sessions: readonly SessionRow[];
  readonly #lock: KeepLock;
  readonly #keepBytes: number;
  readonly #failed: (id: string, error: KeepError) => void;
  readonly #sessionFile: StateFile;

  private constructor(
    directory: string,
    lock: KeepLock,
    found: { kernels: KeptKernel[]; sessions: SessionRow[] },
    { keepBytes, failed }: KeeperSettings,
  ) {
    this.directory = directory;
    this.kernels = found.kernels;
    this.sessions = found.sessions;
    this.#lock = lock;
    this.#keepBytes = keepBytes;
    this.#failed = failed;
    this.#sessionFile = new StateFile(join(directory, 'sessions.json'));
  }

  /** @throws KeepError where another gateway has the directory, or it cannot be used */
  static async open({ dir }: KeepOptions, settings: KeeperSettings): Promise<Keeper> {
    if (process.platform === 'win32') {
      throw new KeepError('keep-unsupported', 'kernels that outlive their gateway are not supported on Windows', {
        fix: 'leave the option out; a client that comes back to a gateway that runs loses nothing either',
      });
    }
    const directory = await prepare(resolve(dir));
    const lock = await KeepLock.take(directory).catch((error: unknown) => {
      throw error instanceof KeepError ? error : KeepError.ofFiles(directory, error);
    });
    try {
      const kernels = await readKernels(directory, lock, settings);
      const sessions = await readSessions(directory);
      if (kernels.every((kernel) => kernel !== null))
        await removeStrays(directory, new Set(kernels.map((kernel) => kernel?.record.process?.runDir)));
      return new Keeper(directory, lock, { kernels: kernels.filter((kernel) => kernel !== null), sessions }, settings);
    } catch (error) {
      await lock.release();
      throw error instanceof KeepError ? error : KeepError.ofFiles(directory, error);
    }
  }

  /** A new kernel, that is about to be started. @throws KeepError */
  async create(id: string, start: KeptStart): Promise<KeptKernel> {
    const directory = join(this.directory, folderOf(id));
    try {
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory, { mode: 0o700 });
    } catch (error) {
      throw KeepError.ofFiles(directory, error);
    }
    const created = new Date().toISOString();
    const record: KeptRecord = {
      ...{ version: 1, id, created, start, session: randomUUID(), process: null, ended: null },
    };
    const settings = { keepBytes: this.#keepBytes, failed: this.#failed };
    const kernel = keptKernel(directory, record, { read: NONE, restored: null }, settings, true);
    try {
      await kernel.save();
    } catch (error) {
      await kernel.remove();
      throw error;
    }
    return kernel;
  }

  /** @throws KeepError */
  saveSessions(rows: () => readonly SessionRow[]): Promise<void> {
    return this.#sessionFile.write(rows);
  }

  /** Another gateway may have the directory. */
  async close(): Promise<void> {
    await this.#sessionFile.settled();
    await this.#lock.release();
  }
}

export interface KeeperSettings {
  /** Of each kernel's log. */
  readonly keepBytes: number;
  /** Told when a kernel's log cannot be written. */
  readonly failed: (id: string, error: KeepError) => void;
}

function keptKernel(
  directory: string,
  record: KeptRecord,
  log: { read: ReadLog; restored: RestoredHub | null },
  { keepBytes, failed }: KeeperSettings,
  isNew: boolean,
): KeptKernel {
  const files = new LogFiles({ directory, keepBytes, ...log, failed: (error) => failed(record.id, error) });
  return new KeptKernel(directory, record, files, isNew);
}

/** Others must not read what lies there, nor put a process's number there that is then signalled. @throws KeepError */
async function prepare(path: string): Promise<string> {
  let directory = path;
  const refuse = (what: string, fix: string): never => {
    throw new KeepError('keep-directory', `${directory}, where kernels are to be kept, is ${what}`, { fix });
  };
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    // kernels are told of it by this name, and another gateway must find it under the same
    directory = await realpath(path);
    const found = await lstat(directory);
    if (!found.isDirectory()) refuse('no directory, or a link', 'name a directory of its own');
    if (found.uid !== process.getuid?.()) refuse("another user's", 'name a directory of yours');
    const names = await readdir(directory);
    // one that is new, or empty, is the gateway's alone; another one may have been opened to others on purpose
    if (names.length === 0) await chmod(directory, 0o700);
    else if ((found.mode & 0o077) !== 0)
      refuse('open to other users', `chmod 700 ${directory}, if it is for this alone`);
    return directory;
  } catch (error) {
    throw error instanceof KeepError ? error : KeepError.ofFiles(directory, error);
  }
}

/** Null stands for one of which cannot be read what it is. */
async function readKernels(
  directory: string,
  lock: KeepLock,
  settings: KeeperSettings,
): Promise<(KeptKernel | null)[]> {
  const kernels: KeptKernel[] = [];
  let isAny = false;
  for (const name of await readdir(directory)) {
    const at = join(directory, name);
    // what others who want the lock have put there goes again
    const isFolder = (await stat(at).catch(() => null))?.isDirectory() ?? false;
    if (name.startsWith('kernelkit-') || !isFolder) continue;
    const record = await readRecord(at);
    if (record === null || folderOf(record.id) !== name) {
      isAny = true;
      const message = `${at} is of no kernel that this version of Kernelkit can read, and is left as it is`;
      settings.failed(name, new KeepError('keep-files', message, { fix: 'remove it, if nothing of it is needed' }));
      continue;
    }
    const read = await readSegments(at);
    const until = new Date(Math.max(read.written?.getTime() ?? 0, lock.before?.getTime() ?? 0) || Date.now());
    const restored = read.restored === null ? null : { ...read.restored, until };
    kernels.push(keptKernel(at, record, { read, restored }, settings, false));
  }
  kernels.sort((a, b) => (a.record.created < b.record.created ? -1 : 1));
  return isAny ? [...kernels, null] : kernels;
}

async function readSessions(directory: string): Promise<SessionRow[]> {
  let rows: unknown;
  try {
    rows = JSON.parse(await readFile(join(directory, 'sessions.json'), 'utf8'));
  } catch {
    return [];
  }
  if (!Array.isArray(rows)) return [];
  const isRow = (row: unknown): row is SessionRow =>
    typeof row === 'object' &&
    row !== null &&
    ['id', 'path', 'name', 'type', 'kernelId'].every(
      (name) => typeof (row as Record<string, unknown>)[name] === 'string',
    );
  return rows.filter(isRow);
}

/** A client may choose a kernel's id; not every one is a file's name. */
function folderOf(id: string): string {
  return /^\w[\w-]{0,99}$/.test(id) && !/^(kernelkit-|lock)/.test(id)
    ? id
    : `id-${createHash('sha256').update(id).digest('hex')}`;
}
