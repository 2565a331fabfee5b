import { availableParallelism } from 'node:os';

/**
 * How many kernels of this process start side by side. A start is work for the processor (a Python that imports) and not waiting, so that
 * more at once end no sooner, and each takes so much longer that its time-out passes. Measured on two cores with 200 starts of ipykernel:
 * see bench/RESULTS.md, "starts".
 */
const PER_CORE = 8;

/** Lets so many in at once, in the order in which they came. */
export class Gate {
  /** How many may be inside. */
  readonly size: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;
  #most = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** The most that were inside at the same time, so far. */
  get most(): number {
    return this.#most;
  }

  /** Resolves when it is this one's turn, with what has to be called afterwards. @throws the signal's reason */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#inside >= this.size) await this.#turn(signal);
    else this.#inside++;
    this.#most = Math.max(this.#most, this.#inside);
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      // the place is handed on, so that nobody who has just come overtakes
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside--;
      else next();
    };
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(signal?.reason as Error);
      };
      this.#waiting.push(go);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

export const startGate = new Gate(PER_CORE * availableParallelism());
