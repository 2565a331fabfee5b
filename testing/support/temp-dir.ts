import { chmod, lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './suite.js';

/** A directory that goes when its scope ends: `await using dir = await tempDir()`. */
export interface TempDir extends AsyncDisposable {
  readonly path: string;
  /** A path in it; nothing is made. */
  join(...parts: string[]): string;
  /** Writes a file, its folders too; gives its path. */
  write(name: string, content: string | Uint8Array, mode?: number): Promise<string>;
  /** Makes a folder, its parents too; gives its path. */
  dir(name: string): Promise<string>;
}

/**
 * Makes a directory below the run's root. Mode 0755, so that the tests that run as another user can look into it.
 * One that a test forgets to dispose of fails the run.
 */
export async function tempDir(): Promise<TempDir> {
  const path = await mkdtemp(join(process.env[ROOT] ?? tmpdir(), 'd-'));
  await chmod(path, 0o755);
  return {
    path,
    join: (...parts) => join(path, ...parts),
    async write(name, content, mode) {
      const file = join(path, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      if (mode !== undefined) await chmod(file, mode);
      return file;
    },
    async dir(name) {
      const made = join(path, name);
      await mkdir(made, { recursive: true });
      return made;
    },
    [Symbol.asyncDispose]: () => removeTree(path),
  };
}

/** Removes a tree, folders that were made read-only included. */
export async function removeTree(path: string): Promise<void> {
  // a kernel that is just ending may still put a file into a folder that is being emptied
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  try {
    await remove();
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await makeWritable(path);
    await remove();
  }
}

async function makeWritable(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return;
  await chmod(path, 0o755);
  for (const name of await readdir(path)) await makeWritable(join(path, name));
}
