import { WEBSOCKET_V1 } from '@kernelkit/protocol';
import { ChannelsClient } from './client.js';
import type { Received } from './incoming.js';
import { readQuery } from './query.js';
import type { ChannelsHost } from './route.js';
import type { Encoding, Wire } from './wire.js';

/** What `@jupyterlab/services` uses of a WebSocket, and a program needs. */
export interface InProcessSocket {
  readonly protocol: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  binaryType: string;
  onopen: ((event: unknown) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(data: unknown): void;
  close(code?: number, reason?: string): void;
}

/** A WebSocket class whose other end is a gateway in this process: what `@jupyterlab/services` takes as `WebSocket`. */
export interface InProcessSocketClass {
  new (url: string | URL, protocols?: string | string[]): InProcessSocket;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
}

/**
 * A WebSocket class for programs in the gateway's own process. With `objects` messages go through as they are, both ways, for a
 * serializer that is the identity; else as bytes, in the subprotocol that is asked for.
 */
export function socketClass(host: ChannelsHost, objects: boolean): InProcessSocketClass {
  return class implements InProcessSocket {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;

    readonly protocol: string;
    readyState = 0;
    bufferedAmount = 0;
    binaryType = 'arraybuffer';
    onopen: InProcessSocket['onopen'] = null;
    onmessage: InProcessSocket['onmessage'] = null;
    onclose: InProcessSocket['onclose'] = null;
    onerror: InProcessSocket['onerror'] = null;
    #client: ChannelsClient | null = null;
    #unsubscribe: () => void = () => {};

    constructor(url: string | URL, protocols: string | string[] = []) {
      // thrown here, as by every WebSocket; later nobody could catch it
      const { href } = new URL(url);
      this.protocol = [protocols].flat().includes(WEBSOCKET_V1) ? WEBSOCKET_V1 : '';
      // as every WebSocket's: whoever made it sets its handlers first
      setImmediate(() => void this.#open(href));
    }

    send(data: unknown): void {
      this.#client?.receive(data as Received, typeof data === 'string');
    }

    close(code = 1000, reason = ''): void {
      if (this.readyState >= 2) return;
      this.readyState = 2;
      this.#client?.close();
      this.#unsubscribe();
      setImmediate(() => this.#closed(code, reason));
    }

    async #open(url: string): Promise<void> {
      if (this.readyState !== 0) return;
      const feed = host.feedAt(url);
      if (feed !== undefined) {
        this.readyState = 1;
        this.#unsubscribe = feed.subscribe((data) => this.#call(this.onmessage, { data }));
        this.#call(this.onopen, {});
        return;
      }
      const kernel = host.kernelAt(url);
      const query = readQuery(url);
      if (kernel === undefined || typeof query === 'string') {
        this.#call(this.onerror, { message: typeof query === 'string' ? query : 'there is no such kernel' });
        this.#closed(1006, '');
        return;
      }
      if (query.opensWhenReady) await kernel.hub.ready.catch(() => {});
      // it may have been closed while it waited
      if (this.#isClosing) return;
      this.readyState = 1;
      const encoding: Encoding = objects ? 'objects' : this.protocol === '' ? 'legacy' : 'v1';
      // before onopen, which may send (as @jupyterlab/services does); nothing comes before it has returned
      this.#client = new ChannelsClient(kernel.hub, this.#wire(), query, { encoding, isTornado: false }, host);
      this.#call(this.onopen, {});
    }

    get #isClosing(): boolean {
      return this.readyState >= 2;
    }

    #wire(): Wire {
      return {
        bufferedAmount: 0,
        send: (data) => {
          if (this.readyState !== 1) return;
          const given = ArrayBuffer.isView(data)
            ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
            : data;
          this.#call(this.onmessage, { data: given });
        },
        together: (write) => write(),
        close: (code, reason) => {
          if (this.readyState !== 1) return;
          this.readyState = 2;
          // as every WebSocket's, after what came before it has been worked through
          setImmediate(() => this.#closed(code, reason));
        },
      };
    }

    #closed(code: number, reason: string): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.#client?.close();
      this.#call(this.onclose, { code, reason, wasClean: code !== 1006 });
    }

    /** A handler that throws is the program's own affair, and must not end the kernel of others. */
    #call<T>(handler: ((event: T) => void) | null, event: T): void {
      try {
        handler?.(event);
      } catch (error) {
        host.tell({ kind: 'request-failed', method: 'websocket', path: 'in-process', error });
      }
    }
  };
}
