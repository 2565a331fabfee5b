import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MimeBundle } from '@kernelkit/core';
import { OutputError } from '../errors.js';
import { bytesOf, extensionOf } from './mime.js';

/** Writes the images of outputs into a directory: files named for where they come from, none of them over another. */
export class ImageSaver {
  readonly #directory: string;
  readonly #counts = new Map<string, number>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws OutputError where the directory is not there and cannot be made */
  static async in(directory: string): Promise<ImageSaver> {
    try {
      await mkdir(directory, { recursive: true });
    } catch (error) {
      throw new OutputError(directory, error, 'name another directory with --save-images');
    }
    return new ImageSaver(directory);
  }

  /**
   * @param place the cell that the output is of; empty: there is but one
   * @returns the files, by type
   * @throws OutputError
   */
  async save(data: MimeBundle, place: string): Promise<Map<string, string>> {
    const found = Object.keys(data).flatMap((type) => {
      const [extension, bytes] = [extensionOf(type), bytesOf(data, type)];
      return extension === null || bytes === null ? [] : [{ type, extension, bytes }];
    });
    const saved = new Map<string, string>();
    if (found.length === 0) return saved;
    const number = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, number);
    const stem = `${place === '' ? '' : `${place}-`}output-${number}`;
    for (const { type, extension, bytes } of found) saved.set(type, await this.#write(stem, extension, bytes));
    return saved;
  }

  async #write(stem: string, extension: string, bytes: Uint8Array): Promise<string> {
    for (let copy = 1; ; copy += 1) {
      const path = join(this.#directory, `${stem}${copy === 1 ? '' : `-${copy}`}.${extension}`);
      try {
        await writeFile(path, bytes, { flag: 'wx' });
        return path;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw new OutputError(path, error, 'name another directory with --save-images');
      }
    }
  }
}
