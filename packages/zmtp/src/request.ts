import type { Connection } from './connection.js';
import { ZmtpError } from './errors.js';
import { type Frame, messageLength, type Sendable } from './frames.js';
import type { SocketOptions } from './options.js';
import { overflow } from './sender.js';
import { Socket } from './socket.js';

interface Pending {
  readonly message: readonly Sendable[];
  readonly bytes: number;
  resolve(reply: Frame[]): void;
  reject(reason: unknown): void;
  settled: boolean;
}

/** REQ (RFC 28): each request has one reply. Calls may overlap; they go out one after the other. */
export class Request extends Socket {
  #queue: Pending[] = [];
  #queuedBytes = 0;
  // Sent and not answered, oldest first. More than one only when the earlier ones were aborted: a peer answers in order,
  // so that the late reply to an aborted request is told from the reply to the next.
  #sent: Pending[] = [];
  #peer: Connection | null = null;

  constructor(options: SocketOptions = {}) {
    super('REQ', options);
  }

  /**
   * Sends a request and resolves with the reply's frames. Rejects with ZmtpError `EDISCONNECTED` (the peer went away before
   * it answered), `EOVERFLOW`, `ECLOSED`, what made the endpoint fail, or the reason of the abort. A request made while
   * nobody is there waits.
   */
  request(message: readonly Sendable[], options: { signal?: AbortSignal } = {}): Promise<Frame[]> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const unusable = this.unusable;
    if (unusable) return Promise.reject(unusable);
    const bytes = messageLength(message);
    const limit = this.options.sendBufferLimit;
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > limit) {
      return Promise.reject(overflow(this.#queuedBytes, limit));
    }
    return new Promise((resolve, reject) => {
      const settle = (then: () => void) => {
        if (pending.settled) return;
        pending.settled = true;
        signal?.removeEventListener('abort', abort);
        then();
      };
      const pending: Pending = {
        message,
        bytes,
        settled: false,
        resolve: (reply) => settle(() => resolve(reply)),
        reject: (reason) => settle(() => reject(reason)),
      };
      const abort = () => {
        pending.reject(signal?.reason);
        this.#forget(pending);
        this.#next();
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(pending);
      this.#queuedBytes += bytes;
      this.#next();
    });
  }

  #forget(pending: Pending): void {
    const index = this.#queue.indexOf(pending);
    if (index < 0) return;
    this.#queue.splice(index, 1);
    this.#queuedBytes -= pending.bytes;
  }

  #next(): void {
    const peer = this.#peer;
    if (!peer || this.#sent.some((sent) => !sent.settled)) return;
    const pending = this.#queue.shift();
    if (!pending) return;
    this.#queuedBytes -= pending.bytes;
    this.#sent.push(pending);
    peer.send(['', ...pending.message]);
  }

  protected override joined(connection: Connection): void {
    this.#peer ??= connection;
    this.#next();
  }

  protected override left(connection: Connection, error: ZmtpError | null): void {
    if (this.#peer !== connection) return;
    this.#peer = this.peers[0] ?? null;
    const reason =
      error ?? this.unusable ?? new ZmtpError('EDISCONNECTED', 'The connection was closed before the reply came');
    for (const pending of this.#sent.splice(0)) pending.reject(reason);
    this.#next();
  }

  protected override received(connection: Connection, frames: Frame[]): void {
    if (connection !== this.#peer) return;
    if (frames.length < 2 || frames[0]!.length !== 0) {
      connection.fail(new ZmtpError('EPROTOCOL', 'A reply does not begin with an empty frame'));
      return;
    }
    this.#sent.shift()?.resolve(frames.slice(1));
    this.#next();
  }

  protected override ended(reason: ZmtpError): void {
    for (const pending of [...this.#sent.splice(0), ...this.#queue.splice(0)]) pending.reject(reason);
    this.#queuedBytes = 0;
  }
}
