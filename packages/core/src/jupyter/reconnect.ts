import { Deadline, settlesWithin } from '../wait/index.js';

/** How long, and how often, a lost connection is tried again. */
export interface ReconnectOptions {
  /** Milliseconds that a lost connection may stay away, in all; 0: it is not made again. Default 30,000. */
  within?: number;
  /** Milliseconds before the second try; the first is made at once, and each further one waits for up to twice as long. Default 200. */
  delay?: number;
  /** Milliseconds between two tries at most. Default 5000. */
  longest?: number;
}

export const RECONNECT_WITHIN_MS = 30_000;
const DELAY_MS = 200;
const LONGEST_MS = 5000;

/** Thrown by an attempt: more of them would change nothing. */
export class FinalFailure {
  readonly error: Error;

  constructor(error: Error) {
    this.error = error;
  }
}

/**
 * Milliseconds before the try with this number, from 0: with jitter, so that the clients of a server that comes back do not come all at once.
 * @param random from 0 to 1
 */
export function backOff(attempt: number, options: ReconnectOptions = {}, random = Math.random()): number {
  if (attempt === 0) return 0;
  const longest = Math.min(options.longest ?? LONGEST_MS, (options.delay ?? DELAY_MS) * 2 ** (attempt - 1));
  return longest * (0.5 + random / 2);
}

/**
 * Tries until it succeeds.
 * @param attempt connects; `FinalFailure` from it ends the matter
 * @param first the number of the first try: a connection that does not last must not be tried without a pause
 * @param left milliseconds in all
 * @throws the last failure; the signal's reason
 */
export async function persist<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  { first, left, options, signal }: { first: number; left: number; options: ReconnectOptions; signal: AbortSignal },
): Promise<T> {
  using deadline = new Deadline(left, signal);
  const until = deadline.signal;
  let last: unknown = new Error('there was no time to try');
  for (let tries = first; !until.aborted; tries++) {
    await pause(backOff(tries, options), until);
    if (until.aborted) break;
    try {
      return await attempt(until);
    } catch (error) {
      if (error instanceof FinalFailure) throw error.error;
      // That the time is over is not why it failed.
      if (!until.aborted || tries === first) last = error;
    }
  }
  signal.throwIfAborted();
  throw last;
}

async function pause(ms: number, until: AbortSignal): Promise<void> {
  if (ms === 0) return;
  let end = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    end = resolve;
  });
  until.addEventListener('abort', end, { once: true });
  await settlesWithin(aborted, ms);
  until.removeEventListener('abort', end);
}
