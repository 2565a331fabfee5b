import { QuietTimer } from '../wait/index.js';

/** Something is under way and nothing comes: how long before the server is asked whether the kernel still is there. */
const QUIET_MS = 10_000;

export interface SilenceHost {
  /** Whether an answer is to come. */
  readonly isWaiting: () => boolean;
  readonly isConnected: () => boolean;
  /** What the server says that the kernel does; null: it does not say. */
  readonly ask: () => Promise<string | null>;
  readonly dead: () => void;
  /** The kernel is idle, and what is waited for did not come. */
  readonly isLost: () => void;
}

/** Asks the server where nothing comes: it says nothing of a kernel that was shut down, and nothing of what it has lost. */
export class Silence {
  readonly #host: SilenceHost;
  readonly #idleCheck: number;
  readonly #timer = new QuietTimer();
  #heardAt = 0;
  #isOver = false;

  /** @param idleCheck milliseconds between looks while nothing is waited for: the kernel may be culled, or ended by somebody else */
  constructor(idleCheck: number, host: SilenceHost) {
    this.#idleCheck = idleCheck;
    this.#host = host;
  }

  begin(): void {
    this.heard();
    this.#watch();
  }

  heard(): void {
    this.#heardAt = performance.now();
  }

  end(): void {
    this.#isOver = true;
    this.#timer.clear();
  }

  get #lasts(): number {
    return performance.now() - this.#heardAt;
  }

  #watch(): void {
    const pause = Math.min(QUIET_MS, this.#idleCheck);
    this.#timer.arm(Math.max(pause - this.#lasts, pause / 10), () => void this.#look());
  }

  async #look(): Promise<void> {
    const { isWaiting, isConnected, ask, dead, isLost } = this.#host;
    if (this.#lasts >= (isWaiting() ? QUIET_MS : this.#idleCheck) && isConnected()) {
      const state = await ask();
      const isStillQuiet = this.#lasts >= QUIET_MS && isWaiting();
      if (state === 'dead') dead();
      if (state === 'idle' && isStillQuiet && !this.#isOver) isLost();
      this.heard();
    }
    if (!this.#isOver) this.#watch();
  }
}
