import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OutputError } from '../errors.js';
import { OutputFile } from '../output-file.js';

/**
 * A file that results are written to, known to be writable before anything is started. Its directory is made where it is missing: a
 * pipeline begins in a fresh one.
 * @param option what names it
 * @throws OutputError
 */
export async function resultFile(path: string, option: '-o' | '--junit'): Promise<OutputFile> {
  try {
    await makeDirectory(dirname(path)).catch((error: unknown) => {
      throw new OutputError(path, error);
    });
    return await OutputFile.prepare(path);
  } catch (error) {
    if (!(error instanceof OutputError) || option === '-o') throw error;
    throw Object.assign(error, { fix: 'name another file with --junit' });
  }
}

/** Not by `recursive`: where a file system answers ENOENT whatever is made in it (/proc), Node never comes back. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await mkdir(path).catch((again: NodeJS.ErrnoException) => {
      // another notebook made it meanwhile
      if (again.code !== 'EEXIST') throw again;
    });
  }
}
