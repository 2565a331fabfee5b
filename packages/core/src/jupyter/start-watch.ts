import { Deadline } from '../wait/index.js';
import { ServerStartFailedError } from './server-kernel-errors.js';
import type { KernelRest } from './server-kernel-rest.js';

const EVERY_MS = 1000;
/** A server that has no time for the question is asked again. */
const ANSWER_MS = 10_000;

/**
 * Watches over a kernel that is to answer. A server opens no WebSocket before it does (jupyter_server waits a minute, and another), and
 * tells there of no death; its model does, or that there is none any more (jupyter_server forgets one that it started five times in vain).
 */
export class StartWatch implements Disposable {
  readonly #ending = new AbortController();
  readonly #rest: KernelRest;
  readonly #id: string;
  #timer: NodeJS.Timeout | number | undefined;
  #isOver = false;
  #failure: ServerStartFailedError | null = null;

  constructor(rest: KernelRest, id: string) {
    this.#rest = rest;
    this.#id = id;
    this.#again();
  }

  /** Aborts when the kernel will not come. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Why it will not come; null: it may. */
  get failure(): ServerStartFailedError | null {
    return this.#failure;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer as number);
    this.#ending.abort();
  }

  #again(): void {
    if (!this.#isOver) this.#timer = setTimeout(() => void this.#ask(), EVERY_MS);
  }

  async #ask(): Promise<void> {
    using deadline = new Deadline(ANSWER_MS, this.#ending.signal);
    // What the network does is for those to tell who wait for the WebSocket.
    const model = await this.#rest.get(this.#id, deadline.signal).catch(() => undefined);
    if (this.#isOver) return;
    if (model === undefined || (model !== null && model.execution_state !== 'dead')) return this.#again();
    this.#failure = new ServerStartFailedError(this.#id, model === null ? null : (model.reason ?? ''));
    this.#ending.abort(this.#failure);
  }
}
