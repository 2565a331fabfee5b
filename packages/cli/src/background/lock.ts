import { setTimeout as delay } from 'node:timers/promises';
import { LockFile } from '@kernelkit/core';

const AGAIN_MS = 20;

/**
 * Does what only one process may do at a time: looking whether an address is dead, and taking it. A Unix socket alone is no lock for
 * that: of two that found it dead, the second would remove what the first has just put there.
 * @throws the signal's reason, what the work throws
 */
export async function withLock<T>(path: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const taken = await LockFile.take(path);
    if (taken instanceof LockFile) {
      try {
        return await work();
      } finally {
        await taken.release();
      }
    }
    await delay(AGAIN_MS, undefined, { signal });
  }
}
