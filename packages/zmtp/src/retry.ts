import type { Endpoint } from './endpoint.js';

/** How often a peer that is not there is looked for. */
export interface RetryOptions {
  /** ms before the second attempt, and between attempts at first. */
  readonly first: number;
  /** The longest time between attempts, in ms. */
  readonly max: number;
}

/** ipc is asked by looking for a file, tcp by connecting: hence the difference. */
export function defaultRetry(endpoint: Endpoint): RetryOptions {
  return endpoint.transport === 'ipc' ? { first: 2, max: 100 } : { first: 4, max: 100 };
}

// A peer that is not there: the wait is a fixed share of the time waited so far, so that a peer that took T to appear is
// seen after T plus at most 1 %, and the polling of one that never appears costs next to nothing.
const SHARE = 100;

/**
 * How long to wait (ms) before the next attempt. `waited`: ms since the peer was last known to be there or we began;
 * `refusals`: connections in a row that were taken and dropped before the handshake was over. Something does answer
 * there, so hammering it helps nobody: that doubles from 10 ms.
 */
export function retryDelay(options: RetryOptions, waited: number, refusals: number): number {
  const absent = waited / SHARE;
  const refused = refusals === 0 ? 0 : 10 * 2 ** Math.min(refusals - 1, 20);
  return Math.min(options.max, Math.max(options.first, absent, refused));
}

const hopeless: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'ENAMETOOLONG',
  'EAFNOSUPPORT',
  'EPROTOTYPE',
  'EINVAL',
  'ERR_INVALID_ARG_VALUE',
]);

/** Errors of connect() that time does not mend. */
export function isHopeless(code: string | undefined): boolean {
  return code !== undefined && hopeless.has(code);
}
