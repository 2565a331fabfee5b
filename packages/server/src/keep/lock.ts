import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LockFile, type LockHolder, thisMachine } from '@kernelkit/core';
import { KeepError } from './errors.js';

/** How often a gateway says that it is there: so exactly is known until when it was. */
const SIGN_MS = 5000;

/** What a directory of kept kernels has one of at a time: its gateway. */
export class KeepLock {
  readonly #lock: LockFile;
  readonly #timer: NodeJS.Timeout;

  private constructor(lock: LockFile) {
    this.#lock = lock;
    this.#timer = setInterval(() => {
      const now = new Date();
      // where it cannot be said, less is known
      utimes(lock.path, now, now).catch(() => {});
    }, SIGN_MS).unref();
  }

  /** @throws KeepError keep-taken, with the other gateway's pid */
  static async take(directory: string): Promise<KeepLock> {
    const taken = await LockFile.take(pathIn(directory));
    if (taken instanceof LockFile) return new KeepLock(taken);
    if (taken === null) throw new KeepError('keep-taken', `${directory} is being taken by others again and again`);
    const { pid, host } = taken;
    const where = host === thisMachine().host ? '' : ` on ${host}`;
    throw new KeepError('keep-taken', `a gateway keeps its kernels in ${directory} already: process ${pid}${where}`, {
      fix: `use that gateway, or end it (kill ${pid}), or keep these kernels in another directory`,
    });
  }

  /** Until when the gateway before is known to have been there; null: there was none. */
  get before(): Date | null {
    return this.#lock.before;
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#lock.release();
  }
}

/** Who holds the directory; null: nobody who lives. */
export function holderOf(directory: string): Promise<LockHolder | null> {
  return LockFile.holder(pathIn(directory));
}

const pathIn = (directory: string) => join(directory, 'lock');
