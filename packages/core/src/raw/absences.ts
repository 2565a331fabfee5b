import { QuietTimer } from '../wait/index.js';

/**
 * The channels that a running kernel has closed. One that stays closed does not come back, and what is asked on it would
 * wait for ever. A channel that was never there is nobody's loss: some kernels have no control channel.
 */
export class Absences {
  readonly #patience: number;
  readonly #lost: (channel: string) => void;
  readonly #timers = new Map<string, QuietTimer>();

  /**
   * @param patience milliseconds that a channel may stay away
   * @param lost called when one stayed away for longer
   */
  constructor(patience: number, lost: (channel: string) => void) {
    this.#patience = patience;
    this.#lost = lost;
  }

  came(channel: string): void {
    const timer = this.#timers.get(channel);
    if (timer === undefined) this.#timers.set(channel, new QuietTimer());
    else timer.clear();
  }

  /** May be told again and again, by attempts that were taken and dropped: the first counts. */
  left(channel: string): void {
    const timer = this.#timers.get(channel);
    if (timer?.armed === false) timer.arm(this.#patience, () => this.#lost(channel));
  }

  end(): void {
    for (const timer of this.#timers.values()) timer.clear();
    this.#timers.clear();
  }
}
