import { type JupyterMessage, WEBSOCKET_V1 } from '@kernelkit/protocol';
import { Deadline, QuietTimer } from '../wait/index.js';
import { FinalFailure, persist, RECONNECT_WITHIN_MS, type ReconnectOptions } from './reconnect.js';
import type { ServerSettings } from './types.js';
import { KernelSocket, type SocketOptions, WebSocketFailedError } from './websocket.js';

export interface LineOptions extends SocketOptions {
  reconnect: ReconnectOptions;
  /** Milliseconds between two looks whether the server's end is there, and that it has to show itself. */
  ping: { interval: number; timeout: number };
  /** Milliseconds for the first opening: the server waits with it for the kernel to start. */
  openTimeout: number;
}

export interface LineEvents {
  message(message: JupyterMessage): void;
  invalid(error: Error): void;
  /** The connection has ended; it is being made again. */
  lost(reason: string): void;
  /** It is there again, and nothing was sent on it yet. */
  back(ms: number): void;
  /** It will not be made again. */
  over(error: Error): void;
}

/** How long one try to connect again may take: a server that is behind a dead network does not even refuse. */
const TRY_MS = 10_000;
/** A connection that lasted for so long was a good one. */
const STABLE_MS = 5000;
/** So many in a row that did not last: somebody else uses the same session, or the server throws us out for what we send. */
const UNSTABLE_LIMIT = 10;

/** A connection to a kernel's channels that is made again when it breaks. */
export class Line {
  readonly #settings: ServerSettings;
  readonly #url: string;
  readonly #look: (signal: AbortSignal) => Promise<void>;
  readonly #options: LineOptions;
  readonly #events: LineEvents;
  readonly #end = new AbortController();
  readonly #pingTimer = new QuietTimer();
  #socket: KernelSocket | null = null;
  #protocols: readonly string[] | null = null;
  #since = 0;
  #unstable = 0;
  #heard = false;
  /** Who waits for the connection to be there again. */
  #waiting: (() => void)[] = [];

  /** @param look asks the server for the kernel, before each try; throws FinalFailure where no try can help */
  constructor(
    settings: ServerSettings,
    url: string,
    look: (signal: AbortSignal) => Promise<void>,
    options: LineOptions,
    events: LineEvents,
  ) {
    this.#settings = settings;
    this.#url = url;
    this.#look = look;
    this.#options = options;
    this.#events = events;
  }

  get isOpen(): boolean {
    return this.#socket !== null;
  }

  get canPing(): boolean {
    return this.#socket?.canPing ?? false;
  }

  /** Opens the first connection. Later ones are made without being asked for. */
  async open(signal?: AbortSignal): Promise<void> {
    using deadline = new Deadline(this.#options.openTimeout, signal, this.#end.signal);
    try {
      await this.#look(deadline.signal);
      await this.#connect(deadline.signal);
    } catch (error) {
      if (error instanceof FinalFailure) throw error.error;
      if (!deadline.hasPassed) throw error;
      const seconds = this.#options.openTimeout / 1000;
      throw new WebSocketFailedError(`the server did not open the connection to the kernel within ${seconds} s`, 1006);
    }
  }

  /** Sends on the connection that there is, or the next. @throws Error when there will be none */
  async send(message: JupyterMessage, sending: () => void): Promise<void> {
    for (;;) {
      this.#end.signal.throwIfAborted();
      const socket = this.#socket;
      if (socket === null) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        continue;
      }
      try {
        sending();
        await socket.send(message);
        return;
      } catch (error) {
        // It ended before this one was sent.
        if (!(error instanceof WebSocketFailedError)) throw error;
        if (socket === this.#socket) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    }
  }

  async ping(signal: AbortSignal): Promise<number> {
    if (this.#socket === null) throw new Error('the connection to the server is broken');
    return this.#socket.ping(signal);
  }

  /** Gives the present connection up, and makes another. */
  drop(reason: string): void {
    const socket = this.#socket;
    if (socket === null) return;
    socket.abandon();
    this.#lost(reason);
  }

  async close(ms: number, reason: Error): Promise<void> {
    const socket = this.#socket;
    this.#socket = null;
    this.#pingTimer.clear();
    if (!this.#end.signal.aborted) this.#end.abort(reason);
    this.#wake();
    await socket?.close(ms);
  }

  #lost(reason: string): void {
    this.#socket = null;
    this.#pingTimer.clear();
    if (this.#end.signal.aborted) return;
    const began = performance.now();
    this.#unstable = began - this.#since > STABLE_MS ? 0 : this.#unstable + 1;
    this.#events.lost(reason);
    const left = this.#options.reconnect.within ?? RECONNECT_WITHIN_MS;
    if (left <= 0 || this.#unstable > UNSTABLE_LIMIT) {
      this.#over(new WebSocketFailedError(reason, 1006));
      return;
    }
    const signal = this.#end.signal;
    const attempt = (until: AbortSignal) => this.#again(until);
    persist(attempt, { first: this.#unstable, left, options: this.#options.reconnect, signal }).then(
      () => {
        // It may have broken again already: then that is being seen to.
        if (this.#end.signal.aborted || this.#socket === null) return;
        this.#events.back(performance.now() - began);
        this.#wake();
      },
      (error: Error) => {
        if (!this.#end.signal.aborted) this.#over(error);
      },
    );
  }

  async #again(until: AbortSignal): Promise<void> {
    using deadline = new Deadline(TRY_MS, until);
    await this.#look(deadline.signal);
    await this.#connect(deadline.signal);
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const socket = await this.#openWith(this.#protocols ?? [WEBSOCKET_V1], signal).catch((error: Error) => {
      // A strict client (browsers, `ws`) does not take a server that selects none of what it was offered, as old ones do not.
      if (this.#protocols !== null || !(error instanceof WebSocketFailedError)) throw error;
      return this.#openWith([], signal);
    });
    this.#protocols = socket.isV1 ? [WEBSOCKET_V1] : [];
    this.#socket = socket;
    this.#since = performance.now();
    this.#watch(socket);
  }

  #openWith(protocols: readonly string[], signal: AbortSignal): Promise<KernelSocket> {
    let socket: KernelSocket | null = null;
    const early: WebSocketFailedError[] = [];
    const ended = (error: WebSocketFailedError): void => {
      if (socket === null) early.push(error);
      else if (socket === this.#socket) this.#lost(error.message);
    };
    const events = {
      message: (message: JupyterMessage) => {
        this.#heard = true;
        this.#events.message(message);
      },
      invalid: (error: Error) => this.#events.invalid(error),
      ended,
    };
    const { quickAck, sendLimit } = this.#options;
    return KernelSocket.open(this.#settings, {
      ...{ url: this.#url, protocols, events, signal },
      options: { quickAck, sendLimit },
    }).then((opened) => {
      if (early[0] !== undefined) throw early[0];
      socket = opened;
      return opened;
    });
  }

  /** A network that swallows everything breaks no connection: only a question that is not answered tells. */
  #watch(socket: KernelSocket): void {
    const { interval, timeout } = this.#options.ping;
    if (!socket.canPing || interval <= 0) return;
    this.#heard = false;
    this.#pingTimer.arm(interval, () => {
      if (this.#heard) this.#watch(socket);
      else void this.#ask(socket, timeout);
    });
  }

  async #ask(socket: KernelSocket, timeout: number): Promise<void> {
    using deadline = new Deadline(timeout, this.#end.signal);
    try {
      await socket.ping(deadline.signal);
    } catch {
      // What was heard meanwhile is as good as an answer, which may be behind much.
      const isDead = deadline.hasPassed && !this.#heard;
      if (isDead && socket === this.#socket) this.drop(`the server did not answer for ${timeout / 1000} s`);
    }
    if (socket === this.#socket) this.#watch(socket);
  }

  #over(error: Error): void {
    this.#end.abort(error);
    this.#wake();
    this.#events.over(error);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
