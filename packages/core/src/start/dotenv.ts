import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { KernelkitError } from '../errors/index.js';
import type { DotenvFile } from '../plan/index.js';

/** A `.env` file that was asked for and cannot be read. */
export class DotenvError extends KernelkitError {
  readonly file: string;

  constructor(file: string, message: string, cause?: unknown) {
    super('dotenv-unreadable', `${file}: ${message}`, { fix: 'Name another file, or leave the option out.', cause });
    this.file = file;
  }
}

/** No such file is larger. */
const LIMIT = 1024 * 1024;

/**
 * Reads a `.env` file as the library `dotenv` does: quotes, comments, values over several lines; `$VAR` in a value stays as it is, and
 * what is no assignment is passed over.
 *
 * @param which its path, relative to `cwd`; or true: the nearest one in `cwd` or above it, null where there is none
 * @throws DotenvError when it is there and cannot be read, or was named and is not there
 */
export async function readDotenv(which: string | true, cwd: string): Promise<DotenvFile | null> {
  const file = which === true ? await nearest(cwd) : resolve(cwd, which);
  if (file === null) return null;
  const text = await textOf(file);
  // loaded for those who ask for it
  const { parse } = await import('./parse-dotenv.js');
  return { file, variables: parse(text) };
}

/** @throws DotenvError */
async function textOf(file: string): Promise<string> {
  try {
    const info = await stat(file);
    if (info.isFile() && info.size <= LIMIT) return await readFile(file, 'utf8');
  } catch (error) {
    throw new DotenvError(file, `it cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
  throw new DotenvError(file, 'it is no file that could hold variables');
}

async function nearest(cwd: string): Promise<string | null> {
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    const file = join(dir, '.env');
    // a directory of this name is an environment, as a rule
    if (
      await stat(file).then(
        (info) => info.isFile(),
        () => false,
      )
    )
      return file;
    if (dirname(dir) === dir) return null;
  }
}
