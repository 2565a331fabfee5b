import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';

/** What the gateway bears on a port. All are far above what front ends need; they are for what goes wrong. */
export interface ConnectionSettings {
  /** Connections at once; one more is answered 503. Default 4096. */
  readonly maxConnections: number;
  /** WebSockets at once, to all kernels and to one; one more is answered 503. Default 2048 and 256. */
  readonly maxWebSockets: number;
  readonly maxWebSocketsPerKernel: number;
  /** Milliseconds until a request's headers have to be there, and all of it; else 408. Default 15,000 and 60,000. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  /** Milliseconds in which nothing moves, until a connection is closed that is no WebSocket. Default 300,000: kernels may take long to restart. */
  readonly idleTimeout: number;
  /** Characters of a URL; a longer one is answered 414. Default 8192. Node itself bounds all headers together: 16 KiB, 431. */
  readonly maxUrlLength: number;
}

export const CONNECTION_DEFAULTS: ConnectionSettings = {
  ...{ maxConnections: 4096, maxWebSockets: 2048, maxWebSocketsPerKernel: 256 },
  ...{ headersTimeout: 15_000, requestTimeout: 60_000, idleTimeout: 300_000 },
  maxUrlLength: 8192,
};

/** Beyond the limit so many connections are still told that there are too many; what is more is closed without a word. */
const TOLD = 64;

/** Which connections are too many. */
export class Crowd {
  readonly #limit: number;
  readonly #excess = new WeakSet<object>();
  #open = 0;

  /** @param event `connection`, or `secureConnection` where each request's socket is that one */
  constructor(server: Server, event: string, limit: number) {
    this.#limit = limit;
    if (Number.isFinite(limit)) server.maxConnections = limit + TOLD;
    server.on(event, (socket: Socket) => {
      this.#open += 1;
      if (this.#open > this.#limit) this.#excess.add(socket);
      socket.once('close', () => {
        this.#open -= 1;
      });
    });
  }

  /** Whether a request came by a connection that was one too many. */
  isExcess({ socket }: IncomingMessage): boolean {
    return this.#excess.has(socket);
  }
}
