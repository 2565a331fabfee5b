import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { type TempDir, tempDir } from '../../../../testing/support/index.js';
import {
  type CatalogEntry,
  KernelStartError,
  type PlanKernelOptions,
  planKernel,
  type StartFailure,
  startPlan,
} from '../../src/index.js';
import { entryOf } from '../support.js';

/** What a kernel's argv has for its connection file. */
export const FILE = '{connection_file}';

const START_MS = 20_000;

/** A directory for a kernel to fail in. */
export class Ground implements AsyncDisposable {
  readonly #dir: TempDir;

  private constructor(dir: TempDir) {
    this.#dir = dir;
  }

  static async make(): Promise<Ground> {
    return new Ground(await tempDir());
  }

  get path(): string {
    return this.#dir.path;
  }

  join(...parts: string[]): string {
    return this.#dir.join(...parts);
  }

  /** A file with this content; executable unless told. */
  async file(name: string, content: string | Buffer, mode = 0o755): Promise<string> {
    await this.#dir.write(name, '');
    await writeFile(this.join(name), content);
    await chmod(this.join(name), mode);
    return this.join(name);
  }

  /** A copy of a binary in which some bytes are others: `libc.so.6` → `libq.so.6`. */
  async patched(source: string, name: string, from: string, to: string): Promise<string> {
    expect(to.length).toBe(from.length);
    const bytes = await readFile(source);
    let count = 0;
    for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from, at + 1)) {
      bytes.write(to, at, 'latin1');
      count++;
    }
    expect(count).toBeGreaterThan(0);
    return this.file(name, bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dir[Symbol.asyncDispose]();
  }
}

/** The failure of a start that has to fail. */
export async function failureOf(
  what: string[] | CatalogEntry,
  options: PlanKernelOptions & { timeout?: number } = {},
): Promise<StartFailure> {
  const { timeout = START_MS, ...planning } = options;
  try {
    const entry = Array.isArray(what) ? entryOf({ argv: what, language: 'python' }) : what;
    const { kernel } = await startPlan(planKernel(entry, planning), { timeout });
    await kernel.close();
  } catch (error) {
    expect(error).toBeInstanceOf(KernelStartError);
    const { failure } = error as KernelStartError;
    // the promise of every failure
    expect(failure.argv.length).toBeGreaterThan(0);
    expect(failure.diagnosis).toMatch(/\S{2}.*[^.]$/s);
    expect(failure.timings.failed).toBeGreaterThanOrEqual(0);
    expect((error as Error).message).toContain(failure.diagnosis);
    return failure;
  }
  throw new Error('the kernel started');
}

const run = promisify(execFile);

/** Whether this user may make a mount namespace of its own and mount in it. */
export async function mayMount(): Promise<boolean> {
  const program = 'mount -t tmpfs -o size=64k tmpfs /mnt';
  return run('unshare', ['-m', 'sh', '-c', program]).then(
    () => true,
    () => false,
  );
}

/** The failure of a start in a process of its own, which `sh` prepares: what `program` does holds for it and for the kernel. */
export async function failureIn(program: string, argv: string[], cwd: string, mount = false): Promise<StartFailure> {
  const script = fileURLToPath(new URL('../fixtures/start-one.mjs', import.meta.url));
  const sh = ['sh', '-c', `${program}; exec "$@"`, 'sh', process.execPath, script];
  const [command, ...args] = [...(mount ? ['unshare', '-m'] : []), ...sh, JSON.stringify(entryOf({ argv })), cwd];
  const { stdout } = await run(command!, args, { timeout: 60_000 });
  return JSON.parse(stdout) as StartFailure;
}
