import { constants } from 'node:fs';
import { access, chmod, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { OutputError } from './errors.js';

/** How the output is put in its place. */
type Way =
  /** A new file beside it takes its name: whoever reads it sees the old document or the new one, never half of one. */
  | 'replace'
  /** It is written to as it is: a device or a pipe, or a file in a directory that takes no new files. */
  | 'write';

/** A file that the executed notebook will be written to: known to be writable before anything is started. */
export class OutputFile {
  /** As it was named. */
  readonly name: string;
  readonly #path: string;
  readonly #way: Way;
  readonly #mode: number | null;

  private constructor(name: string, path: string, way: Way, mode: number | null) {
    this.name = name;
    this.#path = path;
    this.#way = way;
    this.#mode = mode;
  }

  /**
   * Finds out whether `name` can be written, by making the file that would be renamed to it, and removing it again.
   * A symbolic link is followed, and stays one.
   * @throws OutputError
   */
  static async prepare(name: string): Promise<OutputFile> {
    const given = resolve(name);
    try {
      const path = await realpath(given).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return given;
        throw error;
      });
      const old = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      if (old?.isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
      if (old !== null) await access(path, constants.W_OK);
      if (old !== null && !old.isFile()) return new OutputFile(name, path, 'write', null);
      const probe = temporaryName(path);
      try {
        await (await open(probe, 'wx')).close();
        await rm(probe);
      } catch (error) {
        if (old === null) throw error;
        return new OutputFile(name, path, 'write', null);
      }
      return new OutputFile(name, path, 'replace', old === null ? null : old.mode & 0o7777);
    } catch (error) {
      throw new OutputError(name, error);
    }
  }

  /** Writes the document. @throws OutputError; nothing is left beside the file then, and the file is as it was */
  async write(text: string): Promise<void> {
    try {
      if (this.#way === 'write') {
        await writeFile(this.#path, text);
        return;
      }
      const draft = temporaryName(this.#path);
      try {
        await writeFile(draft, text, { flag: 'wx' });
        if (this.#mode !== null) await chmod(draft, this.#mode);
        await rename(draft, this.#path);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    } catch (error) {
      throw new OutputError(this.name, error);
    }
  }
}

function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
}
