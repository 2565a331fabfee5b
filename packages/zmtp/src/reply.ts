import type { Connection } from './connection.js';
import { rethrowLater } from './errors.js';
import type { Frame, Sendable } from './frames.js';
import { Inbox } from './inbox.js';
import type { SocketOptions } from './options.js';
import { Socket } from './socket.js';

/** Gives the answer to a request. */
export type RequestHandler = (frames: Frame[]) => readonly Sendable[] | Promise<readonly Sendable[]>;

/**
 * REP (RFC 28): answers requests, one at a time and in order. When the handler throws, there is no answer, the process gets
 * the exception, and the next request has its turn.
 */
export class Reply extends Socket {
  readonly #inbox: Inbox;
  readonly #from = new WeakMap<Frame[], Connection>();
  #handler: RequestHandler | null = null;
  #serving = false;

  constructor(options: SocketOptions = {}) {
    super('REP', options);
    this.#inbox = new Inbox({
      limit: this.options.receiveBufferLimit,
      whenFull: 'keep',
      dropped() {},
      full: () => {
        for (const peer of this.peers) peer.pause();
      },
      roomy: () => {
        for (const peer of this.peers) peer.resume();
      },
    });
  }

  /** Takes a request's frames and gives those of the reply. Requests wait until it is set. */
  get onRequest(): RequestHandler | null {
    return this.#handler;
  }

  set onRequest(handler: RequestHandler | null) {
    this.#handler = handler;
    if (handler && !this.#serving) void this.#serve();
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    try {
      for await (const frames of this.#inbox.iterate()) await this.#answer(frames);
    } catch {
      // The socket's last endpoint failed: its 'error' event has told.
    }
    this.#serving = false;
  }

  async #answer(frames: Frame[]): Promise<void> {
    // The envelope: everything up to the empty frame goes back as it came.
    const split = frames.findIndex((frame) => frame.length === 0) + 1;
    const handler = this.#handler;
    const peer = this.#from.get(frames);
    if (!handler || !peer) return;
    try {
      const reply = await handler(frames.slice(split));
      if (this.peers.includes(peer)) peer.send([...frames.slice(0, split), ...reply]);
    } catch (error) {
      rethrowLater(error);
    }
  }

  protected override joined(): void {}

  protected override left(): void {}

  protected override received(connection: Connection, frames: Frame[]): void {
    // Without an empty frame there is nobody to answer; libzmq drops such messages, too.
    if (!frames.some((frame) => frame.length === 0)) return;
    this.#from.set(frames, connection);
    this.#inbox.deliver(frames);
  }

  protected override ended(reason: Parameters<Inbox['end']>[0]): void {
    this.#inbox.end(reason);
  }
}
