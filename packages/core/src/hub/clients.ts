import { callOut } from '../channels/index.js';
import { HubClient } from './client.js';
import type { Exchange } from './exchange.js';
import type { HubLog } from './log.js';
import type { LogReader } from './reader.js';
import type { HubClientOptions, HubConnection } from './types.js';

/** Clients that are away whose place is remembered. */
const REMEMBERED = 1024;

/** Who is there, and where those stood that are not. */
export class HubClients {
  readonly #log: HubLog;
  readonly #exchange: Exchange;
  readonly #changed: (connections: number) => void;
  readonly #moved: () => void;
  readonly #clients = new Map<string, HubClient>();
  readonly #departed = new Map<string, LogReader>();

  /** @param changed called when a client comes or goes; `moved` when one stands elsewhere */
  constructor(log: HubLog, exchange: Exchange, calls: { changed: (connections: number) => void; moved: () => void }) {
    this.#log = log;
    this.#exchange = exchange;
    this.#changed = calls.changed;
    this.#moved = calls.moved;
  }

  /** Where those stand that are here, and stood that were. */
  get places(): Map<string, number> {
    const all = [...this.#departed, ...[...this.#clients].map(([session, { reader }]) => [session, reader] as const)];
    return new Map(all.map(([session, { cursor }]) => [session, cursor]));
  }

  /** Clients of an earlier hub, which may come back. */
  restore(places: ReadonlyMap<string, number>): void {
    for (const [session, cursor] of places) {
      const reader = this.#log.read(new Set([session]), cursor, () => {});
      this.#log.leave(reader);
      this.#departed.set(session, reader);
    }
  }

  get size(): number {
    return this.#clients.size;
  }

  /** @param isClosed it gets what is kept, and is told that nothing follows */
  attach(options: HubClientOptions, isClosed: boolean): HubConnection {
    const { session, inherits = [] } = options;
    const old = this.#clients.get(session);
    if (old !== undefined) this.#depart(old);
    old?.end('replaced');
    const sessions = new Set([session, ...inherits]);
    const before = this.#departed.get(session) ?? inherits.map((each) => this.#departed.get(each)).find(Boolean);
    const cursor = options.after ?? before?.cursor ?? this.#exchange.beginning;
    this.#departed.delete(session);
    const client = new HubClient(
      options,
      this.#log,
      { sessions, cursor, before },
      {
        send: ({ reader }, message) => this.#exchange.send(session, reader.sessions, message),
        left: (gone) => {
          this.#depart(gone);
          this.#changed(this.size);
        },
        moved: this.#moved,
      },
    );
    this.#clients.set(session, client);
    this.#exchange.greet(session);
    if (isClosed) {
      this.#clients.delete(session);
      queueMicrotask(() => client.end('closed'));
    } else this.#changed(this.size);
    return client;
  }

  end(reason: 'closed' | 'left' = 'closed'): void {
    const all = [...this.#clients.values()];
    for (const client of all) this.#depart(client);
    for (const client of all) callOut(() => client.end(reason));
    if (all.length > 0) this.#changed(0);
  }

  #depart(client: HubClient): void {
    if (this.#clients.get(client.session) === client) this.#clients.delete(client.session);
    if (client.isPassing) return;
    this.#departed.delete(client.session);
    this.#departed.set(client.session, client.reader);
    if (this.#departed.size > REMEMBERED) this.#departed.delete(this.#departed.keys().next().value!);
    this.#moved();
  }
}
