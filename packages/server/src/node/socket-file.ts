import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { Deadline, withLock } from '@kernelkit/core';

/** How long others may be at it. */
const LOCK_MS = 5000;

/**
 * A socket that nobody listens to is what a crash left; any other file is not ours to remove. One at a time: of two that found it dead, the
 * second would remove what the first has just put there.
 */
export async function removeDeadSocket(path: string): Promise<void> {
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
