import type { ZmtpError } from './errors.js';
import type { Frame } from './frames.js';
import { Inbox, type MessageListener } from './inbox.js';
import type { SocketOptions } from './options.js';
import type { SocketType } from './session.js';
import { Socket } from './socket.js';

/** What the socket types that give their messages to the program share. */
export abstract class Receiver extends Socket {
  protected readonly inbox: Inbox;

  /** `whenFull`: `drop` loses what does not fit and says so; `keep` stops reading until there is room. */
  constructor(socketType: SocketType, options: SocketOptions, whenFull: 'drop' | 'keep') {
    super(socketType, options);
    this.inbox = new Inbox({
      limit: this.options.receiveBufferLimit,
      whenFull,
      dropped: (bytes) => this.drop(bytes),
      full: () => {
        for (const peer of this.peers) peer.pause();
      },
      roomy: () => {
        for (const peer of this.peers) peer.resume();
      },
    });
  }

  /** Called for each message from within the read: the fast path. While null, messages wait for receive() or iteration. */
  get onMessage(): MessageListener | null {
    return this.inbox.listener;
  }

  set onMessage(listener: MessageListener | null) {
    this.inbox.listener = listener;
  }

  /** The next message. Rejects with the abort's reason, or with why no more will come. */
  receive(signal?: AbortSignal): Promise<Frame[]> {
    return this.inbox.receive(signal);
  }

  /** All messages until close(); throws what makes the socket fail before that. */
  [Symbol.asyncIterator](): AsyncGenerator<Frame[], void, undefined> {
    return this.inbox.iterate();
  }

  protected override ended(reason: ZmtpError): void {
    this.inbox.end(reason);
  }
}
