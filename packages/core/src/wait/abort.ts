import { AbortedError } from '../errors/index.js';

/**
 * The work's result, or AbortedError as soon as the signal fires, whether the work heeds it or not: a directory on a dead
 * network drive answers nobody, and the caller goes at once. What then still comes is dropped.
 *
 * @param what the work as the error names it: `Looking for kernels`
 */
export async function untilAborted<T>(
  what: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work();
  if (signal.aborted) throw new AbortedError(what, signal.reason);
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new AbortedError(what, signal.reason));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([aborted, work()]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
