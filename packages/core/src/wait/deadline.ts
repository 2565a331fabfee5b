import { QuietTimer } from './quiet.js';

/**
 * A signal that fires after a time, or with one of the others, whichever is first; dispose of it when the wait is over. AbortSignal.any and
 * AbortSignal.timeout would say the same in fewer words, but Node 20 loses what only such a signal refers to: the garbage collector takes
 * the timer, and the wait never ends (nodejs/node#57736).
 */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer = new QuietTimer();
  readonly #signals: readonly AbortSignal[];
  #hasPassed = false;

  /** @param ms milliseconds; Infinity: only the others count */
  constructor(ms: number, ...signals: (AbortSignal | undefined)[]) {
    this.#signals = signals.filter((signal) => signal !== undefined);
    for (const signal of this.#signals) signal.addEventListener('abort', this.#forward, { once: true });
    const fired = this.#signals.find(({ aborted }) => aborted);
    if (fired !== undefined) this.#controller.abort(fired.reason);
    else
      this.#timer.arm(ms, () => {
        this.#hasPassed = true;
        this.#controller.abort(new DOMException(`nothing came within ${ms} ms`, 'TimeoutError'));
      });
  }

  /** Fires when the time has passed, or what was handed in fired. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it was the time that ran out. */
  get hasPassed(): boolean {
    return this.#hasPassed;
  }

  [Symbol.dispose](): void {
    this.#timer.clear();
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#forward);
  }

  readonly #forward = ({ target }: Event): void => this.#controller.abort((target as AbortSignal).reason);
}
