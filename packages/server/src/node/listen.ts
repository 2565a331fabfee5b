import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { isMainThread } from 'node:worker_threads';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Door } from '../auth/index.js';
import type { ChannelsHost } from '../channels/index.js';
import { failure, pathBelow } from '../rest/index.js';
import { refusal } from './admissible.js';
import { CannotListenError } from './errors.js';
import { type ConnectionSettings, Crowd } from './limits.js';
import { closeOwn, fileOf, makeWay } from './socket-file.js';
import { readTls, type TlsOptions } from './tls.js';
import { tooMany, Upgrades } from './upgrade.js';
import type { WebSocketSettings } from './websocket.js';

/** Where a gateway listens, with which certificate, and how much it takes. */
export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0: any that is free. Default 8888. */
  readonly port?: number;
  /** A Unix socket in a port's place; only its owner can connect. */
  readonly socketPath?: string;
  /** https. */
  readonly tls?: TlsOptions;
}

export interface Served extends ChannelsHost {
  readonly baseUrl: string;
  readonly door: Door;
  /** Answers what the door let in. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly webSockets: WebSocketSettings;
  readonly connections: ConnectionSettings;
}

/** A gateway that can be reached. */
export interface Listening extends AsyncDisposable {
  /** With the base URL, and no token; `unix:PATH` for a socket. */
  readonly url: string;
  readonly port: number | null;
}

/** How long clients have for what they are about, when the gateway ends. */
const GOODBYE_MS = 1000;

/** Mounts a gateway on node:http or node:https. @throws CannotListenError, TlsFilesError */
export async function listen(served: Served, options: ListenOptions = {}): Promise<Listening> {
  const { host = '127.0.0.1', port = 8888, socketPath, tls } = options;
  const { connections, counters, baseUrl } = served;
  const secure = tls === undefined ? null : await readTls(tls);
  const server = serverOf(secure, connections, (incoming, outgoing) => {
    const refused = whyNot(incoming);
    if (refused !== null) counters.answered(refused.status);
    const listener = refused === null ? serve : getRequestListener(() => refused, PLAIN);
    void listener(incoming, outgoing);
  });
  const serve = listenerOf(served);
  const crowd = new Crowd(server, secure === null ? 'connection' : 'secureConnection', connections.maxConnections);
  const whyNot = (incoming: IncomingMessage): Response | null =>
    crowd.isExcess(incoming)
      ? tooMany(`${connections.maxConnections} connections are open`)
      : refusal(incoming, connections.maxUrlLength);
  const upgrades = new Upgrades(served);
  server.on('upgrade', (incoming, socket, head) => {
    const why = isForWebSocket(incoming) ? whyNot(incoming) : failure(400, 'Can "Upgrade" only to "WebSocket".');
    upgrades.take(incoming, socket, head, why).catch((error: unknown) => {
      served.tell({ kind: 'request-failed', method: 'upgrade', path: pathOf(incoming), error });
      socket.destroy();
    });
  });
  if (socketPath !== undefined) await makeWay(socketPath);
  await begin(server, socketPath === undefined ? { host, port } : { path: socketPath });
  const file = socketPath === undefined ? null : fileOf(socketPath);
  if (socketPath !== undefined) await chmod(socketPath, 0o600);
  // as where no file is left for one more connection: the others go on
  server.on('error', (error) => served.tell({ kind: 'request-failed', method: 'listen', path: '', error }));
  const address = server.address() as AddressInfo | string;
  const taken = typeof address === 'string' ? null : address.port;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    port: taken,
    url: taken === null ? `unix:${socketPath}` : `http${secure === null ? '' : 's'}://${name}:${taken}${baseUrl}`,
    async [Symbol.asyncDispose]() {
      upgrades.close();
      const closed = new Promise<void>((resolve) => {
        const close = () => void server.close(() => resolve());
        if (socketPath === undefined) close();
        else closeOwn(socketPath, file, close);
      });
      server.closeIdleConnections();
      const timer = setTimeout(() => {
        upgrades.terminate();
        server.closeAllConnections();
      }, GOODBYE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** The program's own Request and Response stay what they are. */
const PLAIN = { overrideGlobalObjects: false };

function serverOf(
  secure: SecureContextOptions | null,
  settings: ConnectionSettings,
  listener: RequestListener,
): Server {
  const { headersTimeout, requestTimeout, idleTimeout } = settings;
  const timeouts = {
    ...{ headersTimeout: Math.min(headersTimeout, requestTimeout), requestTimeout },
    // how exact the two are
    connectionsCheckingInterval: Math.min(5000, headersTimeout, requestTimeout),
    // clients that would like HTTP/2 ask for it in passing; Node before 22.21 cannot overlook that
    shouldUpgradeCallback: isForWebSocket,
  };
  const server: Server =
    secure === null
      ? createServer(timeouts, listener)
      : createSecureServer({ ...timeouts, ...secure, handshakeTimeout: headersTimeout }, listener);
  server.timeout = idleTimeout;
  // 40 ms a cell is what it costs not to (jupyter_server does not)
  return server.on('connection', (socket: Socket) => socket.setNoDelay(true));
}

const isForWebSocket = ({ headers }: IncomingMessage) => /\bwebsocket\b/i.test(headers.upgrade ?? '');

/** From a request that may be read to its answer. */
function listenerOf({ door, baseUrl, fetch, counters, tell }: Served) {
  const answer = async (request: Request): Promise<Response> => {
    const kept = await door.admit(request, { kind: 'rest', path: pathBelow(request.url, baseUrl) ?? '' });
    if (kept !== null) counters.answered(kept.status);
    return door.seal(request, kept ?? (await fetch(request)));
  };
  return getRequestListener(answer, {
    ...PLAIN,
    errorHandler(error) {
      if (error instanceof RequestError) return failure(400, `The request cannot be read: ${error.message}`);
      tell({ kind: 'request-failed', method: 'http', path: '', error });
      return failure(500, 'Unhandled error');
    },
  });
}

const pathOf = ({ url = '/' }: IncomingMessage) => url.split('?', 1)[0] ?? '/';

/** @throws CannotListenError */
function begin(server: Server, where: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(new CannotListenError(where, error));
    server.once('error', failed);
    const listening = () => {
      server.off('error', failed);
      resolve();
    };
    if ('path' in where && isMainThread) {
      // for its owner alone from the beginning; Node binds within the call
      const mask = process.umask(0o177);
      server.listen(where, listening);
      process.umask(mask);
    } else server.listen(where, listening);
  });
}
