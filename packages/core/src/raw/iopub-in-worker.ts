import { Worker } from 'node:worker_threads';
import { unpackBatch } from './batch.js';
import { iopubWorkerSource } from './generated/iopub-worker-source.js';
import type { IopubHandlers, IopubOptions, IopubReader } from './iopub.js';
import type { FromWorker, ToWorker } from './iopub-messages.js';

interface Client {
  handlers: IopubHandlers;
  waiting: Int32Array;
  /** Who waits for what had come when they asked, in the order in which they did. */
  looks: (() => void)[];
  closed: () => void;
}

const GIB = 1024 ** 3;

/** One worker for the process: started with the first reader, ended with the last. */
class IopubThread {
  readonly #worker: Worker;
  readonly #clients = new Map<number, Client>();
  #nextId = 1;

  readonly #abandoned: () => void;

  /** @param ended called when nothing more can be opened on it */
  constructor(ended: () => void) {
    this.#abandoned = ended;
    this.#worker = new Worker(iopubWorkerSource, {
      eval: true,
      name: 'kernelkit-iopub',
      execArgv: [],
      env: {},
      stdin: false,
    });
    this.#worker.on('message', (message: FromWorker) => this.#take(message));
    const fail = (error: Error): void => {
      ended();
      const clients = [...this.#clients.values()];
      this.#clients.clear();
      for (const client of clients) {
        client.handlers.failed(error);
        release(client);
      }
    };
    this.#worker.on('error', (error) =>
      fail(new Error(`the thread that reads iopub failed: ${error.message}`, { cause: error })),
    );
    this.#worker.on('exit', () => fail(new Error('the thread that reads iopub has ended')));
  }

  get idle(): boolean {
    return this.#clients.size === 0;
  }

  /** Whether `id` is the last reader. */
  #only(id: number): boolean {
    return this.#clients.size === 1 && this.#clients.has(id);
  }

  open(options: IopubOptions, handlers: IopubHandlers): IopubReader {
    const id = this.#nextId++;
    const shared = new SharedArrayBuffer(4);
    let closed: () => void = () => {};
    const whenClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const client: Client = { handlers, waiting: new Int32Array(shared), looks: [], closed };
    this.#clients.set(id, client);
    this.#post({ type: 'open', id, waiting: shared, ...options, limit: Math.min(options.limit, GIB) });
    let asked = false;
    return {
      caughtUp: () =>
        new Promise((resolve) => {
          if (!this.#clients.has(id)) return resolve();
          client.looks.push(resolve);
          this.#post({ type: 'look', id });
        }),
      close: async (atOnce) => {
        if (!asked) {
          asked = true;
          // A thread that has nothing else to do is about to be ended: it may still be booting, which takes 20 ms.
          if (atOnce && this.#only(id)) {
            this.#abandoned();
            this.#forget(id);
          } else if (this.#clients.has(id)) this.#post({ type: 'close', id });
        }
        await whenClosed;
      },
    };
  }

  end(): Promise<number> {
    this.#worker.removeAllListeners('exit');
    return this.#worker.terminate();
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromWorker): void {
    const client = this.#clients.get(message.id);
    if (client === undefined) return;
    switch (message.type) {
      case 'batch':
        Atomics.sub(client.waiting, 0, message.bytes);
        unpackBatch(message, client.handlers.message);
        break;
      case 'overflow':
        client.handlers.overflow(message.messages, message.bytes);
        break;
      case 'connected':
        client.handlers.connected();
        break;
      case 'disconnected':
        client.handlers.disconnected(message.reason);
        break;
      case 'failed':
        client.handlers.failed(Object.assign(new Error(message.message), { code: message.code }));
        break;
      case 'looked':
        client.looks.shift()?.();
        break;
      case 'closed':
        this.#forget(message.id);
        break;
    }
  }

  #forget(id: number): void {
    const client = this.#clients.get(id);
    this.#clients.delete(id);
    if (client !== undefined) release(client);
  }
}

/** Nothing follows for it. */
function release({ looks, closed }: Client): void {
  for (const resolve of looks.splice(0)) resolve();
  closed();
}

let thread: IopubThread | null = null;

/** Reads iopub in the process's worker thread: it is drained even while the calling thread is blocked. */
export function readIopubInWorker(options: IopubOptions, handlers: IopubHandlers): IopubReader {
  const own =
    thread ??
    new IopubThread(() => {
      if (thread === own) thread = null;
    });
  thread = own;
  const reader = own.open(options, handlers);
  return {
    caughtUp: () => reader.caughtUp(),
    async close(atOnce) {
      await reader.close(atOnce);
      if (!own.idle) return;
      // Not before: one that was opened meanwhile still needs it.
      if (thread === own) thread = null;
      await own.end();
    },
  };
}
