/** The longest that setTimeout takes; what is longer would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;
/** Turns of the event loop that an expired timer lets pass. */
const TURNS = 2;

/**
 * A timer that gives way to what has already arrived. After a program was busy for long, its timers run before the messages
 * that came meanwhile are read: a deadline must not pass because nobody looked. So when it expires it lets the event
 * loop turn, and whoever finds a message then arms or clears it again.
 */
export class QuietTimer {
  #timer: ReturnType<typeof setTimeout> | null = null;

  get armed(): boolean {
    return this.#timer !== null;
  }

  /** Calls `fire` after `ms` milliseconds in which it was neither armed again nor cleared. Infinity: never. */
  arm(ms: number, fire: () => void): void {
    this.clear();
    if (ms <= LONGEST_MS) this.#timer = setTimeout(() => this.#turn(TURNS, fire), ms);
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #turn(left: number, fire: () => void): void {
    if (left > 0) {
      this.#timer = setTimeout(() => this.#turn(left - 1, fire), 0);
    } else {
      this.#timer = null;
      fire();
    }
  }
}

/** Resolves when the promise settles, however it does, and after `ms` quiet milliseconds in any case: true if it settled. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new QuietTimer();
  try {
    return await new Promise<boolean>((resolve) => {
      const settled = (): void => resolve(true);
      promise.then(settled, settled);
      timer.arm(ms, () => resolve(false));
    });
  } finally {
    timer.clear();
  }
}
