import type { Connection } from './connection.js';
import type { Frame } from './frames.js';
import type { SocketOptions } from './options.js';
import { Receiver } from './receiver.js';
import { type Topic, Topics } from './topic.js';

/**
 * SUB (RFC 29). It never stops reading: a publisher drops what a stalled subscriber does not take, silently and in the
 * middle of the stream. What the program does not take is queued up to `receiveBufferLimit`, then dropped with an
 * 'overflow' event.
 */
export class Subscriber extends Receiver {
  readonly #topics = new Topics();

  constructor(options: SocketOptions = {}) {
    super('SUB', options, 'drop');
  }

  /** Wants all messages whose first frame begins with the topic; '' for all. Kept across reconnects. */
  subscribe(topic: Topic = ''): void {
    const bytes = Buffer.from(topic);
    if (!this.#topics.add(bytes)) return;
    for (const peer of this.peers) peer.subscribe(bytes, true);
  }

  /** Takes back one subscribe() of the very topic. */
  unsubscribe(topic: Topic = ''): void {
    const bytes = Buffer.from(topic);
    if (!this.#topics.remove(bytes)) return;
    for (const peer of this.peers) peer.subscribe(bytes, false);
  }

  protected override joined(connection: Connection): void {
    for (const topic of this.#topics.list()) connection.subscribe(topic, true);
  }

  protected override left(): void {}

  protected override received(_connection: Connection, frames: Frame[]): void {
    // Checked here too: messages sent before the publisher saw a cancellation are still on their way.
    if (this.#topics.matches(frames[0]!)) this.inbox.deliver(frames);
  }
}
