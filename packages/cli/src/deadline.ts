import { Deadline as TimeLimit } from '@kernelkit/core';

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
  // core's own: it gives way to an answer that came in time and could not be read yet
  const limit = new TimeLimit(seconds === null ? Number.POSITIVE_INFINITY : seconds * 1000, outer);
  const { signal } = limit;
  let grace: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    const begin = (): void => {
      grace = setTimeout(resolve, INTERRUPT_GRACE);
    };
    if (signal.aborted) begin();
    else signal.addEventListener('abort', begin, { once: true });
  });
  return {
    signal,
    get passed() {
      return limit.hasPassed;
    },
    over,
    clear() {
      limit[Symbol.dispose]();
      clearTimeout(grace);
    },
  };
}
