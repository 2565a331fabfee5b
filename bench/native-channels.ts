import { randomUUID } from 'node:crypto';
import {
  type ChannelNotice,
  type Channels,
  type ChannelsGone,
  type ChannelsListener,
  Dialect,
  ListenerSet,
  nodeSigner,
} from '@kernelkit/core';
import {
  type ConnectionInfo,
  decodeZmq,
  encodeZmq,
  endpoint,
  type JupyterMessage,
  type Signer,
} from '@kernelkit/protocol';
import { Dealer, Subscriber } from 'zeromq';

type DealerChannel = 'shell' | 'control' | 'stdin';

/**
 * A kernel's sockets over npm's `zeromq`, libzmq as a native addon: what the Kernel client would be with that transport
 * instead of ours. Encoding, signing and everything above are the same code, so that a difference is the transport's.
 */
export class NativeChannels implements Channels {
  readonly session = randomUUID();
  readonly #signer: Signer;
  readonly #dialect = new Dialect();
  readonly #dealers: Record<DealerChannel, Dealer>;
  readonly #iopub: Subscriber;
  readonly #messages = new ListenerSet<JupyterMessage>();
  readonly #notices = new ListenerSet<ChannelNotice>();
  readonly #goneListeners = new ListenerSet<ChannelsGone>();
  /** zeromq.js refuses a second send() while one is pending. */
  readonly #sent = new Map<DealerChannel, Promise<void>>();
  readonly #readers: Promise<void>[];
  #gone: ChannelsGone | null = null;

  constructor(info: ConnectionInfo) {
    this.#signer = nodeSigner(info.key, info.signature_scheme);
    const soon = { reconnectInterval: 5, linger: 0 };
    this.#iopub = new Subscriber({ ...soon, receiveHighWaterMark: 0 });
    this.#iopub.connect(endpoint(info, 'iopub'));
    this.#iopub.subscribe();
    const dealer = (channel: DealerChannel): Dealer => {
      const socket = new Dealer({ ...soon, routingId: this.session, receiveHighWaterMark: 0, sendHighWaterMark: 0 });
      socket.connect(endpoint(info, channel));
      return socket;
    };
    this.#dealers = { shell: dealer('shell'), control: dealer('control'), stdin: dealer('stdin') };
    this.#readers = [
      this.#read(this.#iopub, 'iopub'),
      ...(['shell', 'control', 'stdin'] as const).map((channel) => this.#read(this.#dealers[channel], channel)),
    ];
  }

  get gone(): ChannelsGone | null {
    return this.#gone;
  }

  send(message: JupyterMessage): Promise<void> {
    if (this.#gone !== null) return Promise.reject(new Error(this.#gone.message));
    const { channel } = message;
    if (channel === 'iopub') return Promise.reject(new TypeError('nothing can be sent on iopub'));
    const frames = encodeZmq(this.#dialect.send(message), this.#signer);
    const before = this.#sent.get(channel);
    const sent =
      before === undefined
        ? this.#dealers[channel].send(frames)
        : before.then(() => this.#dealers[channel].send(frames));
    const settled = sent
      .catch(() => {})
      .then(() => {
        if (this.#sent.get(channel) === settled) this.#sent.delete(channel);
      });
    this.#sent.set(channel, settled);
    return sent;
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

  async close(): Promise<void> {
    if (this.#gone !== null) return;
    this.#gone = { kind: 'closed', message: 'the connection to the kernel was closed' };
    await Promise.all(this.#sent.values());
    for (const socket of [this.#iopub, ...Object.values(this.#dealers)]) socket.close();
    await Promise.all(this.#readers);
    this.#goneListeners.emit(this.#gone);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #read(socket: Dealer | Subscriber, channel: JupyterMessage['channel']): Promise<void> {
    // Ends, without an error, when the socket is closed.
    for await (const frames of socket) {
      let message: JupyterMessage;
      try {
        message = this.#dialect.receive(decodeZmq(frames, channel, this.#signer).message);
      } catch (error) {
        const cause = error instanceof Error ? error : new Error(String(error));
        this.#notices.emit({ kind: 'invalid', channel, reason: cause.message, error: cause });
        continue;
      }
      this.#messages.emit(message);
    }
  }
}
