import { randomUUID } from 'node:crypto';
import {
  type ConnectionInfo,
  type DecodeOptions,
  decodeZmq,
  encodeZmq,
  endpoint,
  type JupyterMessage,
  type Signer,
} from '@kernelkit/protocol';
import { Dealer, parseEndpoint, Request } from '@kernelkit/zmtp';
import {
  type ChannelNotice,
  type Channels,
  type ChannelsGone,
  type ChannelsListener,
  Dialect,
  ListenerSet,
} from '../channels/index.js';
import { KernelkitError } from '../errors/index.js';
import { Deadline, settlesWithin, untilAborted } from '../wait/index.js';
import { Absences } from './absences.js';
import { DEFAULT_IOPUB_LIMIT, type IopubReader } from './iopub.js';
import { readIopubInWorker } from './iopub-in-worker.js';
import { readIopubOnMain } from './iopub-on-main.js';
import { nodeSigner } from './signer.js';
import { canStayUnread } from './unread.js';

/** The channels are closed, or their kernel is gone; what was to be sent was not. */
export class ChannelsGoneError extends KernelkitError {
  constructor(gone: ChannelsGone) {
    super('channels-gone', gone.message, { cause: gone.cause });
  }
}

/** How five sockets are opened, and how much may wait in them. */
export interface RawOptions {
  /** Our session id; also the ZeroMQ identity that shell, control and stdin share. Default: a new UUID. */
  session?: string;
  /** Where iopub is read. Default `worker`: see DESIGN, decision 10. */
  iopub?: 'worker' | 'main';
  /** Bytes of output that may wait for this thread before messages are dropped, with a notice. Default 256 MiB. */
  iopubLimit?: number;
  /** Leave large contents unread until somebody looks at them (`withUnreadContent`): for a relay. Default false. */
  relay?: boolean;
  /** Bytes in one message, at most. Default 1 GiB. */
  maxMessageSize?: number;
  /**
   * Milliseconds that a channel which the kernel closed may stay closed. Then the kernel counts as lost, although its process
   * runs: what is asked on that channel would wait for ever. Default 4000.
   */
  reconnect?: number;
}

const GIB = 1024 ** 3;
const LINGER_MS = 1000;
const HEARTBEAT_MS = 5000;
/** Less than a cell waits for an idle that is missing: it must not count as done when the output behind it is lost. */
const RECONNECT_MS = 4000;
const dealerChannels = ['shell', 'control', 'stdin'] as const;
type DealerChannel = (typeof dealerChannels)[number];

/** A kernel's five ZeroMQ sockets as Channels. Connecting begins at once and goes on until the kernel has bound. */
export class RawChannels implements Channels {
  readonly session: string;
  readonly #info: ConnectionInfo;
  readonly #signer: Signer;
  readonly #decoding: DecodeOptions;
  readonly #dialect = new Dialect();
  readonly #dealers: Record<DealerChannel, Dealer>;
  readonly #iopub: IopubReader;
  readonly #messages = new ListenerSet<JupyterMessage>();
  readonly #notices = new ListenerSet<ChannelNotice>();
  readonly #goneListeners = new ListenerSet<ChannelsGone>();
  readonly #iopubUp: Promise<void>;
  #iopubConnected: () => void = () => {};
  #iopubOpen = false;
  /** When the present iopub connection has ended; resolved while there is none. */
  #iopubEnd: Promise<void> = Promise.resolve();
  #iopubEnded: () => void = () => {};
  readonly #ended = new AbortController();
  readonly #absences: Absences;
  #gone: ChannelsGone | null = null;
  #closing: Promise<void> | null = null;

  constructor(info: ConnectionInfo, options: RawOptions = {}) {
    this.session = options.session ?? randomUUID();
    this.#info = info;
    this.#decoding = options.relay === true ? { leaveUnread: canStayUnread } : {};
    this.#signer = nodeSigner(info.key, info.signature_scheme);
    const reconnect = options.reconnect ?? RECONNECT_MS;
    this.#absences = new Absences(reconnect, (channel) =>
      this.#fail(channel, new Error(`the kernel closed it, and did not open it again within ${reconnect / 1000} s`)),
    );
    const maxMessageSize = options.maxMessageSize ?? GIB;
    // All of them before the first is opened: a bad one must not leave the others behind.
    const [iopubEndpoint, ...others] = [endpoint(info, 'iopub'), ...dealerChannels.map((name) => endpoint(info, name))];
    for (const each of [iopubEndpoint!, ...others]) parseEndpoint(each, 'connect');
    const read = options.iopub === 'main' ? readIopubOnMain : readIopubInWorker;
    this.#iopubUp = new Promise((resolve) => {
      this.#iopubConnected = resolve;
    });
    // iopub first: it has to be subscribed before the first request is answered.
    this.#iopub = read(
      { endpoint: iopubEndpoint!, limit: options.iopubLimit ?? DEFAULT_IOPUB_LIMIT, maxMessageSize },
      {
        message: (frames) => this.#receive(frames, 'iopub'),
        overflow: (messages, bytes) => this.#notices.emit({ kind: 'overflow', channel: 'iopub', messages, bytes }),
        connected: () => {
          this.#absences.came('iopub');
          this.#iopubOpen = true;
          this.#iopubEnd = new Promise((resolve) => {
            this.#iopubEnded = resolve;
          });
          this.#iopubConnected();
        },
        disconnected: (reason) => {
          this.#iopubOpen = false;
          this.#iopubEnded();
          this.#disconnected('iopub', reason);
        },
        failed: (error) => this.#fail('iopub', error),
      },
    );
    const dealer = (channel: DealerChannel): Dealer => {
      const socket = new Dealer({ routingId: this.session, maxMessageSize, maxFrameSize: maxMessageSize });
      // a question comes after what was printed before it, which another thread reads
      const ask = (frames: Uint8Array[]) => void this.#iopub.caughtUp().then(() => this.#receive(frames, channel));
      socket.onMessage = channel === 'stdin' ? ask : (frames) => this.#receive(frames, channel);
      socket.on('handshake', () => this.#absences.came(channel));
      socket.on('disconnect', ({ error }) => {
        this.#disconnected(channel, error?.message ?? 'the kernel closed the connection');
      });
      socket.on('error', (error) => this.#fail(channel, error));
      socket.connect(endpoint(info, channel));
      return socket;
    };
    this.#dealers = { shell: dealer('shell'), control: dealer('control'), stdin: dealer('stdin') };
  }

  get gone(): ChannelsGone | null {
    return this.#gone;
  }

  /** The sockets that are connected to the kernel at this moment. */
  get opened(): ReadonlySet<JupyterMessage['channel']> {
    const open = new Set<JupyterMessage['channel']>(dealerChannels.filter((name) => this.#dealers[name].connected > 0));
    if (this.#iopubOpen) open.add('iopub');
    return open;
  }

  /** Resolves when shell, control and iopub have shaken hands with the kernel; ends with the signal or with `gone`. */
  async connected(signal?: AbortSignal): Promise<void> {
    const stop = new AbortController();
    using deadline = new Deadline(Number.POSITIVE_INFINITY, stop.signal, this.#ended.signal, signal);
    const until = deadline.signal;
    const { shell, control } = this.#dealers;
    try {
      await untilAborted('Connecting to the kernel', until, () =>
        Promise.all([shell.ready(until), control.ready(until), this.#iopubUp]),
      );
    } catch (error) {
      if (this.#gone !== null) throw new ChannelsGoneError(this.#gone);
      throw error;
    } finally {
      stop.abort();
    }
  }

  /**
   * After the kernel's process has ended: resolves when everything that it had sent on iopub has been delivered, which is
   * when the socket's end was read; after `ms` milliseconds in any case, since a child of the kernel can hold the socket open. Whether it was.
   */
  drained(ms: number): Promise<boolean> {
    return settlesWithin(this.#iopubEnd, ms);
  }

  async send(message: JupyterMessage): Promise<void> {
    if (this.#gone !== null) throw new ChannelsGoneError(this.#gone);
    if (message.channel === 'iopub')
      throw new TypeError('nothing can be sent on iopub: it is what the kernel publishes');
    await this.#dealers[message.channel].send(encodeZmq(this.#dialect.send(message), this.#signer));
  }

  listen(listener: ChannelsListener): () => void {
    const removers: (() => void)[] = [];
    if (listener.message !== undefined) removers.push(this.#messages.add((message) => listener.message?.(message)));
    if (listener.notice !== undefined) removers.push(this.#notices.add((notice) => listener.notice?.(notice)));
    if (listener.gone !== undefined) removers.push(this.#goneListeners.add((reason) => listener.gone?.(reason)));
    return () => {
      for (const remove of removers) remove();
    };
  }

  /**
   * One beat: the time in milliseconds until the kernel's process echoed it. That only says that its input thread
   * lives: octave beats four seconds before it answers anything (testbed.md §1, quirk 1).
   * @param signal how long to wait; 5 s by default
   */
  async heartbeat(signal?: AbortSignal): Promise<number> {
    using deadline = new Deadline(
      signal === undefined ? HEARTBEAT_MS : Number.POSITIVE_INFINITY,
      signal,
      this.#ended.signal,
    );
    await using socket = new Request({ linger: 0 });
    socket.connect(endpoint(this.#info, 'hb'));
    const started = performance.now();
    await socket.request([Buffer.from('ping')], { signal: deadline.signal });
    return performance.now() - started;
  }

  /** @param linger milliseconds that unsent messages may still take; 0 when the kernel is gone. Default 1000 */
  close(linger = LINGER_MS): Promise<void> {
    this.#closing ??= this.#close({ kind: 'closed', message: 'the connection to the kernel was closed' }, linger);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #receive(frames: Uint8Array[], channel: JupyterMessage['channel']): void {
    let message: JupyterMessage;
    try {
      message = this.#dialect.receive(decodeZmq(frames, channel, this.#signer, this.#decoding).message);
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#notices.emit({ kind: 'invalid', channel, reason: cause.message, error: cause });
      return;
    }
    this.#messages.emit(message);
  }

  #disconnected(channel: string, reason: string): void {
    if (this.#closing !== null) return;
    // Cells that ask nothing need no stdin.
    if (channel !== 'stdin') this.#absences.left(channel);
    this.#notices.emit({ kind: 'disconnected', channel, reason });
  }

  #fail(channel: string, cause: Error): void {
    if (this.#closing !== null) return;
    const reason: ChannelsGone = {
      kind: 'failed',
      message: `the kernel's ${channel} socket cannot be used: ${cause.message}`,
      cause,
    };
    this.#closing = this.#close(reason, 0);
    // Nobody called close() who could take a rejection of it.
    this.#closing.catch(() => {});
    // Whoever waits for an answer learns it now, not when the other sockets have flushed.
    this.#goneListeners.emit(reason);
    this.#goneListeners.clear();
    // Nothing follows.
    this.#messages.clear();
    this.#notices.clear();
  }

  async #close(reason: ChannelsGone, linger: number): Promise<void> {
    this.#gone = reason;
    this.#absences.end();
    this.#ended.abort(new ChannelsGoneError(reason));
    await Promise.all([
      ...dealerChannels.map((channel) => this.#dealers[channel].close({ linger })),
      this.#iopub.close(linger === 0),
    ]);
    this.#goneListeners.emit(reason);
    this.#messages.clear();
    this.#notices.clear();
    this.#goneListeners.clear();
  }
}
