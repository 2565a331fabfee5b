import type { Connection } from './connection.js';
import type { ZmtpError } from './errors.js';
import type { Frame, Sendable } from './frames.js';
import type { SocketOptions } from './options.js';
import { Receiver } from './receiver.js';
import { Sender } from './sender.js';

/** DEALER (RFC 28): messages both ways, to several peers in turn, with no lock-step. */
export class Dealer extends Receiver {
  readonly #sender: Sender;

  constructor(options: SocketOptions = {}) {
    super('DEALER', options, 'keep');
    this.#sender = new Sender(this.peers, this.options.sendBufferLimit);
  }

  /**
   * Sends one message; any number may be on their way. Resolves when it is in a bounded queue, or, while that is long,
   * when the peer has caught up. Frames above 16 KB must not change until then. Rejects with ZmtpError `EOVERFLOW`,
   * `ECLOSED`, or what made the endpoint fail.
   */
  send(message: readonly Sendable[]): Promise<void> {
    const unusable = this.unusable;
    return unusable ? Promise.reject(unusable) : this.#sender.send(message);
  }

  protected override get waiting(): number {
    return this.#sender.queued;
  }

  protected override joined(connection: Connection): void {
    this.#sender.joined(connection);
  }

  protected override left(): void {
    this.#sender.release();
  }

  protected override drained(): void {
    this.#sender.release();
  }

  protected override received(_connection: Connection, frames: Frame[]): void {
    this.inbox.deliver(frames);
  }

  protected override ended(reason: ZmtpError): void {
    this.#sender.release();
    super.ended(reason);
  }
}
