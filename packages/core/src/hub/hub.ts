import { createMessage } from '@kernelkit/protocol';
import { callOut, type KernelInfo, quirksOfImplementation } from '../channels/index.js';
import {
  InterruptUnsupportedError,
  type KernelConnection,
  KernelDiedError,
  KernelGoneError,
  type KernelHost,
  type Revival,
} from '../kernel/index.js';
import { announced, Deadline } from '../wait/index.js';
import { HubClients } from './clients.js';
import { HubClosedError } from './errors.js';
import { Exchange } from './exchange.js';
import { HubLog } from './log.js';
import type { Hub, HubClientOptions, HubConnection, HubEvent, HubOptions, HubStart, HubState } from './types.js';

const MIB = 1024 ** 2;

/** One kernel for any number of clients. Its start begins at once; what it fails with is in `ready` and `failure`. */
export class KernelHub implements Hub {
  readonly id: string;
  readonly #start: HubStart;
  readonly #options: HubOptions;
  readonly #log: HubLog;
  readonly #clients: HubClients;
  readonly #exchange: Exchange;
  readonly #stop = new AbortController();
  #host: KernelHost | null = null;
  #connection: KernelConnection | null = null;
  #stopListening: () => void = () => {};
  #failure: Error | null = null;
  #ready: Promise<void>;
  #restarting: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  /** @param start called at once, and again by `restart` after it has failed */
  constructor(id: string, start: HubStart, options: HubOptions = {}) {
    this.id = id;
    this.#start = start;
    this.#options = options;
    const { keepBytes = 16 * MIB, maxBytes = 512 * MIB, maxPendingBytes = 16 * MIB, store, codec } = options;
    this.#log = new HubLog({ keepBytes, maxBytes, codec }, store?.restored?.log);
    this.#exchange = new Exchange(this.#log, maxPendingBytes, (event) => this.#tell(event), store);
    this.#clients = new HubClients(this.#log, this.#exchange, {
      changed: (connections) => this.#tell({ kind: 'connections', connections }),
      moved: () => store?.moved(),
    });
    this.#clients.restore(store?.restored?.places ?? new Map());
    store?.begin(() => ({
      ...{ places: this.#clients.places, requests: this.#exchange.requests, runs: this.#exchange.runs },
    }));
    this.#ready = this.#begin(this.#stop.signal);
    this.#ready.catch(() => {});
  }

  /** What its kernel is doing, as its clients are told. */
  get state(): HubState {
    return this.#exchange.state;
  }

  /** Why it could not be started, or died; null: neither. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** What the kernel says of itself; null: it is not up. */
  get info(): KernelInfo | null {
    return this.#connection?.info ?? null;
  }

  /** When it last sent or was asked something. */
  get lastActivity(): Date {
    return this.#exchange.lastActivity;
  }

  /** How many clients are there now. */
  get connections(): number {
    return this.#clients.size;
  }

  /** What is kept: the numbers of its first and last entry, and their bytes. */
  get log(): { first: number; last: number; bytes: number } {
    const { first, last, bytes } = this.#log;
    return { first, last, bytes };
  }

  get ready(): Promise<void> {
    return this.#ready;
  }

  attach(options: HubClientOptions): HubConnection {
    return this.#clients.attach(options, this.#closing !== null);
  }

  /** @throws KernelGoneError while there is no kernel; InterruptUnsupportedError; what the host throws */
  async interrupt(): Promise<void> {
    const host = this.#host;
    const connection = this.#connection;
    if (host === null || connection === null || !this.#exchange.isOpen)
      throw new KernelGoneError('channels-gone', `the kernel is ${this.state}`);
    if (host.interrupt !== null) {
      const { implementation } = connection.info;
      if (quirksOfImplementation(implementation).interrupt === 'none')
        throw new InterruptUnsupportedError(implementation);
      return host.interrupt();
    }
    const { channels } = connection;
    const { session } = channels;
    await channels.send(createMessage({ channel: 'control', type: 'interrupt_request', session, content: {} }));
  }

  /** @throws KernelGoneError where the kernel is not ours to restart; HubClosedError; what the start fails with */
  restart(signal?: AbortSignal): Promise<void> {
    if (this.#closing !== null) return Promise.reject(new HubClosedError());
    if (this.#restarting !== null) return this.#restarting;
    // Known before anybody is told: who hears of it may ask for another one.
    return announced(
      (done) => {
        this.#restarting = done;
      },
      () =>
        this.#restart(signal).finally(() => {
          this.#restarting = null;
        }),
    );
  }

  close(): Promise<void> {
    if (this.#closing !== null) return this.#closing;
    return announced(
      (done) => {
        this.#closing = done;
      },
      () => this.#close(),
    );
  }

  leave(): Promise<void> {
    if (this.#closing !== null) return this.#closing;
    return announced(
      (done) => {
        this.#closing = done;
      },
      () => this.#leave(),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #begin(signal: AbortSignal): Promise<void> {
    try {
      const host = await this.#start(signal);
      this.#host = host;
      if (this.#closing !== null) throw new HubClosedError();
      host.onDeath((death) => this.#lost(new KernelDiedError(death), death.willRestart));
      host.onRevival?.((revival) => this.#revive(revival));
      this.#connect(host.connection);
    } catch (error) {
      this.#dead(error as Error);
      throw error;
    }
  }

  #connect(connection: KernelConnection): void {
    this.#failure = null;
    this.#connection = connection;
    const { channels } = connection;
    this.#stopListening = channels.listen({
      message: (message) => this.#exchange.receive(message),
      notice: (notice) => this.#tell({ kind: 'notice', notice }),
      gone: ({ message, cause }) => this.#lost(new KernelGoneError('channels-gone', message, cause), false),
    });
    this.#exchange.open(connection);
    connection.later?.then(
      (info) => {
        connection.info = info;
      },
      () => {},
    );
  }

  /** It ended without being asked to. */
  #lost(error: Error, willRestart: boolean): void {
    if (this.#closing !== null || this.#restarting !== null || !this.#exchange.isOpen) return;
    if (!willRestart) {
      this.#dead(error);
      return;
    }
    this.#stopListening();
    this.#failure = error;
    // Not told yet: a front end that hears of it connects again, and must find a kernel (jupyterlab-services.md §3, trap 5).
    this.#exchange.shut('autorestarting', error.message);
    this.#tell({ kind: 'failed', error, willRestart: true });
  }

  #dead(error: Error): void {
    this.#stopListening();
    this.#failure = error;
    this.#exchange.die(error);
    this.#tell({ kind: 'failed', error, willRestart: false });
  }

  #revive(revival: Revival): void {
    if (this.#closing !== null || this.#restarting !== null) return;
    if (revival.kind === 'given-up') this.#dead(revival.error);
    if (revival.kind !== 'restarted') return;
    this.#exchange.announce('restarting', this.#failure);
    this.#exchange.renew();
    this.#connect(revival.connection);
  }

  async #restart(signal: AbortSignal | undefined): Promise<void> {
    const isStarting = this.#host === null && this.#failure === null;
    if (isStarting) await this.#ready.catch(() => {});
    if (this.#closing !== null) throw new HubClosedError();
    const host = this.#host;
    if (host !== null && host.restart === null)
      throw new KernelGoneError('channels-gone', 'this kernel is not ours to restart');
    using either = new Deadline(Number.POSITIVE_INFINITY, this.#stop.signal, signal);
    const busy = this.#isBusy;
    this.#stopListening();
    this.#failure = null;
    this.#exchange.shut('restarting', 'the kernel was restarted', 'KernelRestartedError');
    // Nobody is told `restarting`: front ends take that for a death, and say so (jupyter-protocol.md §5.3); `starting` comes with the new process.
    this.#exchange.renew();
    if (host === null) {
      this.#ready = this.#begin(either.signal);
      // awaited here: `either` has to last as long
      await this.#ready;
      return;
    }
    try {
      const connection = await host.restart!(busy, either.signal);
      if (this.#closing !== null) throw new HubClosedError();
      this.#connect(connection);
    } catch (error) {
      if (this.#closing === null) this.#dead(error as Error);
      throw error;
    }
  }

  /** Also where it has not said yet that it runs what it was asked: it has to be interrupted to end soon. */
  get #isBusy(): boolean {
    const { requests } = this.#exchange;
    return this.state === 'busy' || requests.some(({ header }) => (header.msg_type as string) === 'execute_request');
  }

  async #close(): Promise<void> {
    const busy = this.#isBusy;
    const closed = new HubClosedError();
    this.#stop.abort(closed);
    await Promise.allSettled([this.#ready, this.#restarting]);
    try {
      await this.#host?.shutdown(busy);
    } finally {
      this.#stopListening();
      this.#exchange.die(closed);
      this.#clients.end();
    }
  }

  async #leave(): Promise<void> {
    this.#stop.abort(new HubClosedError());
    await Promise.allSettled([this.#ready, this.#restarting]);
    try {
      if (this.#host?.leave === undefined) await this.#host?.shutdown(this.#isBusy);
      else await this.#host.leave();
    } finally {
      this.#stopListening();
      this.#clients.end('left');
    }
  }

  #tell(event: HubEvent): void {
    callOut(() => this.#options.onEvent?.(event));
  }
}
