import { availableParallelism } from 'node:os';

/**
 * How many kernels of this process start side by side, for each core. A start is work for the processor (a Python that imports) and not
 * waiting, so that more at once end no sooner, and each takes so much longer that its time-out passes. 200 starts of ipykernel over
 * Unix sockets on two cores, all of which succeeded; two rounds each (one of 2, four of 4 to 16), while others worked on the machine, too:
 *
 *     at once        all of them     one, from its turn: median, 99th percentile
 *     2              36 s             0.3 s    0.8 s
 *     4              30 to 50 s       0.6 s    1.1 to 2.3 s
 *     8              32 to 40 s       1.3 s    1.6 to 2.2 s
 *     16             34 to 39 s       2.7 s    2.9 to 3.7 s
 *     32             31 to 42 s       4.4 s    5.0 to 5.8 s
 *     64             31 to 36 s       6.6 s    9 to 13 s
 *     200            31 to 44 s      19 s     31 to 42 s
 *
 * The whole takes the same, whatever the gate, within what the machine wavers by. Not the smallest, all the same: a kernel that hangs holds its
 * place until its time-out, and the others wait.
 */
const PER_CORE = 4;

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
