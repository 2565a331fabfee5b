import { chmod, lstat, unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { type Guard, type OriginRules, withOrigin } from '../auth/index.js';
import { type ChannelsHost, kernelIdIn, readQuery } from '../channels/index.js';
import { failure, pathBelow } from '../rest/index.js';
import { CannotListenError } from './errors.js';
import { type WebSocketSettings, WebSockets } from './websocket.js';

export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0: any that is free. Default 8888. */
  readonly port?: number;
  /** A Unix socket in a port's place; only its owner can connect. */
  readonly socketPath?: string;
}

export interface Served extends ChannelsHost {
  readonly baseUrl: string;
  readonly guards: readonly Guard[];
  /** Whose pages may read the answers. */
  readonly origins: OriginRules;
  /** Answers what the guards let pass. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly webSockets: WebSocketSettings;
}

/** A gateway that can be reached. */
export interface Listening extends AsyncDisposable {
  /** With the base URL, and no token; `unix:PATH` for a socket. */
  readonly url: string;
  readonly port: number | null;
}

/** How long clients have for what they are about, when the gateway ends. */
const GOODBYE_MS = 1000;

/** Mounts a gateway on node:http. @throws CannotListenError */
export async function listen(served: Served, options: ListenOptions = {}): Promise<Listening> {
  const { host = '127.0.0.1', port = 8888, socketPath } = options;
  const sockets = new WebSockets(served, served.webSockets);
  const answer = async (request: Request) =>
    withOrigin(request, await guarded(served, request, 'rest', served.fetch), served.origins);
  // the program's own Request and Response stay what they are
  const server = createServer(getRequestListener(answer, { overrideGlobalObjects: false }));
  // 40 ms a cell is what it costs not to (jupyter_server does not)
  server.on('connection', (socket: Socket) => socket.setNoDelay(true));
  server.on('upgrade', (request, socket, head) => {
    void upgrade(served, sockets, request, socket, head).catch((error: unknown) => {
      served.tell({ kind: 'request-failed', method: 'upgrade', path: pathOf(request), error });
      socket.destroy();
    });
  });
  if (socketPath !== undefined) await removeDeadSocket(socketPath);
  await begin(server, socketPath === undefined ? { host, port } : { path: socketPath });
  if (socketPath !== undefined) await chmod(socketPath, 0o600);
  const address = server.address() as AddressInfo | string;
  const taken = typeof address === 'string' ? null : address.port;
  return {
    port: taken,
    url:
      taken === null
        ? `unix:${socketPath}`
        : `http://${host.includes(':') ? `[${host}]` : host}:${taken}${served.baseUrl}`,
    async [Symbol.asyncDispose]() {
      sockets.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => {
        sockets.terminate();
        server.closeAllConnections();
      }, GOODBYE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function guarded(
  { guards, baseUrl, counters }: Served,
  request: Request,
  kind: 'rest' | 'websocket',
  next: (request: Request) => Promise<Response>,
): Promise<Response> {
  const path = pathBelow(request.url, baseUrl) ?? '';
  for (const guard of guards) {
    const refused = await guard(request, { kind, path });
    if (refused !== null) {
      counters.answered(refused.status);
      return refused;
    }
  }
  return next(request);
}

async function upgrade(
  served: Served,
  sockets: WebSockets,
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  // it may go while it is looked at
  socket.on('error', () => socket.destroy());
  const request = requestOf(incoming);
  if (request === null) return refuse(socket, failure(400, 'The request cannot be read'));
  let isAccepted = false;
  const answer = await guarded(served, request, 'websocket', async ({ url }) => {
    const id = kernelIdIn(pathBelow(url, served.baseUrl) ?? '');
    if (id === null) return failure(404, 'There is no WebSocket at this path');
    const kernel = served.kernelAt(url);
    if (kernel === undefined) return failure(404, `Kernel does not exist: ${id}`);
    const query = readQuery(url);
    if (typeof query === 'string') return failure(400, query);
    isAccepted = true;
    sockets.accept(incoming, socket, head, kernel, query);
    return new Response(null);
  });
  if (!isAccepted) await refuse(socket, answer);
}

function requestOf({ url = '/', headers }: IncomingMessage): Request | null {
  try {
    const sent = Object.entries(headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    );
    return new Request(new URL(url, `http://${headers.host ?? 'localhost'}`), { headers: sent });
  } catch {
    return null;
  }
}

async function refuse(socket: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const head = [
    `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`,
    ...['Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close'],
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
}

const pathOf = ({ url = '/' }: IncomingMessage) => url.split('?', 1)[0] ?? '/';

/** @throws CannotListenError */
function begin(server: Server, where: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(new CannotListenError(where, error));
    server.once('error', failed);
    server.listen(where, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

/** A socket that nobody listens to is what a crash left; any other file is not ours to remove. */
async function removeDeadSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null || !found.isSocket()) return;
  const isAlive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => resolve(true)).once('error', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });
  if (!isAlive) await unlink(path);
}
