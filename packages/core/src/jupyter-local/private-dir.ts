import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAtExit } from '../process/index.js';
import type { PrivateDirs } from './server-environment.js';

/**
 * All that a server of ours writes: a directory with mode 0700 among the temporary files, with a run directory's name, so that the watchdog
 * and a sweep know it. Gone when the server is.
 */
export class PrivateDir implements AsyncDisposable {
  readonly path: string;
  readonly dirs: PrivateDirs;
  readonly #disown: () => void;

  private constructor(path: string) {
    this.path = path;
    this.dirs = { config: join(path, 'config'), data: join(path, 'data'), runtime: join(path, 'runtime') };
    this.#disown = removeAtExit(path);
  }

  static async create(): Promise<PrivateDir> {
    const dir = new PrivateDir(await mkdtemp(join(tmpdir(), 'kernelkit-')));
    for (const each of Object.values(dir.dirs)) await mkdir(each, { mode: 0o700 });
    return dir;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // a kernel that was just ended may still put a file there
    await rm(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    this.#disown();
  }
}
