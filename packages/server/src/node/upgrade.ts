import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { kernelIdIn, readQuery } from '../channels/index.js';
import { failure, pathBelow } from '../rest/index.js';
import type { Served } from './listen.js';
import { refuse } from './refuse.js';
import { WebSockets } from './websocket.js';

/** Requests that are to become WebSockets. */
export class Upgrades {
  readonly #served: Served;
  readonly #sockets: WebSockets;
  /** They are not open until their kernel is up. */
  readonly #waiting = new Set<Duplex>();

  constructor(served: Served) {
    this.#served = served;
    this.#sockets = new WebSockets(served, served.webSockets);
  }

  /** @param refused what it is answered, whatever it asks for; null: it is looked at */
  async take(incoming: IncomingMessage, socket: Duplex, head: Buffer, refused: Response | null): Promise<void> {
    // it may go while it is looked at
    socket.on('error', () => socket.destroy());
    const answer = refused ?? (await this.#look(incoming, socket, head));
    if (answer === null) return;
    this.#served.counters.answered(answer.status);
    await refuse(socket, answer);
  }

  /** Says goodbye to all: the gateway ends. */
  close(): void {
    this.#sockets.close();
  }

  /** What has not heeded that. */
  terminate(): void {
    this.#sockets.terminate();
    for (const socket of this.#waiting) socket.destroy();
  }

  async #look(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<Response | null> {
    const request = requestOf(incoming);
    if (request === null) return failure(400, 'The request cannot be read');
    const { door, baseUrl } = this.#served;
    const path = pathBelow(request.url, baseUrl) ?? '';
    const kept = await door.admit(request, { kind: 'websocket', path });
    const answer = kept ?? (await this.#open(incoming, socket, head, request.url, path));
    return answer === null ? null : door.seal(request, answer);
  }

  async #open(
    incoming: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    url: string,
    path: string,
  ): Promise<Response | null> {
    const { maxWebSockets, maxWebSocketsPerKernel } = this.#served.connections;
    const feed = this.#served.feedAt(url);
    const id = kernelIdIn(path);
    if (feed === undefined && id === null) return failure(404, 'There is no WebSocket at this path');
    const isFull = () => this.#sockets.size + this.#waiting.size >= maxWebSockets;
    if (isFull()) return tooMany(`${maxWebSockets} WebSockets are open`);
    if (feed !== undefined) {
      this.#sockets.acceptSubscriber(incoming, socket, head, feed);
      return null;
    }
    const kernel = this.#served.kernelAt(url);
    if (kernel === undefined) return failure(404, `Kernel does not exist: ${id}`);
    const query = readQuery(url);
    if (typeof query === 'string') return failure(400, query);
    const hasty = isHasty(incoming);
    if (query.opensWhenReady || hasty) {
      // Node's own, for requests; a start has its own deadline
      (socket as Socket).setTimeout(0);
      this.#waiting.add(socket);
      await kernel.hub.ready.catch(() => {});
      this.#waiting.delete(socket);
    }
    if (kernel.hub.connections >= maxWebSocketsPerKernel) {
      return tooMany(`${maxWebSocketsPerKernel} WebSockets are open to this kernel`);
    }
    const { hub } = kernel;
    // it also fails where nothing comes on iopub 0.2 s after its first answer: it is told the kernel's state
    const isTold = hasty && query.after === undefined && hub.state === 'idle';
    const from = isTold ? { ...query, after: Math.max(0, hub.log.last - 1) } : query;
    this.#sockets.accept(incoming, socket, head, kernel, from);
    return null;
  }
}

/** One more than the gateway bears. */
export function tooMany(what: string): Response {
  return failure(503, `${what}, and no more are allowed`, 'Resource Limit');
}

/**
 * The client under nbclient and papermill (jupyter_server's GatewayKernelClient) fails where a kernel has not answered a second after its WebSocket
 * was opened. A Jupyter server opens it late (connection/channels.py, `prepare`). It is websocket-client, which says an Origin, and no more.
 */
function isHasty({ headers }: IncomingMessage): boolean {
  return (
    headers.origin !== undefined &&
    headers['user-agent'] === undefined &&
    headers['sec-websocket-protocol'] === undefined
  );
}

function requestOf({ url = '/', headers, socket }: IncomingMessage): Request | null {
  const scheme = (socket as TLSSocket).encrypted ? 'https' : 'http';
  try {
    const sent = Object.entries(headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    );
    return new Request(new URL(url, `${scheme}://${headers.host ?? 'localhost'}`), { headers: sent });
  } catch {
    return null;
  }
}
