import {
  decodeWebSocketLegacy,
  decodeWebSocketV1,
  encodeWebSocketLegacy,
  encodeWebSocketV1,
  type JupyterMessage,
  WEBSOCKET_V1,
} from '@kernelkit/protocol';
import { KernelkitError } from '../errors/index.js';
import { Deadline, QuietTimer } from '../wait/index.js';
import type { ServerSettings, WebSocketLike } from './types.js';

/** What Node's WebSockets can, and a browser's cannot. `ws` has all of it. */
export interface PingingSocket extends WebSocketLike {
  ping?(): void;
  pong?(): void;
  /** Ends it at once, without waiting for the peer to agree. */
  terminate?(): void;
  on?(event: 'pong', listener: () => void): unknown;
}

/** The WebSocket to a kernel could not be opened, or ended while it was. */
export class WebSocketFailedError extends KernelkitError {
  /** The WebSocket's close code; 1006 where there was no closing at all, as browsers have it. */
  readonly code: number;

  constructor(what: string, code: number, cause?: unknown) {
    super('websocket-failed', what, { cause, fix: cause instanceof KernelkitError ? cause.fix : null });
    this.code = code;
  }
}

export interface SocketEvents {
  message(message: JupyterMessage): void;
  /** What came could not be read. */
  invalid(error: Error): void;
  /** It has ended, and not because we closed it. Called once; nothing follows. */
  ended(error: WebSocketFailedError): void;
}

export interface SocketOptions {
  /** Answer what comes with a pong, where the platform can: see `#acknowledge`. */
  quickAck: boolean;
  /** Bytes that may wait to be sent before `send` waits. */
  sendLimit: number;
}

const OPEN = 1;
/** How often a full send buffer is looked at: WebSockets do not say when they have room again. */
const LOOK_MS = 10;

/** `wss://…/api/kernels/<id>/channels`, with the session, and the token for those who cannot send headers. */
export function channelsUrl({ baseUrl, token }: ServerSettings, kernelId: string, session: string): string {
  const url = new URL(`api/kernels/${encodeURIComponent(kernelId)}/channels`, baseUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('session_id', session);
  if (token !== '') url.searchParams.set('token', token);
  return url.href;
}

/** One WebSocket to a kernel's channels, from its opening to its end. */
export class KernelSocket {
  readonly #socket: PingingSocket;
  readonly #events: SocketEvents;
  readonly #options: SocketOptions;
  #opened: (() => void) | null = null;
  #failed: ((error: Error) => void) | null = null;
  #isOver = false;
  /** Sends that wait for room, one behind the other. */
  #queue: Promise<void> = Promise.resolve();
  #queued = 0;
  #lastError: unknown;
  readonly #pongs = new Set<() => void>();

  private constructor(socket: PingingSocket, events: SocketEvents, options: SocketOptions) {
    this.#socket = socket;
    this.#events = events;
    this.#options = options;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#opened?.();
    socket.onmessage = ({ data }) => this.#receive(data);
    // Says nothing in a browser; in Node it is where the server's answer stands. `onclose` follows.
    socket.onerror = (event) => {
      const { error, message } = event as { error?: unknown; message?: string };
      this.#lastError = error ?? (message === undefined ? undefined : new Error(message));
    };
    socket.onclose = ({ code, reason }) => this.#end(code, reason);
    socket.on?.('pong', () => {
      for (const resolve of this.#pongs) resolve();
    });
  }

  /**
   * @param protocols what is offered; a server may select none of them
   * @throws WebSocketFailedError, the signal's reason
   */
  static async open(
    settings: ServerSettings,
    { url, protocols, events, options, signal }: OpenSocket,
  ): Promise<KernelSocket> {
    signal.throwIfAborted();
    const headers = { ...settings.headers };
    if (settings.token !== '') headers.Authorization ??= `token ${settings.token}`;
    const socket = new KernelSocket(settings.network.openWebSocket(url, protocols, headers), events, options);
    const abandon = (): void => {
      socket.#failed?.(signal.reason as Error);
      socket.abandon();
    };
    try {
      await new Promise<void>((resolve, reject) => {
        socket.#opened = resolve;
        socket.#failed = reject;
        signal.addEventListener('abort', abandon, { once: true });
      });
    } finally {
      signal.removeEventListener('abort', abandon);
      socket.#opened = null;
      socket.#failed = null;
    }
    return socket;
  }

  /** Whether the v1 encoding was agreed upon. */
  get isV1(): boolean {
    return this.#socket.protocol === WEBSOCKET_V1;
  }

  get canPing(): boolean {
    return this.#socket.ping !== undefined && this.#socket.on !== undefined;
  }

  /** Hands a message to the socket, when there is room for it. In the order of the calls. */
  send(message: JupyterMessage): Promise<void> {
    // Encoded now: what is wrong with it is the caller's to know, and what he changes later is not sent.
    const data = this.isV1 ? encodeWebSocketV1(message) : encodeWebSocketLegacy(message);
    if (this.#queued === 0 && this.#hasRoom && this.#isOpen) {
      this.#socket.send(data);
      return Promise.resolve();
    }
    this.#queued += 1;
    const sent = this.#queue.then(async () => {
      await this.#room();
      this.#socket.send(data);
    });
    this.#queue = sent
      .catch(() => {})
      .finally(() => (this.#queued -= 1))
      .then(() => {});
    return sent;
  }

  /** Milliseconds until the server's end answered. @throws the signal's reason */
  async ping(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const began = performance.now();
    let done = (): void => {};
    let stop = (): void => {};
    try {
      await new Promise<void>((resolve, reject) => {
        done = resolve;
        stop = () => reject(signal.reason as Error);
        signal.addEventListener('abort', stop, { once: true });
        this.#pongs.add(done);
        this.#socket.ping?.();
      });
    } finally {
      this.#pongs.delete(done);
      signal.removeEventListener('abort', stop);
    }
    return performance.now() - began;
  }

  /** Waits until what was sent has left, for `ms` at most, and closes. */
  async close(ms: number): Promise<void> {
    using deadline = new Deadline(ms);
    while (!this.#isOver && !deadline.signal.aborted && (this.#queued > 0 || this.#socket.bufferedAmount > 0))
      await look();
    this.#isOver = true;
    this.#silence();
    this.#socket.close(1000);
  }

  /** Its peer does not answer: whatever still came on it would come too late. */
  abandon(): void {
    this.#isOver = true;
    this.#silence();
    if (this.#socket.terminate !== undefined) this.#socket.terminate();
    else this.#socket.close();
  }

  get #hasRoom(): boolean {
    return this.#socket.bufferedAmount <= this.#options.sendLimit;
  }

  get #isOpen(): boolean {
    return !this.#isOver && this.#socket.readyState === OPEN;
  }

  async #room(): Promise<void> {
    while (this.#isOpen && !this.#hasRoom) await look();
    // One that is closed swallows what it is given.
    if (!this.#isOpen)
      throw new WebSocketFailedError('the connection to the server ended before the message was sent', 1006);
  }

  #receive(data: unknown): void {
    if (this.#isOver) return;
    this.#acknowledge();
    let message: JupyterMessage;
    try {
      message =
        typeof data === 'string' || !this.isV1
          ? decodeWebSocketLegacy(data as string | ArrayBuffer)
          : decodeWebSocketV1(data as ArrayBuffer);
    } catch (error) {
      this.#events.invalid(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#events.message(message);
  }

  /**
   * No Jupyter server sets TCP_NODELAY: the second of two messages waits in its kernel until the first is acknowledged, which ours does
   * after 40 ms unless it has something to send. A pong that nobody asked for is something to send, and says nothing (RFC 6455, 5.5.3).
   * Each message needs its own: one per millisecond frees the first, and the next waits again.
   */
  #acknowledge(): void {
    if (!this.#options.quickAck || this.#socket.pong === undefined) return;
    // What waits to be sent carries the acknowledgement.
    if (this.#socket.bufferedAmount === 0) this.#socket.pong();
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#silence();
    const why = reason !== '' ? reason : this.#lastError instanceof Error ? this.#lastError.message : `code ${code}`;
    const wasOpening = this.#failed !== null;
    const what = wasOpening ? 'the WebSocket to the kernel could not be opened' : 'the connection to the server ended';
    const error = new WebSocketFailedError(`${what}: ${why}`, code, this.#lastError);
    if (wasOpening) this.#failed?.(error);
    else this.#events.ended(error);
  }

  /** Nothing more is taken from it; an error that it still has must find a listener, or it ends the program (`ws`). */
  #silence(): void {
    this.#socket.onopen = null;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket.onerror = () => {};
  }
}

export interface OpenSocket {
  url: string;
  protocols: readonly string[];
  events: SocketEvents;
  options: SocketOptions;
  signal: AbortSignal;
}

function look(): Promise<void> {
  const timer = new QuietTimer();
  return new Promise((resolve) => timer.arm(LOOK_MS, resolve));
}
