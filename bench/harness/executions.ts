import { setTimeout as delay } from 'node:timers/promises';
import type { Kernel } from '@kernelkit/core';

export const TRIVIAL = '1 + 1';

/** One execution, to reply and idle. */
export async function once(kernel: Kernel, code: string = TRIVIAL): Promise<void> {
  const { status } = await kernel.execute(code);
  if (status !== 'ok') throw new Error(`the execution ended with ${status}`);
}

/** One execution after the other: the milliseconds that each took. */
export async function timed(execute: () => Promise<void>, times: number, warmUps = 0): Promise<number[]> {
  const taken: number[] = [];
  for (let i = -warmUps; i < times; i++) {
    const began = performance.now();
    await execute();
    if (i >= 0) taken.push(performance.now() - began);
  }
  return taken;
}

export interface Paced {
  sent: number;
  /** Milliseconds from when each was due, whether it could be sent then or not. */
  taken: number[];
}

/** Executions on each kernel at its own even pace, answered or not, for so many seconds; then waits for all answers. */
export async function paced(
  kernels: readonly Kernel[],
  { perSecond, seconds, code = TRIVIAL }: { perSecond: number; seconds: number; code?: string },
): Promise<Paced> {
  const taken: number[] = [];
  const pending: Promise<void>[] = [];
  const every = 1000 / perSecond;
  const count = perSecond * seconds;
  const began = performance.now();
  await Promise.all(
    kernels.map(async (kernel, at) => {
      for (let n = 0; n < count; n++) {
        const due = began + n * every + (at * every) / kernels.length;
        const early = due - performance.now();
        if (early > 0) await delay(early);
        pending.push(once(kernel, code).then(() => void taken.push(performance.now() - due)));
      }
    }),
  );
  await Promise.all(pending);
  return { sent: pending.length, taken };
}
