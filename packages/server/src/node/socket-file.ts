import { linkSync, lstatSync, renameSync } from 'node:fs';
import { lstat, stat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { Deadline, withLock } from '@kernelkit/core';
import { CannotListenError } from './errors.js';

/** How long others may be at it. */
const LOCK_MS = 5000;

/** Bytes of a path that fit into a socket's address. Node cuts a longer one off, and listens where nobody looks. */
const LONGEST = process.platform === 'linux' ? 107 : 103;

/**
 * Sees that a socket can be made at a path, and takes away one that a crash left there. What is wrong with a path the system does not say, or
 * as something else (a directory that is not there as EACCES, any file as EADDRINUSE).
 * @throws CannotListenError
 */
export async function makeWay(path: string): Promise<void> {
  // a named pipe
  if (process.platform === 'win32') return;
  const refuse = (why: string, fix: string) => new CannotListenError({ path }, undefined, { why, fix });
  const bytes = Buffer.byteLength(path);
  if (bytes > LONGEST) {
    throw refuse(`the path has ${bytes} bytes, and a socket's may have ${LONGEST}`, 'name a shorter one');
  }
  const directory = dirname(path);
  if (!(await stat(directory).catch(() => null))?.isDirectory()) {
    throw refuse(`there is no directory ${directory}, or it is closed to you`, 'make it, or name another path');
  }
  const found = await lstat(path).catch(() => null);
  if (found !== null && !found.isSocket()) {
    throw refuse('a file that is no socket is there', 'name another path, or remove that file');
  }
  await removeDeadSocket(path).catch((error: NodeJS.ErrnoException) => {
    throw new CannotListenError({ path }, error);
  });
}

/**
 * A socket that nobody listens to is what a crash left; any other file is not ours to remove. One at a time: of two that found it dead, the
 * second would remove what the first has just put there.
 */
async function removeDeadSocket(path: string): Promise<void> {
  if (!(await isDead(path))) return;
  using deadline = new Deadline(LOCK_MS);
  await withLock(`${path}.lock`, deadline.signal, async () => {
    if (await isDead(path)) await unlink(path);
  });
}

async function isDead(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  if (found === null || !found.isSocket()) return false;
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    // whatever else is wrong, as a queue of clients that is full: somebody may listen
    probe.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}

/** Which file a socket is; null: there is none, or it cannot be seen. */
export function fileOf(path: string): number | null {
  if (process.platform === 'win32') return null;
  try {
    return lstatSync(path).ino;
  } catch {
    return null;
  }
}

/**
 * Closes what listens at a path, and leaves what is another's there. Node takes away what has the name by then: where the directory was cleared
 * up meanwhile, as at a logout, and another gateway has the address, nobody could reach that one any more.
 * @param own the file as it was when it was made  @param close closes it within the call
 */
export function closeOwn(path: string, own: number | null, close: () => void): void {
  const found = fileOf(path);
  const aside = found === null || found === own ? null : `${path}.${process.pid}`;
  try {
    if (aside !== null) linkSync(path, aside);
  } catch {
    // a file system without links
  }
  close();
  try {
    if (aside !== null) renameSync(aside, path);
  } catch {
    // there was none to be made
  }
}
