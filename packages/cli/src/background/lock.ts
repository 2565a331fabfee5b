import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning, startTimeOf } from '@kernelkit/core';

const AGAIN_MS = 20;

/**
 * Does what only one process may do at a time: looking whether an address is dead, and taking it. A Unix socket alone is no lock for
 * that: of two that found it dead, the second would remove what the first has just put there.
 *
 * The file names its holder by pid and start time, so that one that was killed meanwhile keeps nobody waiting.
 * @throws the signal's reason, what the work throws
 */
export async function withLock<T>(path: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const token = `${process.pid} ${startTimeOf(process.pid) ?? ''}\n${randomUUID()}\n`;
  const own = `${path}.${process.pid}`;
  await writeFile(own, token, { mode: 0o600 });
  try {
    // linked, and not opened: it is there with all that it says, or not at all
    while (!(await isLinked(own, path))) {
      const held = await read(path);
      if (held === null) continue;
      if (isHeld(held)) await delay(AGAIN_MS, undefined, { signal });
      else await breakLock(path, held, `${own}.old`);
    }
    try {
      return await work();
    } finally {
      if ((await read(path)) === token) await rm(path, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isHeld(text: string): boolean {
  const [, pid, startTime] = /^(\d+) (.*)\n/.exec(text) ?? [];
  return pid !== undefined && isRunning(Number(pid), startTime || null);
}

/** Takes a dead holder's file away; one that has come in its place meanwhile is put back. */
async function breakLock(path: string, held: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await read(aside)) !== held) await isLinked(aside, path);
  await rm(aside, { force: true });
}

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
