import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionInfo } from '@kernelkit/protocol';
import { KernelkitError } from '../errors/index.js';
import { removeAtExit } from '../process/index.js';

/** No directory could be made for the connection file. */
export class RunDirError extends KernelkitError {
  constructor(base: string, cause: unknown) {
    super('run-dir', `no private directory could be made in ${base}: ${(cause as Error).message}`, {
      cause,
      fix: 'set TMPDIR to a directory that can be written',
    });
  }
}

/**
 * A kernel's private directory: mode 0700, so that nobody else can reach the sockets or read the key; gone when the
 * kernel is. It lies where temporary files lie, never where the user keeps things.
 */
export class RunDir implements AsyncDisposable {
  readonly path: string;
  readonly #disown: () => void;

  /** @param stays it outlives this process */
  private constructor(path: string, stays: boolean) {
    this.path = path;
    this.#disown = stays ? () => {} : removeAtExit(path);
  }

  /** @throws RunDirError */
  static async create(base: string = tmpdir(), { stays = false } = {}): Promise<RunDir> {
    try {
      // mkdtemp makes it 0700 whatever the umask.
      return new RunDir(await mkdtemp(join(base, 'kernelkit-')), stays);
    } catch (error) {
      throw new RunDirError(base, error);
    }
  }

  /** Where the connection file of the kernel `id` lies. */
  connectionFile(id: string): string {
    return join(this.path, `kernel-${id}.json`);
  }

  /** What `ip` is for `transport: "ipc"`: sockets are `<ip>-<port>`. */
  get socketPrefix(): string {
    return join(this.path, 'k');
  }

  /** Writes the connection file with mode 0600 (jupyter_core's secure_write does the same). */
  async writeConnectionFile(id: string, info: ConnectionInfo): Promise<string> {
    const path = this.connectionFile(id);
    await writeFile(path, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 });
    await chmod(path, 0o600);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    this.#disown();
  }
}
