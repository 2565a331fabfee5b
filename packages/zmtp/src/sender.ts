import type { Connection } from './connection.js';
import { ZmtpError } from './errors.js';
import { messageLength, Outbox, type Sendable } from './frames.js';

// One promise for all sends that need not wait: the common case costs no allocation.
const done = Promise.resolve();

/** Bounded sending to peers in turn, and the queue for while there is none. */
export class Sender {
  readonly #peers: readonly Connection[];
  readonly #limit: number;
  readonly #queue = new Outbox();
  #next = 0;
  #waiters: (() => void)[] = [];

  constructor(peers: readonly Connection[], limit: number) {
    this.#peers = peers;
    this.#limit = limit;
  }

  /** Bytes queued while there is no peer. */
  get queued(): number {
    return this.#queue.bytes;
  }

  /**
   * Takes a message or rejects with `EOVERFLOW`. Resolves at once, or when the peer has taken enough of what is before it.
   */
  send(message: readonly Sendable[]): Promise<void> {
    const peer = this.#pick();
    const before = peer ? peer.pending : this.#queue.bytes;
    if (before > 0 && before + messageLength(message) > this.#limit)
      return Promise.reject(overflow(before, this.#limit));
    if (!peer) {
      this.#queue.append(message);
      return done;
    }
    peer.send(message);
    if (!peer.congested) return done;
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** A first peer takes all that waits. */
  joined(peer: Connection): void {
    if (this.#queue.bytes > 0) peer.adopt(this.#queue);
  }

  /** A peer has room, or is gone: whoever waits may go on. */
  release(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #pick(): Connection | undefined {
    const count = this.#peers.length;
    if (count <= 1) return this.#peers[0];
    // In turn, as ZeroMQ does, but past those that cannot keep up.
    for (let i = 0; i < count; i++) {
      const peer = this.#peers[this.#next++ % count];
      if (peer && !peer.congested) return peer;
    }
    return this.#peers[this.#next++ % count];
  }
}

export function overflow(queued: number, limit: number): ZmtpError {
  return new ZmtpError(
    'EOVERFLOW',
    `${queued} bytes wait to be sent and the limit is ${limit}: the peer is absent or too slow. Await send(), or raise sendBufferLimit`,
  );
}
