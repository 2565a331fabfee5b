/** A TCP proxy that does to a connection what networks do. */
import { createServer, type Server, Socket } from 'node:net';

/** One connection through the proxy: towards its client, and towards the server. */
interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

export class FaultyProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #target: number;
  #isRefusing = false;
  #isStalled = false;
  #delay = 0;
  #waiters: (() => void)[] = [];
  /** Connections that it has taken so far. */
  connections = 0;
  /** Bytes that came from the server. */
  received = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#take(client));
  }

  /** @param target the port on loopback that it stands before */
  static async to(target: number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return address.port;
  }

  /** The same URL through the proxy. */
  through(url: string): string {
    const changed = new URL(url);
    changed.port = String(this.port);
    return changed.href;
  }

  /** Breaks what there is, at both ends at once, and takes nothing more until `restore`. What was on its way is gone. */
  cut(): void {
    this.#isRefusing = true;
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** Like `cut`, for connections that are there; new ones are taken. */
  reset(): void {
    this.cut();
    this.#isRefusing = false;
  }

  /**
   * Ends the connections in order: what the server has sent until now still arrives, and it is told. Nothing more is taken until `restore`.
   */
  hangUp(): void {
    this.#isRefusing = true;
    for (const { client, server } of this.#pairs) {
      server.end();
      // The rest is read, and the client told when there is no more.
      server.once('end', () => client.end());
    }
  }

  /** Breaks the client's side alone: the server goes on to send into nowhere, as behind a router that was switched off. */
  halfOpen(): void {
    for (const { client, server } of this.#pairs) {
      client.unpipe();
      server.removeAllListeners('data');
      server.resume();
      client.removeAllListeners('close');
      client.resetAndDestroy();
    }
  }

  /** Nothing gets through any more, in either direction, and nobody is told; new connections are taken and say nothing. */
  stall(): void {
    this.#isStalled = true;
    for (const { client, server } of this.#pairs) {
      client.pause();
      server.pause();
    }
  }

  /** All that comes takes so many milliseconds longer. */
  slow(ms: number): void {
    this.#delay = ms;
  }

  /** New connections are taken again, and what was stalled goes on. */
  restore(): void {
    this.#isRefusing = false;
    this.#delay = 0;
    if (!this.#isStalled) return;
    this.#isStalled = false;
    for (const { client, server } of this.#pairs) {
      client.resume();
      server.resume();
    }
  }

  /** Resolves when so many bytes have come from the server since it began. */
  async flowed(bytes: number): Promise<void> {
    while (this.received < bytes) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(client: Socket): void {
    if (this.#isRefusing) {
      client.resetAndDestroy();
      return;
    }
    this.connections += 1;
    const server = new Socket().connect(this.#target, '127.0.0.1');
    const pair = { client, server };
    this.#pairs.add(pair);
    client.setNoDelay(true);
    // Whether the server sets it is the server's affair.
    server.setNoDelay(true);
    const pass = (from: Socket, to: Socket, count: boolean): void => {
      from.on('data', (data: Buffer) => {
        if (count) this.#count(data.length);
        // Timers of equal length fire in order.
        if (this.#delay > 0) setTimeout(() => to.write(data), this.#delay);
        else if (!to.write(data)) {
          from.pause();
          to.once('drain', () => {
            if (!this.#isStalled) from.resume();
          });
        }
      });
      from.on('error', () => {});
      from.on('close', () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
    };
    pass(client, server, false);
    pass(server, client, true);
    if (this.#isStalled) {
      client.pause();
      server.pause();
    }
  }

  #count(bytes: number): void {
    this.received += bytes;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}
