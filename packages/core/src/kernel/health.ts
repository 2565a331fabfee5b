import type { Channels } from '../channels/index.js';
import { Deadline, QuietTimer } from '../wait/index.js';
import type { Kernel } from './kernel.js';

/** What a kernel that was asked for a sign of life gave. */
export interface Health {
  /**
   * `responsive`: it answers on its control channel, or on shell. `busy`: a cell runs, it answers nothing, and its heart beats.
   * `silent`: it should answer and does not. `dead`: it has ended, or its connection has.
   */
  state: 'responsive' | 'busy' | 'silent' | 'dead';
  /** Milliseconds until the heartbeat came back; null: it did not, or this connection has none (a Jupyter server). */
  heartbeat: number | null;
  /** Milliseconds until kernel_info was answered on the control channel; null: it was not. */
  control: number | null;
}

/**
 * Tells a kernel that is alive but silent from a busy one. A heartbeat alone does not say much (octave beats long before it can answer), and
 * many kernels answer on control while a cell runs; one that does neither, and runs nothing, is stuck.
 *
 * @param ms how long either may take
 */
export async function probe(kernel: Kernel, channels: Channels, ms: number): Promise<Health> {
  if (isOver(kernel)) return { state: 'dead', heartbeat: null, control: null };
  const [heartbeat, control, shell] = await Promise.all([
    timed(ms, (signal) => channels.heartbeat?.(signal)),
    timed(ms, (signal) => kernel.request('kernel_info_request', {}, { channel: 'control', signal })),
    // a kernel that runs nothing answers here, even one that never does on control
    kernel.status === 'busy' ? null : timed(ms, (signal) => kernel.request('kernel_info_request', {}, { signal })),
  ]);
  // it may have died meanwhile
  if (isOver(kernel)) return { state: 'dead', heartbeat, control };
  const responds = control !== null || shell !== null;
  const isBusy = kernel.status === 'busy' && heartbeat !== null;
  return { state: responds ? 'responsive' : isBusy ? 'busy' : 'silent', heartbeat, control };
}

function isOver({ status }: Kernel): boolean {
  return status === 'dead' || status === 'closed';
}

/** How long it took in milliseconds; null where it failed, or took too long. */
async function timed(ms: number, ask: (signal: AbortSignal) => Promise<unknown> | undefined): Promise<number | null> {
  using late = new Deadline(ms);
  const begin = performance.now();
  try {
    const asked = ask(late.signal);
    if (asked === undefined) return null;
    await asked;
    return performance.now() - begin;
  } catch {
    return null;
  }
}

/** How often, and for how long, `interruptUntilIdle` tries. */
export interface InterruptUntilIdleOptions {
  /** How many times it is interrupted at most. Default 3. */
  attempts?: number;
  /** Milliseconds that each has to land. Default 2000. */
  patience?: number;
  signal?: AbortSignal;
}

/**
 * Interrupts until nothing runs any more: code that has just been sent may not run yet, and code may catch the first.
 * @returns `idle`, or `unheeded`: then a restart is what is left
 * @throws what `kernel.interrupt` throws, KernelDiedError included; the signal's reason
 */
export async function interruptUntilIdle(
  kernel: Kernel,
  { attempts = 3, patience = 2000, signal }: InterruptUntilIdleOptions,
): Promise<'idle' | 'unheeded'> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    signal?.throwIfAborted();
    const landed = becomesIdle(kernel, patience, signal);
    try {
      await kernel.interrupt();
    } catch (error) {
      landed.stop();
      throw error;
    }
    if (await landed.done) return 'idle';
  }
  return 'unheeded';
}

function becomesIdle(
  kernel: Kernel,
  ms: number,
  signal: AbortSignal | undefined,
): { done: Promise<boolean>; stop: () => void } {
  let stop = (): void => {};
  const done = new Promise<boolean>((resolve) => {
    const timer = new QuietTimer();
    const end = (isIdle: boolean): void => {
      timer.clear();
      remove();
      signal?.removeEventListener('abort', give);
      resolve(isIdle);
    };
    const give = (): void => end(false);
    const remove = kernel.on('status', (status) => {
      if (status !== 'busy' && status !== 'starting') end(true);
    });
    stop = give;
    signal?.addEventListener('abort', give, { once: true });
    timer.arm(ms, give);
  });
  return { done, stop };
}
