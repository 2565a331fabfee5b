import { rename, rm, writeFile } from 'node:fs/promises';
import { KeepError } from './errors.js';

/** A small file that is there as it was last written, or as it was before: never half. For its owner alone. */
export class StateFile {
  readonly #path: string;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  #read: () => unknown = () => null;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Resolves when the file has what `value` gives by then, or later; several calls at once are one.
   * @throws KeepError keep-files
   */
  write(value: () => unknown): Promise<void> {
    this.#read = value;
    this.#next ??= this.#last
      .catch(() => {})
      .then(() => {
        this.#next = null;
        this.#last = this.#put();
        return this.#last;
      });
    return this.#next;
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await (this.#next ?? this.#last).catch(() => {});
  }

  async #put(): Promise<void> {
    const temporary = `${this.#path}.new`;
    try {
      await writeFile(temporary, `${JSON.stringify(this.#read())}\n`, { mode: 0o600 });
      await rename(temporary, this.#path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw KeepError.ofFiles(this.#path, error);
    }
  }
}
