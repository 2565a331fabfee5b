import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rmdir, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { ProcessVariables } from '../specs/index.js';
import { codeOf, JournalError } from './errors.js';

/** Where the journal of this user's kernels lies. */
export interface JournalOptions {
  /** Where XDG_RUNTIME_DIR is read from. Default: this process's environment. */
  env?: ProcessVariables;
  /** Where temporary files lie, run directories among them. Default: the system's. */
  temporary?: string;
  /** The journal's directory itself, instead of the one that follows from these. */
  directory?: string;
}

/**
 * Where the journal lies: `$XDG_RUNTIME_DIR/kernelkit`, where that is a directory of ours, else `kernelkit.UID` among the
 * temporary files: a dot, so that no run directory (`kernelkit-…`) can have the name.
 */
export async function journalDirectory(options: JournalOptions = {}): Promise<string> {
  if (options.directory !== undefined) return options.directory;
  const runtime = (options.env ?? process.env).XDG_RUNTIME_DIR;
  if (runtime !== undefined && isAbsolute(runtime)) {
    const found = await stat(runtime).catch(() => null);
    if (found?.isDirectory() && isOurs(found)) return join(runtime, 'kernelkit');
  }
  return join(options.temporary ?? tmpdir(), `kernelkit.${process.getuid?.() ?? 'user'}`);
}

/**
 * Whether the directory is there. What others could have made or could write to is not read, and not written to: an entry
 * names a process to be ended.
 *
 * @throws JournalError with what to do about it
 */
export async function isThere(directory: string): Promise<boolean> {
  let found: Awaited<ReturnType<typeof lstat>>;
  try {
    found = await lstat(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw JournalError.ofFiles(directory, error);
  }
  const refuse = (what: string, fix: string): never => {
    throw new JournalError('directory', `${directory}, where kernelkit notes what runs, is ${what}`, { fix });
  };
  if (found.isSymbolicLink() || !found.isDirectory()) refuse('no directory, or a link', `remove ${directory}`);
  if (!isOurs(found)) {
    refuse("another user's", 'have it removed, or set XDG_RUNTIME_DIR to a directory of yours');
  }
  if (process.platform !== 'win32' && (found.mode & 0o777) !== 0o700) {
    refuse('open to other users, or closed to you', `chmod 700 ${directory}`);
  }
  return true;
}

/** Makes the directory, for this user alone, unless it is there. @throws JournalError */
export async function makeDirectory(directory: string): Promise<void> {
  if (await isThere(directory)) return;
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    // Another process of ours was faster, or somebody else: that is checked.
    if (codeOf(error) !== 'EEXIST') throw JournalError.ofFiles(directory, error);
  }
  await isThere(directory);
}

/** What is not needed is not left over. */
export async function removeIfEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch(() => {});
}

/** What a file is, beyond its name: a file that took its place is another. */
export interface Identity {
  ino: bigint;
  mtimeNs: bigint;
}

const MAX_BYTES = 64 * 1024;

/** The text of a small regular file, and which it is; null when it is gone. @throws Error with what it is instead */
export async function readEntry(path: string): Promise<{ text: string; identity: Identity } | null> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  let file: FileHandle;
  try {
    // Not through a link; and a pipe without a writer must not keep us waiting.
    file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw new Error('it is no regular file');
    if (stats.size > MAX_BYTES) throw new Error('it is far too large for an entry');
    return { text: await file.readFile('utf8'), identity: { ino: stats.ino, mtimeNs: stats.mtimeNs } };
  } finally {
    await file.close();
  }
}

/** Removes a file unless another has taken its place, or it is gone. @returns whether it was removed */
export async function removeSame(path: string, identity: Identity): Promise<boolean> {
  try {
    const found = await lstat(path, { bigint: true });
    if (found.ino !== identity.ino || found.mtimeNs !== identity.mtimeNs) return false;
    await unlink(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The names in the directory; none when it is gone. @throws JournalError */
export async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw JournalError.ofFiles(directory, error);
  }
}

/** Whether something belongs to the user of this process; on Windows, where temporary files are the user's own, it does. */
export function isOurs({ uid }: { uid: number }): boolean {
  return process.getuid === undefined || uid === process.getuid();
}
