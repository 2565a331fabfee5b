import { setTimeout as delay } from 'node:timers/promises';
import { type CatalogEntry, type CatalogEvent, listServer, type ServerSettings } from '@kernelkit/core';
import type { Session } from '../session.js';
import { type AskedServer, askedServers } from './asked.js';
import { connect } from './connect.js';
import { listingFailure } from './listing-failure.js';

/** How often a server is asked: it tells of no changes by itself. */
const POLL_MS = 3000;
/** One that fails is asked less and less often. */
const LONGEST_MS = 15_000;

/** A server fails, or (error null) answers again. */
export interface ServerEvent {
  type: 'server';
  url: string;
  error: Error | null;
}

type Take = (event: CatalogEvent | ServerEvent) => Promise<void>;

/** The kernels of servers as a live thing. */
export class ServerWatch {
  /** Resolves when each has been asked once. */
  readonly asked: Promise<void>;
  readonly #session: Session;
  readonly #servers: readonly AskedServer[];
  readonly #places = new Map<string, number>();
  #open: number;
  #wasAsked: () => void = () => {};

  constructor(session: Session, servers: readonly AskedServer[]) {
    this.#session = session;
    this.#servers = servers;
    this.#open = servers.length;
    this.asked = new Promise((resolve) => {
      this.#wasAsked = resolve;
    });
  }

  /** @throws UsageError, ServersFileError */
  static async of(session: Session): Promise<ServerWatch> {
    return new ServerWatch(session, await askedServers(session.servers));
  }

  placeOf(url: string): number {
    return this.#places.get(url) ?? 0;
  }

  /** Until the session's signal. @throws what `take` throws, the signal's reason */
  async run(take: Take): Promise<void> {
    await Promise.all(this.#servers.map((server, at) => this.#follow(server, at, take)));
  }

  async #follow(server: AskedServer, at: number, take: Take): Promise<void> {
    const { signal } = this.#session;
    const told = new Map<string, CatalogEntry>();
    let settings: ServerSettings | null = null;
    let failures = 0;
    for (let isFirst = true; ; isFirst = false) {
      try {
        settings ??= await connect(this.#session, server, { start: isFirst, mayAsk: isFirst });
        const entries = await this.#listed(settings, at);
        if (failures > 0) await take({ type: 'server', url: server.shown, error: null });
        failures = 0;
        for (const event of changesOf(told, entries)) await take(event);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Error && 'kind' in error)) throw error;
        failures += 1;
        // once, and what it had is kept: that it does not answer says nothing of its kernels
        if (failures === 1) await take({ type: 'server', url: server.shown, error });
      }
      if (isFirst && --this.#open === 0) this.#wasAsked();
      await delay(Math.min(POLL_MS * 2 ** failures, failures === 0 ? POLL_MS : LONGEST_MS), undefined, { signal });
    }
  }

  /** @throws ServerError where not all of it could be listed */
  async #listed(settings: ServerSettings, at: number): Promise<CatalogEntry[]> {
    const { entries, searched } = await listServer(settings, {}, this.#session.signal);
    const [place] = searched;
    if (place?.error) throw await listingFailure(settings, place.error, this.#session.signal);
    for (const { server } of entries) if (server !== null) this.#places.set(server.url, at);
    return entries;
  }
}

function changesOf(told: Map<string, CatalogEntry>, entries: readonly CatalogEntry[]): CatalogEvent[] {
  const events: CatalogEvent[] = [];
  const now = new Set(entries.map(({ id }) => id));
  for (const [id, entry] of told) if (!now.has(id)) events.push({ type: 'removed', entry });
  for (const entry of entries) events.push({ type: told.has(entry.id) ? 'changed' : 'added', entry });
  for (const { type, entry } of events) {
    if (type === 'removed') told.delete(entry.id);
    else told.set(entry.id, entry);
  }
  return events;
}
