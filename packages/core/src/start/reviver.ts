import { setTimeout as delay } from 'node:timers/promises';
import { ListenerSet } from '../channels/index.js';
import type { KernelConnection, Revival } from '../kernel/index.js';

/** How a kernel that died is started again. */
export interface AutoRestart {
  /** How many deaths in a row are answered. Default 5. */
  limit?: number;
  /** Milliseconds before the first try; each further one waits for twice as long, ten seconds at most. Default 200. */
  delay?: number;
  /** A kernel that lived for so many milliseconds begins a new row. Default 10,000. */
  settled?: number;
}

const LONGEST_DELAY_MS = 10_000;

/** Starts a kernel again after deaths, with back-off and a limit: one that dies at once must not be started for ever. */
export class Reviver {
  readonly #limit: number;
  readonly #delay: number;
  readonly #settled: number;
  readonly #launch: (signal: AbortSignal) => Promise<KernelConnection>;
  readonly #listeners = new ListenerSet<Revival>();
  #deaths = 0;
  #running: { stop: AbortController; done: Promise<void> } | null = null;

  /** @param launch starts the kernel anew */
  constructor(policy: AutoRestart, launch: (signal: AbortSignal) => Promise<KernelConnection>) {
    this.#limit = policy.limit ?? 5;
    this.#delay = policy.delay ?? 200;
    this.#settled = policy.settled ?? 10_000;
    this.#launch = launch;
  }

  on(listener: (revival: Revival) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Counts a death. Whether it will be answered. */
  died(lived: number): boolean {
    this.#deaths = lived >= this.#settled ? 1 : this.#deaths + 1;
    return this.#deaths <= this.#limit;
  }

  /** Begins to answer the death that was counted last. */
  begin(): void {
    const stop = new AbortController();
    this.#running = { stop, done: this.#run(stop.signal) };
  }

  /** Ends what is under way, a start included; resolves when nothing of it is left. */
  async cancel(): Promise<void> {
    this.#running?.stop.abort(new Error('the kernel is not wanted any more'));
    await this.#running?.done;
    this.#running = null;
    this.#deaths = 0;
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const attempt = this.#deaths;
      const delayMs = Math.min(this.#delay * 2 ** (attempt - 1), LONGEST_DELAY_MS);
      this.#listeners.emit({ kind: 'restarting', attempt, limit: this.#limit, delayMs });
      try {
        await delay(delayMs, undefined, { signal });
        const connection = await this.#launch(signal);
        this.#listeners.emit({ kind: 'restarted', connection });
        return;
      } catch (error) {
        if (signal.aborted) return;
        // one that does not even start has died once more
        if (this.died(0)) continue;
        this.#listeners.emit({ kind: 'given-up', error: error as Error });
        return;
      }
    }
  }
}
