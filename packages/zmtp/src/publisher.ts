import type { Connection } from './connection.js';
import { type Frame, messageLength, type Sendable } from './frames.js';
import type { SocketOptions } from './options.js';
import type { SocketType } from './session.js';
import { Socket } from './socket.js';
import { Topics } from './topic.js';

/**
 * PUB (RFC 29): each message goes to the peers that want it. A peer that does not keep up gets `sendBufferLimit` bytes of
 * patience; what is beyond that is dropped for it, whole messages only, with an 'overflow' event.
 */
export class Publisher extends Socket {
  readonly #topics = new Map<Connection, Topics>();

  constructor(options: SocketOptions = {}, socketType: SocketType & ('PUB' | 'XPUB') = 'PUB') {
    super(socketType, options);
  }

  /** Sends to all who subscribed to a prefix of the first frame. Never waits. Throws ZmtpError `ECLOSED`. */
  send(message: readonly Sendable[]): void {
    const unusable = this.unusable;
    if (unusable) throw unusable;
    const head = message[0];
    if (head === undefined) throw new TypeError('A ZeroMQ message has at least one frame');
    const topic = typeof head === 'string' ? Buffer.from(head) : head;
    for (const peer of this.peers) if (this.#topics.get(peer)?.matches(topic)) this.sendTo(peer, message);
  }

  protected sendTo(peer: Connection, message: readonly Sendable[]): void {
    const before = peer.pending;
    if (before > 0) {
      const size = messageLength(message);
      if (before + size > this.options.sendBufferLimit) {
        this.drop(size);
        return;
      }
    }
    peer.send(message);
  }

  protected override joined(connection: Connection): void {
    this.#topics.set(connection, new Topics());
  }

  protected override left(connection: Connection): void {
    this.#topics.delete(connection);
  }

  /** Before 3.1 a subscription is a message: 1 or 0, then the topic. */
  protected override received(connection: Connection, frames: Frame[]): void {
    const first = frames[0]!;
    if (frames.length === 1 && (first[0] === 0 || first[0] === 1)) {
      this.subscription(connection, first.subarray(1), first[0] === 1);
    }
  }

  protected override subscription(connection: Connection, topic: Uint8Array, subscribe: boolean): void {
    const topics = this.#topics.get(connection);
    if (subscribe) topics?.add(topic);
    else topics?.remove(topic);
  }

  protected override ended(): void {}
}

/** That a peer subscribed to a topic, or no longer does. */
export interface Subscription {
  readonly topic: Uint8Array;
  /** false: a subscription was taken back. */
  readonly subscribe: boolean;
  /** Sends a message to this one subscriber, whatever it subscribed to (a SUB drops what it does not want). */
  reply(message: readonly Sendable[]): void;
}

/** What an XPUB takes beside what every socket does. */
export interface XPublisherOptions extends SocketOptions {
  /** Sent to each new peer before anything else, as libzmq's ZMQ_XPUB_WELCOME_MSG. */
  welcome?: readonly Sendable[];
}

/** XPUB: a PUB that is told of subscriptions: of each one, as libzmq's is with ZMQ_XPUB_VERBOSER. */
export class XPublisher extends Publisher {
  onSubscription: ((subscription: Subscription) => void) | null = null;
  readonly #welcome: readonly Sendable[] | null;

  constructor(options: XPublisherOptions = {}) {
    super(options, 'XPUB');
    this.#welcome = options.welcome ?? null;
  }

  protected override joined(connection: Connection): void {
    super.joined(connection);
    if (this.#welcome) this.sendTo(connection, this.#welcome);
  }

  protected override subscription(connection: Connection, topic: Uint8Array, subscribe: boolean): void {
    super.subscription(connection, topic, subscribe);
    this.guard(this.onSubscription, {
      topic: Buffer.from(topic),
      subscribe,
      reply: (message) => {
        if (this.peers.includes(connection)) this.sendTo(connection, message);
      },
    });
  }
}
