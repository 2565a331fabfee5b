/** An HTTP proxy that shares paths out among servers, and says of a request what nginx says. */
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface HttpRoute {
  /** Of the path, as nginx's `location ~`; the first that matches takes it. */
  readonly path: RegExp;
  /** On loopback. */
  readonly port: number;
  /** Asked first, with the request's headers and query; only where it says 2xx the request goes on. nginx's `auth_request`, Caddy's `forward_auth`. */
  readonly asks?: { readonly port: number; readonly path: string };
  /** Sent in place of the client's own. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What ends at a proxy (RFC 9110 §7.6.1); a proxy that knows WebSockets sends `Upgrade` and `Connection` anew. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export class HttpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #routes: readonly HttpRoute[];
  readonly #tunnels = new Set<Duplex>();

  private constructor(routes: readonly HttpRoute[]) {
    this.#routes = routes;
    this.#server = createServer((incoming, response) => void this.#pass(incoming, response));
    this.#server.on('upgrade', (incoming, socket, head) => void this.#tunnel(incoming, socket, head));
  }

  static async to(routes: readonly HttpRoute[]): Promise<HttpProxy> {
    const proxy = new HttpProxy(routes);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#tunnels) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = this.#route(incoming);
    if (!(await isAllowed(incoming, route))) {
      response.writeHead(403).end();
      return;
    }
    const outgoing = this.#send(incoming, route, {});
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode!, withoutHops(answer.rawHeaders));
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    outgoing.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  }

  async #tunnel(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#tunnels.add(socket);
    socket.on('close', () => this.#tunnels.delete(socket)).on('error', () => {});
    const route = this.#route(incoming);
    if (!(await isAllowed(incoming, route))) {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const outgoing = this.#send(incoming, route, { Upgrade: 'websocket', Connection: 'upgrade' });
    outgoing.on('upgrade', (answer, server, first) => {
      socket.write(headOf(answer));
      socket.write(first);
      server.write(head);
      server.on('error', () => socket.destroy()).on('close', () => socket.destroy());
      socket.on('close', () => server.destroy());
      server.pipe(socket).pipe(server);
    });
    // refused: an answer like any other
    outgoing.on('response', (answer) => {
      socket.write(headOf(answer));
      answer.pipe(socket);
    });
    outgoing.on('error', () => socket.destroy());
    outgoing.end();
  }

  #route(incoming: IncomingMessage): HttpRoute {
    const path = pathOf(incoming);
    const route = this.#routes.find((each) => each.path.test(path));
    if (route === undefined) throw new Error(`the proxy has no route for ${path}`);
    return route;
  }

  #send(incoming: IncomingMessage, { port, headers = {} }: HttpRoute, more: Record<string, string>): ClientRequest {
    const { url: path = '/', method = 'GET' } = incoming;
    return request({ host: '127.0.0.1', port, path, method, headers: forwarded(incoming, { ...headers, ...more }) });
  }
}

async function isAllowed(incoming: IncomingMessage, { asks }: HttpRoute): Promise<boolean> {
  if (asks === undefined) return true;
  const headers = forwarded(incoming, {}, new Set(['content-length', 'content-type']));
  const [, query] = (incoming.url ?? '/').split('?', 2);
  const path = query === undefined ? asks.path : `${asks.path}?${query}`;
  const status = await new Promise<number>((resolve) => {
    const asked = request({ host: '127.0.0.1', port: asks.port, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    });
    asked.on('error', () => resolve(502)).end();
  });
  return status >= 200 && status < 300;
}

/** `Host` is the client's, as `proxy_set_header Host $http_host` has it. */
function forwarded(
  { rawHeaders, headers, socket }: IncomingMessage,
  more: Readonly<Record<string, string>>,
  dropped: ReadonlySet<string> = new Set(),
): string[] {
  const replaced = new Set([...Object.keys(more).map((name) => name.toLowerCase()), ...dropped]);
  const kept = withoutHops(rawHeaders);
  const own = kept.filter((_, at) => !replaced.has(kept[at - (at % 2)]!.toLowerCase()));
  own.push('X-Forwarded-For', socket.remoteAddress ?? '', 'X-Forwarded-Proto', 'http');
  own.push('X-Forwarded-Host', headers.host ?? '');
  return [...own, ...Object.entries(more).flat()];
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  let head = `HTTP/1.1 ${statusCode} ${statusMessage}\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2) head += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
  return `${head}\r\n`;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0]!;
}

function withoutHops(rawHeaders: readonly string[]): string[] {
  const isKept = (_: string, at: number) => !HOP_BY_HOP.has(rawHeaders[at - (at % 2)]!.toLowerCase());
  return rawHeaders.filter(isKept);
}
