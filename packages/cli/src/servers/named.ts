import { join } from 'node:path';
import { homeDirectory } from '@kernelkit/core';
import { configDirectory } from './config-place.js';
import { ServersFileError } from './errors.js';
import { isFields, readDocument, readKept, writeKept } from './kept-file.js';
import { keyringHere } from './keyring.js';
import { TokenFile } from './tokens.js';

/** A server that was given a name. */
export interface NamedServer {
  /** Without its token. */
  url: string;
  ca?: string[];
  cert?: string;
  key?: string;
  insecure?: boolean;
  /** Where its token is kept; absent: it has none. */
  token?: 'keyring' | 'file';
}

/** What names look like: no URL, host or port does. */
export function isServerName(text: string): boolean {
  return /^[A-Za-z][\w-]{0,63}$/.test(text) && text !== 'localhost';
}

/** The servers that the user named, and their tokens. */
export class NamedServers {
  readonly path: string;
  readonly #tokens: TokenFile;

  constructor(
    directory = configDirectory(process.platform, process.env, homeDirectory(process.platform, process.env)),
  ) {
    this.path = join(directory, 'servers.json');
    this.#tokens = new TokenFile(directory);
  }

  /** @throws ServersFileError */
  async all(): Promise<Map<string, NamedServer>> {
    const kept = await readKept(this.path);
    const servers = new Map<string, NamedServer>();
    if (kept === null) return servers;
    for (const [name, value] of Object.entries(readDocument(this.path, kept.text, 'servers'))) {
      if (!isFields(value) || typeof value.url !== 'string') {
        throw new ServersFileError(
          this.path,
          `says of ${JSON.stringify(name)} no "url"`,
          'Mend it; it was left as it is.',
        );
      }
      servers.set(name, value as unknown as NamedServer);
    }
    return servers;
  }

  /** The token of a server; null: it has none. @throws ServersFileError where it is said to have one, and that is gone */
  async tokenOf(name: string, { token }: NamedServer): Promise<string | null> {
    if (token === undefined) return null;
    const keyring = keyringHere(process.platform, process.env);
    const found = token === 'file' ? await this.#tokens.get(name) : ((await keyring?.lookup(name)) ?? null);
    if (found !== null) return found;
    const where = token === 'file' ? this.#tokens.path : (keyring?.name ?? 'a keyring, which is not there now');
    throw new ServersFileError(
      this.path,
      `says that the token of ${JSON.stringify(name)} is in ${where}, which does not have it`,
      `Unlock the keyring; or: kernelkit server remove ${name}, and add it again`,
    );
  }

  /**
   * @returns where its token is kept, for the user; null: it has none
   * @throws ServersFileError
   */
  async add(name: string, server: NamedServer, token: string | null): Promise<string | null> {
    const servers = await this.all();
    let where: string | null = null;
    const added: NamedServer = { ...server };
    if (token !== null) {
      const keyring = keyringHere(process.platform, process.env);
      if (keyring !== null && (await keyring.store(name, token))) {
        added.token = 'keyring';
        where = keyring.name;
      } else {
        await this.#tokens.set(name, token);
        added.token = 'file';
        where = this.#tokens.path;
      }
    }
    servers.set(name, added);
    await this.#write(servers);
    return where;
  }

  /** Whether there was one. @throws ServersFileError */
  async remove(name: string): Promise<boolean> {
    const servers = await this.all();
    const server = servers.get(name);
    if (server === undefined) return false;
    if (server.token === 'keyring') await keyringHere(process.platform, process.env)?.remove(name);
    if (server.token === 'file') await this.#tokens.set(name, null);
    servers.delete(name);
    await this.#write(servers);
    return true;
  }

  #write(servers: ReadonlyMap<string, NamedServer>): Promise<void> {
    return writeKept(this.path, `${JSON.stringify({ version: 1, servers: Object.fromEntries(servers) }, null, 2)}\n`);
  }
}
