import type { ExecuteResult, Execution } from '../kernel/index.js';
import { QuietTimer } from '../wait/index.js';

export interface WaitOptions {
  /** Milliseconds; null: for ever. */
  timeout: number | null;
  signal?: AbortSignal;
  /** Milliseconds for the execution to end after the interrupt. */
  grace: number;
  /** Interrupts the execution. Called at most once. */
  interrupt: () => void;
}

/** How an execution went. Neither `result` nor `failure`: it was stopped, and did not end within the grace. */
export interface Waited {
  result: ExecuteResult | null;
  failure: Error | null;
  stopped: 'timeout' | 'aborted' | null;
}

/** Waits for an execution, no longer than it may take; interrupts it then, and waits a little more for what it has to say. */
export async function waitFor(
  execution: Execution,
  { timeout, signal, grace, interrupt }: WaitOptions,
): Promise<Waited> {
  const settled: Promise<Omit<Waited, 'stopped'>> = execution.done.then(
    (result) => ({ result, failure: null }),
    (error: unknown) => ({ result: null, failure: error instanceof Error ? error : new Error(String(error)) }),
  );
  const first = await firstOf(settled, timeout, signal);
  if (typeof first !== 'string') return { ...first, stopped: null };
  interrupt();
  const last = await firstOf(settled, grace);
  return typeof last === 'string' ? { result: null, failure: null, stopped: first } : { ...last, stopped: first };
}

/** What comes first: the promise, the time, or the abort. Leaves no timer and no listener. */
async function firstOf<T>(
  promise: Promise<T>,
  ms: number | null,
  signal?: AbortSignal,
): Promise<T | 'timeout' | 'aborted'> {
  const timer = new QuietTimer();
  let abort: () => void = () => {};
  const stop = new Promise<'timeout' | 'aborted'>((resolve) => {
    abort = () => resolve('aborted');
    if (ms !== null) timer.arm(ms, () => resolve('timeout'));
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, stop]);
  } finally {
    timer.clear();
    signal?.removeEventListener('abort', abort);
  }
}
