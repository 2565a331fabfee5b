/**
 * The worker thread that reads iopub for every raw kernel of the process. Kernels drop output when their reader stalls
 * (zmtp.md, "Event-loop stalls"); this thread does nothing else, so it never stalls, however busy the program is.
 *
 * Built into the package as a string (scripts/build.mjs), so that bundlers need not know of it.
 */
import { parentPort } from 'node:worker_threads';
import { Subscriber } from '@kernelkit/zmtp';
import { packBatch } from './batch.js';
import type { FromWorker, ToWorker } from './iopub-messages.js';

const port = parentPort!;
const readers = new Map<number, Reader>();

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

/** Messages that are dropped within this time are told of together. */
const NOTICE_MS = 20;

class Reader {
  readonly #id: number;
  readonly #waiting: Int32Array;
  readonly #limit: number;
  readonly #socket: Subscriber;
  #messages: Uint8Array[][] = [];
  #bytes = 0;
  #droppedMessages = 0;
  #droppedBytes = 0;
  #scheduled = false;
  #notice: ReturnType<typeof setTimeout> | null = null;

  constructor(request: Extract<ToWorker, { type: 'open' }>) {
    this.#id = request.id;
    this.#waiting = new Int32Array(request.waiting);
    this.#limit = request.limit;
    this.#socket = new Subscriber({ maxMessageSize: request.maxMessageSize, maxFrameSize: request.maxMessageSize });
    this.#socket.on('handshake', () => post({ type: 'connected', id: this.#id }));
    this.#socket.on('disconnect', ({ error }) => {
      // What was read before the end goes before the news of it.
      this.#flush();
      post({ type: 'disconnected', id: this.#id, reason: error?.message ?? 'the kernel closed the connection' });
    });
    this.#socket.on('error', (error) =>
      post({ type: 'failed', id: this.#id, message: error.message, code: error.code }),
    );
    this.#socket.onMessage = (frames) => this.#take(frames);
    this.#socket.subscribe('');
    this.#socket.connect(request.endpoint);
  }

  #take(frames: Uint8Array[]): void {
    let size = 0;
    for (const frame of frames) size += frame.byteLength;
    const waiting = Atomics.load(this.#waiting, 0) + this.#bytes;
    // A message that is larger than the bound by itself still passes when nothing else waits.
    if (waiting > 0 && waiting + size > this.#limit) {
      this.#droppedMessages++;
      this.#droppedBytes += size;
      // Told even when nothing follows: what was dropped may be the end that somebody waits for.
      this.#notice ??= setTimeout(() => this.#flush(), NOTICE_MS);
      return;
    }
    // What was dropped before this message has to be told before it.
    if (this.#droppedMessages > 0) this.#flush();
    this.#messages.push(frames);
    this.#bytes += size;
    if (!this.#scheduled) {
      this.#scheduled = true;
      // After the chunk that is being parsed: all its messages go in one transfer.
      queueMicrotask(() => this.#flush());
    }
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#messages.length > 0) {
      const batch = packBatch(this.#messages);
      Atomics.add(this.#waiting, 0, this.#bytes);
      post({ type: 'batch', id: this.#id, bytes: this.#bytes, ...batch }, [batch.packed, ...batch.large]);
      this.#messages = [];
      this.#bytes = 0;
    }
    if (this.#notice !== null) clearTimeout(this.#notice);
    this.#notice = null;
    if (this.#droppedMessages > 0) {
      post({ type: 'overflow', id: this.#id, messages: this.#droppedMessages, bytes: this.#droppedBytes });
      this.#droppedMessages = 0;
      this.#droppedBytes = 0;
    }
  }

  look(): void {
    // in the turn between the two the socket is looked at
    setImmediate(() =>
      setImmediate(() => {
        this.#flush();
        post({ type: 'looked', id: this.#id });
      }),
    );
  }

  async close(): Promise<void> {
    await this.#socket.close();
    this.#flush();
  }
}

port.on('message', (message: ToWorker) => {
  if (message.type === 'open') {
    try {
      readers.set(message.id, new Reader(message));
    } catch (error) {
      // An endpoint that is none: this reader's trouble, and no other's.
      const { message: text, code = 'UNKNOWN' } = error as Error & { code?: string };
      post({ type: 'failed', id: message.id, message: text, code });
    }
    return;
  }
  const reader = readers.get(message.id);
  if (message.type === 'look') {
    reader?.look();
    return;
  }
  readers.delete(message.id);
  void (reader?.close() ?? Promise.resolve()).finally(() => post({ type: 'closed', id: message.id }));
});
