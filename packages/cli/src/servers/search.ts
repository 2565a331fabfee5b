import { type CatalogEntry, type KernelSource, listServer, type ServerSettings } from '@kernelkit/core';
import type { Session } from '../session.js';
import { type AskedServer, askedServers } from './asked.js';
import { connect } from './connect.js';
import { failureText, serversFirst } from './entries.js';
import { listingFailure } from './listing-failure.js';

/** A server that could not be asked. */
export interface ServerFailure {
  url: string;
  error: Error;
}

/** The servers of the command line as sources of the catalog, and what became of them. */
export class ServerSearch {
  readonly sources: readonly KernelSource[];
  readonly failures: ServerFailure[] = [];
  readonly #session: Session;
  readonly #servers: readonly AskedServer[];
  /** By the URL that its entries have, which a hub may have changed; `at`: the place on the command line. */
  readonly #found = new Map<string, { settings: ServerSettings; at: number }>();

  constructor(session: Session, servers: readonly AskedServer[]) {
    this.#session = session;
    this.#servers = servers;
    this.sources = servers.map((server, at) => ({
      name: `server ${server.shown}`,
      find: ({ signal }) => this.#find(server, at, signal),
    }));
  }

  /** @throws UsageError, ServersFileError */
  static async of(session: Session): Promise<ServerSearch> {
    return new ServerSearch(session, await askedServers(session.servers));
  }

  /** How an entry's server is reached; null: it is not of one of these servers. */
  settingsOf({ server }: CatalogEntry): ServerSettings | null {
    return (server && this.#found.get(server.url)?.settings) ?? null;
  }

  /** Whether none of them could be asked. */
  get areAllGone(): boolean {
    return this.failures.length === this.#servers.length;
  }

  /** The kernels in the order in which they are preferred. */
  ordered(kernels: readonly CatalogEntry[]): CatalogEntry[] {
    return serversFirst(kernels, (url) => this.#found.get(url)?.at ?? 0);
  }

  /** The servers that answered. */
  get reached(): ServerSettings[] {
    return [...this.#found.values()].map(({ settings }) => settings);
  }

  async #find(server: AskedServer, at: number, signal?: AbortSignal): ReturnType<typeof listServer> {
    const begin = performance.now();
    const { screen } = this.#session;
    try {
      const settings = await connect(this.#session, server);
      const listing = await listServer(settings, { onNotice: ({ message }) => screen.detail(message) }, signal);
      const [place] = listing.searched;
      this.#found.set(place?.path ?? server.shown, { settings, at });
      if (place?.error) {
        const error = await listingFailure(settings, place.error, this.#session.signal);
        this.failures.push({ url: place.path, error });
      }
      return listing;
    } catch (error) {
      this.#session.signal.throwIfAborted();
      this.failures.push({ url: server.shown, error: error as Error });
      const ms = Math.round((performance.now() - begin) * 10) / 10;
      return {
        entries: [],
        searched: [{ path: server.shown, kind: 'server', found: 0, error: failureText(error), ms }],
      };
    }
  }
}
