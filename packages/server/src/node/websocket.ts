import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WEBSOCKET_V1 } from '@kernelkit/protocol';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { ChannelsClient, type ChannelsHost, type ChannelsQuery, type EventFeed, type Wire } from '../channels/index.js';
import type { ServedKernel } from '../kernels/index.js';

/** Limits of a WebSocket, and how it is kept alive. */
export interface WebSocketSettings {
  /** Larger frames end the connection with 1009. */
  readonly maxFrameBytes: number;
  /** Milliseconds between two pings, and until a client that does not answer them is gone. Jupyter Server: 30 s, 90 s. */
  readonly pingInterval: number;
  readonly pingTimeout: number;
}

/** Bytes of events that may wait for a subscriber. */
const MOST_UNREAD = 2 ** 20;

/** The WebSockets of a gateway on a port. */
export class WebSockets {
  readonly #host: ChannelsHost;
  readonly #settings: WebSocketSettings;
  readonly #server: WebSocketServer;

  constructor(host: ChannelsHost, settings: WebSocketSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: settings.maxFrameBytes,
      perMessageDeflate: false,
      // jupyter_server's gateway mode sends a browser's binary frames as text
      skipUTF8Validation: true,
      handleProtocols: (offered) => (offered.has(WEBSOCKET_V1) ? WEBSOCKET_V1 : false),
    });
  }

  /** Answers at once, whatever the kernel does. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, kernel: ServedKernel, query: ChannelsQuery): void {
    this.#server.handleUpgrade(request, socket, head, (websocket) => {
      const encoding = websocket.protocol === WEBSOCKET_V1 ? 'v1' : 'legacy';
      const isTornado = encoding === 'legacy' && /^tornado\//i.test(request.headers['user-agent'] ?? '');
      const outgoing = { encoding, isTornado } as const;
      const client = new ChannelsClient(kernel.hub, wireOf(websocket, socket), query, outgoing, this.#host);
      websocket.on('message', (data: RawData, isBinary: boolean) => client.receive(bytesOf(data), !isBinary));
      websocket.on('close', () => client.close());
      // a broken frame, one that is too large, a connection that is lost: `close` follows
      websocket.on('error', (error) => {
        this.#host.counters.refused += 1;
        this.#host.tell({ kind: 'message-refused', id: kernel.id, reason: error.message });
      });
      this.#keepAlive(websocket);
    });
  }

  /** Somebody who wants to know what happens; what is sent here says nothing to us. */
  acceptSubscriber(request: IncomingMessage, socket: Duplex, head: Buffer, feed: EventFeed): void {
    this.#server.handleUpgrade(request, socket, head, (websocket) => {
      const unsubscribe = feed.subscribe((event) => {
        // it does not read: it is told nothing more
        if (websocket.bufferedAmount > MOST_UNREAD) websocket.terminate();
        else websocket.send(event);
      });
      websocket.on('close', unsubscribe).on('error', () => {});
      this.#keepAlive(websocket);
    });
  }

  get size(): number {
    return this.#server.clients.size;
  }

  /** Says goodbye to all: the gateway ends. */
  close(): void {
    for (const websocket of this.#server.clients) websocket.close(1001, 'the gateway ends');
    this.#server.close();
  }

  /** What has not heeded that. */
  terminate(): void {
    for (const websocket of this.#server.clients) websocket.terminate();
  }

  #keepAlive(websocket: WebSocket): void {
    const { pingInterval, pingTimeout } = this.#settings;
    // Counted in looks, and not by the clock: where this process did not run for a while (a machine that slept), the answers lie there unread.
    let silent = 0;
    const hear = () => {
      silent = 0;
    };
    websocket.on('pong', hear).on('message', hear);
    const timer = setInterval(() => {
      if (silent >= pingTimeout) websocket.terminate();
      else websocket.ping();
      silent += pingInterval;
    }, pingInterval).unref();
    websocket.on('close', () => clearInterval(timer));
  }
}

function wireOf(websocket: WebSocket, socket: Duplex): Wire {
  return {
    get bufferedAmount() {
      return websocket.bufferedAmount;
    },
    send(data, sent) {
      // a client that has just left is told of by `close`
      websocket.send(data as string | Uint8Array, { binary: typeof data !== 'string' }, () => sent());
    },
    together(write) {
      socket.cork();
      try {
        write();
      } finally {
        socket.uncork();
      }
    },
    close: (code, reason) => websocket.close(code, reason),
  };
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
