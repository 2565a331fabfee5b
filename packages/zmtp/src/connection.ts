import { ZmtpError } from './errors.js';
import { type Frame, Outbox, type Sendable } from './frames.js';
import { type Peer, Session, type SessionOptions } from './session.js';
import type { ByteStream, StreamEvents } from './stream.js';

/** PINGs of ours, by which a peer that is gone is noticed (RFC 37). */
export interface Heartbeat {
  /** ms between PINGs. */
  readonly interval: number;
  /** ms without any byte from the peer, after a PING, until it counts as gone. */
  readonly timeout: number;
}

export interface ConnectionOptions extends SessionOptions {
  readonly heartbeat: Heartbeat | null;
  /** ms for the greeting and the handshake together. */
  readonly handshakeTimeout: number;
}

export interface ConnectionHooks {
  handshake(connection: Connection, peer: Peer): void;
  message(connection: Connection, frames: Frame[]): void;
  subscription(connection: Connection, topic: Uint8Array, subscribe: boolean): void;
  /** There is room again after `congested` was true. */
  drain(connection: Connection): void;
  /** Called once. `error` is null when we closed it. */
  closed(connection: Connection, error: ZmtpError | null): void;
}

// Beyond this, bytes wait in our outbox and not in Node's stream, where they could not be counted as messages.
const STREAM_LIMIT = 256 * 1024;
// With this much, the system can begin while the program goes on encoding.
const EAGER = 64 * 1024;
// Above this, sends wait for the peer.
const CONGESTED = 1024 * 1024;
// After our end went out, a living peer answers with its own at once.
const FIN_WAIT = 100;

/** One connection to one peer: a Session over a ByteStream, with the queue out, the timers and the end. */
export class Connection implements StreamEvents {
  readonly endpoint: string;
  readonly #options: ConnectionOptions;
  readonly #hooks: ConnectionHooks;
  readonly #session: Session;
  readonly #outbox = new Outbox();
  #stream: ByteStream | null = null;
  #opened = false;
  #closed = false;
  #ending = false;
  #flushing = false;
  #failure: ZmtpError | null = null;
  #timer: NodeJS.Timeout | undefined;
  #paused = false;
  #lastByte = 0;
  #congested = false;
  #finish: (() => void)[] = [];

  constructor(endpoint: string, options: ConnectionOptions, hooks: ConnectionHooks) {
    this.endpoint = endpoint;
    this.#options = options;
    this.#hooks = hooks;
    this.#session = new Session(options, {
      write: (bytes) => {
        this.#outbox.push(bytes);
        this.#schedule();
      },
      // What is queued already tells the peer as well that we live.
      pong: (bytes) => {
        if (this.pending >= CONGESTED) return;
        this.#outbox.push(bytes);
        this.#schedule();
      },
      handshake: (peer) => this.#handshake(peer),
      message: (frames) => {
        if (!this.#closed && !this.#ending) this.#hooks.message(this, frames);
      },
      subscription: (topic, subscribe) => this.#hooks.subscription(this, topic, subscribe),
    });
  }

  /** Gives it its stream, right after it was made. */
  attach(stream: ByteStream): this {
    this.#stream = stream;
    return this;
  }

  get peer(): Peer | null {
    return this.#session.peer;
  }

  /** Whether it was given up because of something the peer did. */
  get failed(): boolean {
    return this.#failure !== null;
  }

  /** Whether there was ever someone at the other end. */
  get opened(): boolean {
    return this.#opened;
  }

  /** Bytes on their way out that the system has not taken yet. */
  get pending(): number {
    return this.#outbox.bytes + (this.#stream?.pending ?? 0);
  }

  /** Whether a sender should wait for `drain`. */
  get congested(): boolean {
    if (this.pending < CONGESTED) return false;
    this.#congested = true;
    return true;
  }

  /** Queues a message; all of a tick go out in one write. */
  send(message: readonly Sendable[]): void {
    this.#outbox.append(message);
    if (this.#outbox.bytes >= EAGER) this.#flush();
    else this.#schedule();
  }

  /** Takes over what was queued before there was a connection. */
  adopt(queue: Outbox): void {
    for (const chunk of queue.take()) this.#outbox.push(chunk);
    this.#schedule();
  }

  subscribe(topic: Uint8Array, subscribe: boolean): void {
    this.#session.subscribe(topic, subscribe);
  }

  /** Stops reading until resume(): the peer's bytes wait in the system, then at the peer. */
  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#stream?.resume();
  }

  /** Ends it: flushes for at most `linger` ms first (0: drops what is queued). Resolves when the system's socket is gone. */
  close(linger: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const done = new Promise<void>((resolve) => this.#finish.push(resolve));
    if (this.#ending) return done;
    this.#ending = true;
    this.#arm(linger, () => this.#stream?.destroy());
    // What comes from now on is thrown away, but it is read: unread bytes would turn our end into a reset.
    this.resume();
    if (linger <= 0 || !this.peer) this.#stream?.destroy();
    else this.#flush();
    return done;
  }

  /** Drops the connection because of something the peer did. */
  fail(error: ZmtpError): void {
    if (this.#closed || this.#failure) return;
    this.#failure = error;
    error.endpoint ??= this.endpoint;
    this.#stream?.destroy();
  }

  // ---- StreamEvents

  open(): void {
    this.#opened = true;
    this.#arm(this.#options.handshakeTimeout, () => {
      this.fail(new ZmtpError('ETIMEDOUT', `No handshake within ${this.#options.handshakeTimeout} ms`));
    });
    this.#session.start();
    this.#flush();
  }

  data(chunk: Buffer, reused: boolean): void {
    if (this.#closed || this.#failure || this.#ending) return;
    if (this.#options.heartbeat) this.#lastByte = performance.now();
    try {
      this.#session.receive(chunk, reused);
    } catch (error) {
      this.fail(error instanceof ZmtpError ? error : new ZmtpError('EPROTOCOL', String(error), { cause: error }));
    }
  }

  drain(): void {
    this.#flush();
    if (!this.#congested || this.pending >= CONGESTED) return;
    this.#congested = false;
    this.#hooks.drain(this);
  }

  finished(): void {
    this.#arm(FIN_WAIT, () => this.#stream?.destroy());
  }

  closed(error: NodeJS.ErrnoException | null): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    let reason = this.#failure;
    if (!reason && !this.#ending) {
      const why = error ? error.message : this.peer ? 'the peer closed it' : 'closed before the handshake was over';
      reason = new ZmtpError('EDISCONNECTED', `The connection to ${this.endpoint} ended: ${why}`, {
        cause: error ?? undefined,
        endpoint: this.endpoint,
      });
    }
    this.#hooks.closed(this, reason);
    for (const resolve of this.#finish.splice(0)) resolve();
  }

  // ---- inside

  #handshake(peer: Peer): void {
    clearTimeout(this.#timer);
    const beat = this.#options.heartbeat;
    if (beat && peer.version.minor >= 1) this.#beat(beat);
    this.#hooks.handshake(this, peer);
  }

  #beat(beat: Heartbeat): void {
    this.#arm(beat.interval, () => {
      const asked = performance.now();
      this.#session.ping();
      this.#arm(beat.timeout, () => {
        // If our own event loop was blocked, the answer may lie unread in the system: read first, then judge.
        setImmediate(() => {
          if (this.#closed || this.#ending) return;
          // A PONG that we do not read proves nothing.
          if (this.#lastByte >= asked || this.#paused) this.#beat(beat);
          else this.fail(new ZmtpError('ETIMEDOUT', `The peer did not answer a PING within ${beat.timeout} ms`));
        });
      });
    });
  }

  #arm(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = this.#closed ? undefined : setTimeout(act, ms);
  }

  #schedule(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const stream = this.#stream;
    if (!stream || this.#closed || !this.#opened) return;
    if (this.#outbox.bytes > 0 && stream.pending <= STREAM_LIMIT) stream.write(this.#outbox.take());
    if (this.#ending && this.#outbox.bytes === 0) stream.end();
  }
}
