/** Milliseconds that code has to come back after it was interrupted, before its kernel is ended all the same. */
export const INTERRUPT_GRACE = 2000;

/** A stop that comes from outside, or from a time that has passed. */
export interface Deadline {
  /** Aborts when it is time to interrupt: the time has passed, or the outer signal fired. */
  readonly signal: AbortSignal;
  /** Whether it was the time. */
  readonly passed: boolean;
  /** Resolves `INTERRUPT_GRACE` after the signal: whoever has not come back by then does not heed it. */
  readonly over: Promise<void>;
  clear(): void;
}

/** @param seconds null: no time limit */
export function deadline(seconds: number | null, outer: AbortSignal): Deadline {
  const stop = new AbortController();
  let passed = false;
  let grace: NodeJS.Timeout | undefined;
  const timer =
    seconds === null
      ? undefined
      : setTimeout(() => {
          passed = true;
          stop.abort();
        }, seconds * 1000);
  const forward = (): void => stop.abort(outer.reason);
  const over = new Promise<void>((resolve) => {
    stop.signal.addEventListener('abort', () => {
      grace = setTimeout(resolve, INTERRUPT_GRACE);
    });
  });
  if (outer.aborted) forward();
  else outer.addEventListener('abort', forward, { once: true });
  return {
    signal: stop.signal,
    get passed() {
      return passed;
    },
    over,
    clear() {
      clearTimeout(timer);
      clearTimeout(grace);
      outer.removeEventListener('abort', forward);
    },
  };
}
