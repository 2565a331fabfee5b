import { join } from 'node:path';
import { ServersFileError } from './errors.js';
import { readDocument, readKept, writeKept } from './kept-file.js';

/** The tokens of named servers that no keyring has: a file that only its owner can read. */
export class TokenFile {
  readonly path: string;

  constructor(directory: string) {
    this.path = join(directory, 'tokens.json');
  }

  /** A server's token; null: it has none here. @throws ServersFileError */
  async get(name: string): Promise<string | null> {
    const token = (await this.#read())[name];
    return typeof token === 'string' ? token : null;
  }

  /** @param token null: it is forgotten @throws ServersFileError */
  async set(name: string, token: string | null): Promise<void> {
    const tokens = await this.#read();
    if (token === null && !Object.hasOwn(tokens, name)) return;
    if (token === null) delete tokens[name];
    else tokens[name] = token;
    await writeKept(this.path, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`);
  }

  async #read(): Promise<Record<string, unknown>> {
    const kept = await readKept(this.path);
    if (kept === null) return {};
    if (process.platform !== 'win32' && (kept.mode & 0o077) !== 0) {
      const mode = kept.mode.toString(8).padStart(4, '0');
      throw new ServersFileError(
        this.path,
        `holds tokens, and others may read or change it (${mode})`,
        `chmod 600 ${this.path} – and make new tokens, if anybody else uses this machine`,
      );
    }
    return readDocument(this.path, kept.text, 'tokens');
  }
}
