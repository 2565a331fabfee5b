import { Connection, type ConnectionHooks, type ConnectionOptions } from './connection.js';
import { Connector } from './connector.js';
import { formatEndpoint, parseEndpoint } from './endpoint.js';
import { rethrowLater, ZmtpError } from './errors.js';
import { Emitter } from './events.js';
import type { Frame } from './frames.js';
import { type ResolvedOptions, resolveOptions, type SocketOptions } from './options.js';
import { defaultRetry } from './retry.js';
import type { Peer, SocketType } from './session.js';
import { type Listener, listenStreams } from './stream.js';

/** The events of a socket; `on` says when each comes. */
export interface SocketEvents {
  /** A peer is there, and both sides agreed to talk. */
  handshake: { endpoint: string; peer: Peer };
  /** A peer that was there is gone. */
  disconnect: { endpoint: string; error: ZmtpError | null; willRetry: boolean };
  /** Messages were dropped, since the last such event. */
  overflow: { messages: number; bytes: number };
  /** A connected endpoint has failed for good: no further attempt will be made. */
  error: ZmtpError;
}

/** What all socket types share: endpoints, connections, events, the end. */
export abstract class Socket implements AsyncDisposable {
  protected readonly options: ResolvedOptions;
  /** Those whose handshake is over, oldest first. */
  protected readonly peers: Connection[] = [];
  readonly #emitter = new Emitter<SocketEvents>();
  readonly #connectionOptions: ConnectionOptions;
  readonly #connectors = new Map<string, Connector>();
  readonly #listeners = new Map<string, Listener>();
  readonly #connections = new Set<Connection>();
  #failure: ZmtpError | null = null;
  #closing: Promise<void> | null = null;
  #lost = { messages: 0, bytes: 0 };

  constructor(socketType: SocketType, options: SocketOptions) {
    this.options = resolveOptions(options);
    this.#connectionOptions = { ...this.options, socketType };
  }

  /** Peers whose handshake is over. */
  get connected(): number {
    return this.peers.length;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closing !== null;
  }

  /** Adds a listener; gives the function that takes it off. */
  on<Name extends keyof SocketEvents>(name: Name, listener: (payload: SocketEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Connects, as soon as the peer is there, and again whenever it comes back. Throws ZmtpError `EENDPOINT` or `ECLOSED`. */
  connect(endpoint: string): void {
    this.#checkOpen();
    const parsed = parseEndpoint(endpoint, 'connect');
    const before = this.#connectors.get(endpoint);
    if (before && !before.stopped) return;
    const retry = { ...defaultRetry(parsed), ...this.options.retry };
    const connector: Connector = new Connector(
      endpoint,
      parsed,
      retry,
      () => this.#make(endpoint, connector),
      (error) => this.#fatal(error),
    );
    this.#connectors.set(endpoint, connector);
    this.#failure = null;
    connector.start();
  }

  /** Takes back a connect() or bind() of that very endpoint; what is queued for it is flushed within `linger`. */
  disconnect(endpoint: string): void {
    this.#listeners.get(endpoint)?.close();
    this.#listeners.delete(endpoint);
    this.#connectors.get(endpoint)?.stop();
    this.#connectors.delete(endpoint);
    for (const connection of this.#connections) {
      if (connection.endpoint === endpoint) void connection.close(this.options.linger);
    }
  }

  /**
   * Listens. Resolves with the endpoint to connect to (the real port where 0 was asked for). Rejects with ZmtpError
   * `EENDPOINT`, `EBIND` or `ECLOSED`. The file of a Unix socket goes away on close; one left by a crash is replaced.
   */
  async bind(endpoint: string): Promise<string> {
    this.#checkOpen();
    const parsed = parseEndpoint(endpoint, 'bind');
    let real = endpoint;
    const listener = await listenStreams(parsed, (stream) => this.#make(real, null).attach(stream));
    if (this.#closing) {
      listener.close();
      throw closedError();
    }
    real = formatEndpoint(listener.endpoint);
    this.#listeners.set(real, listener);
    return real;
  }

  /** Resolves once a handshake is over. Rejects with the ZmtpError that makes it impossible, or the abort's reason. */
  ready(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#closing) return Promise.reject(closedError());
    if (this.connected > 0) return Promise.resolve();
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const offs = [
        this.on('handshake', () => settle(resolve)),
        // Not while another endpoint may still come up.
        this.on('error', (error) => {
          if (this.#failure) settle(() => reject(error));
        }),
        this.#onClose(() => settle(() => reject(closedError()))),
      ];
      const abort = () => settle(() => reject(signal?.reason));
      const settle = (then: () => void) => {
        for (const off of offs) off();
        signal?.removeEventListener('abort', abort);
        then();
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /**
   * Sends what is queued for at most `linger` ms (default: the option's), and ends. Resolves when no socket, timer or file
   * of it is left; never rejects.
   */
  close(options: { linger?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.linger ?? this.options.linger);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // ---- for the socket types

  /** A handshake is over. May refuse the peer by connection.fail(). */
  protected abstract joined(connection: Connection): void;
  /** A peer that joined is gone. */
  protected abstract left(connection: Connection, error: ZmtpError | null): void;
  protected abstract received(connection: Connection, frames: Frame[]): void;
  /** The socket is closed, or its last endpoint has failed. */
  protected abstract ended(reason: ZmtpError): void;
  protected subscription(_connection: Connection, _topic: Uint8Array, _subscribe: boolean): void {}
  protected drained(_connection: Connection): void {}
  /** Bytes that wait for a first connection. */
  protected get waiting(): number {
    return 0;
  }

  /** Why nothing can be sent any more; null while it can. */
  protected get unusable(): ZmtpError | null {
    if (this.#closing) return closedError();
    return this.#failure;
  }

  /** Calls a program's callback, whose exceptions are not ours. */
  protected guard<T>(callback: ((payload: T) => void) | null, payload: T): void {
    try {
      callback?.(payload);
    } catch (error) {
      rethrowLater(error);
    }
  }

  /** Tells of dropped messages, once for all those of a tick. */
  protected drop(bytes: number): void {
    if (this.#lost.messages === 0) {
      process.nextTick(() => {
        const lost = this.#lost;
        this.#lost = { messages: 0, bytes: 0 };
        this.#emitter.emit('overflow', lost);
      });
    }
    this.#lost.messages++;
    this.#lost.bytes += bytes;
  }

  // ---- inside

  #closeListeners = new Set<() => void>();

  #onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  #checkOpen(): void {
    if (this.#closing) throw closedError();
  }

  #make(endpoint: string, connector: Connector | null): Connection {
    const hooks: ConnectionHooks = {
      handshake: (connection, peer) => {
        connector?.succeeded();
        this.peers.push(connection);
        this.joined(connection);
        // A ROUTER refuses a routing id that is taken.
        if (!connection.failed) this.#emitter.emit('handshake', { endpoint, peer });
      },
      message: (connection, frames) => this.received(connection, frames),
      subscription: (connection, topic, subscribe) => this.subscription(connection, topic, subscribe),
      drain: (connection) => this.drained(connection),
      closed: (connection, error) => {
        this.#connections.delete(connection);
        const index = this.peers.indexOf(connection);
        if (index >= 0) {
          this.peers.splice(index, 1);
          this.left(connection, error);
        }
        const willRetry = connector?.lost(connection, error) ?? false;
        if (connection.opened) this.#emitter.emit('disconnect', { endpoint, error, willRetry });
      },
    };
    const connection = new Connection(endpoint, this.#connectionOptions, hooks);
    this.#connections.add(connection);
    return connection;
  }

  #fatal(error: ZmtpError): void {
    const alive = [...this.#connectors.values()].some((connector) => !connector.stopped) || this.#listeners.size > 0;
    if (!alive) {
      this.#failure = error;
      this.ended(error);
    }
    this.#emitter.emit('error', error);
  }

  async #close(linger: number): Promise<void> {
    const deadline = performance.now() + linger;
    const reason = closedError();
    for (const listener of [...this.#closeListeners]) listener();
    for (const listener of this.#listeners.values()) listener.close();
    // What was sent before the peer was there still wants to go.
    if (this.waiting > 0 && linger > 0 && !this.#failure) await this.#firstPeer(linger);
    for (const connector of this.#connectors.values()) connector.stop();
    const left = Math.max(0, deadline - performance.now());
    await Promise.all([...this.#connections].map((connection) => connection.close(left)));
    this.ended(reason);
  }

  #firstPeer(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        for (const off of offs) off();
        resolve();
      };
      const timer = setTimeout(done, ms);
      const failed = () => {
        if (this.#failure) done();
      };
      const offs = [this.on('handshake', done), this.on('error', failed)];
    });
  }
}

function closedError(): ZmtpError {
  return new ZmtpError('ECLOSED', 'The socket is closed');
}
