import { rethrowLater, type ZmtpError } from './errors.js';
import type { Frame } from './frames.js';

/** Takes a message as it comes. */
export type MessageListener = (frames: Frame[]) => void;

export interface InboxPolicy {
  /** Bytes that may wait. */
  readonly limit: number;
  /** `drop`: what comes beyond the limit is lost (and told). `keep`: it is taken, and the caller stops reading. */
  readonly whenFull: 'drop' | 'keep';
  /** `drop`: one message was lost. */
  dropped(bytes: number): void;
  /** `keep`: the limit was passed. */
  full(): void;
  /** `keep`: half of it is free again. */
  roomy(): void;
}

interface Waiter {
  resolve(message: Frame[]): void;
  reject(reason: unknown): void;
}

/**
 * Where messages wait for the program. With a listener they do not wait at all: it is called from within the read.
 * Without one they are queued, bounded in bytes, for receive() and iteration, or for a listener set later.
 */
export class Inbox {
  readonly #policy: InboxPolicy;
  #queue: Frame[][] = [];
  #head = 0;
  #bytes = 0;
  #full = false;
  #listener: MessageListener | null = null;
  #waiters: Waiter[] = [];
  #end: ZmtpError | null = null;
  #draining = false;

  constructor(policy: InboxPolicy) {
    this.#policy = policy;
  }

  get listener(): MessageListener | null {
    return this.#listener;
  }

  /** What was queued goes to a new listener first, in the next microtask. */
  set listener(listener: MessageListener | null) {
    this.#listener = listener;
    if (!listener || this.#draining || this.#head === this.#queue.length) return;
    this.#draining = true;
    queueMicrotask(() => {
      this.#draining = false;
      while (this.#listener && this.#head < this.#queue.length) this.#call(this.#listener, this.#shift());
    });
  }

  deliver(frames: Frame[]): void {
    if (this.#listener && this.#head === this.#queue.length) {
      this.#call(this.#listener, frames);
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter) {
      waiter.resolve(frames);
      return;
    }
    const bytes = weigh(frames);
    if (this.#bytes > 0 && this.#bytes + bytes > this.#policy.limit) {
      if (this.#policy.whenFull === 'drop') {
        this.#policy.dropped(bytes);
        return;
      }
      this.#full = true;
      this.#policy.full();
    }
    this.#queue.push(frames);
    this.#bytes += bytes;
  }

  /** The next message. Rejects with the reason of the abort, or with the socket's end once nothing is queued. */
  receive(signal?: AbortSignal): Promise<Frame[]> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#head < this.#queue.length) return Promise.resolve(this.#shift());
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        resolve: (message) => {
          signal?.removeEventListener('abort', abort);
          resolve(message);
        },
        reject: (reason) => {
          signal?.removeEventListener('abort', abort);
          reject(reason);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** Nothing more will come. */
  end(reason: ZmtpError): void {
    this.#end ??= reason;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#end);
  }

  /** Messages until the socket is closed; throws what made it fail before that. */
  async *iterate(): AsyncGenerator<Frame[], void, undefined> {
    while (true) {
      let message: Frame[];
      try {
        message = await this.receive();
      } catch (error) {
        if (error === this.#end && this.#end?.code === 'ECLOSED') return;
        throw error;
      }
      yield message;
    }
  }

  #shift(): Frame[] {
    const message = this.#queue[this.#head]!;
    this.#queue[this.#head++] = [];
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    this.#bytes -= weigh(message);
    if (this.#full && this.#bytes * 2 <= this.#policy.limit) {
      this.#full = false;
      this.#policy.roomy();
    }
    return message;
  }

  // A throwing listener must not unwind the parser: the messages behind this one would be lost.
  #call(listener: MessageListener, frames: Frame[]): void {
    try {
      listener(frames);
    } catch (error) {
      rethrowLater(error);
    }
  }
}

// An empty frame costs memory too.
const FRAME_COST = 64;

function weigh(frames: Frame[]): number {
  let bytes = 0;
  for (const frame of frames) bytes += frame.byteLength + FRAME_COST;
  return bytes;
}
