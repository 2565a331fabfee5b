import { setTimeout as delay } from 'node:timers/promises';
import type { KernelDeath } from '@kernelkit/core';
import { answers, loops } from './cells.js';
import { must, rejects, SOON_MS, START_MS, settles, within } from './invariants.js';
import { groupGone, type Life } from './life.js';

/** Kills the kernel from outside, idle or in the middle of a cell: everybody who waits is told why, and it can be started anew. */
export async function killed(life: Life, how: { busy: boolean; again: boolean }): Promise<void> {
  const { kernel, host, revives } = life;
  const running = how.busy ? await loops(life) : null;
  const { pid } = host.launched.process;
  const revived = revives ? revival(life) : null;
  const death = new Promise<KernelDeath>((resolve) => {
    const remove = kernel.on('died', (value) => {
      remove();
      resolve(value);
    });
  });
  process.kill(pid, 'SIGKILL');
  const { signal, willRestart } = await within('the news of a death', SOON_MS, death);
  must(signal === 'SIGKILL', `a kernel that was killed is said to have ended by ${signal}`);
  must(willRestart === revives, `willRestart is ${willRestart}`);
  if (running !== null) await rejects('the cell that ran', running.done, 'kernel-died');
  if (!revives) {
    must(kernel.status === 'dead', `a kernel that was killed is ${kernel.status}`);
    await rejects('a cell for a dead kernel', kernel.execute(life.row.code.sum[0]).done, 'kernel-died');
  }
  if (!how.again) return;
  if (revived === null) await within('restart after a death', START_MS, kernel.restart());
  else await within('being started again', START_MS, revived);
  must(host.launched.process.pid !== pid, 'the process is the one that was killed');
  await groupGone(pid);
  await answers(life);
}

/** Restarted in the middle of a cell, or of nothing. */
export async function restarted(life: Life, busy: boolean): Promise<void> {
  const { kernel, host, row } = life;
  const running = busy ? await loops(life) : null;
  const { pid } = host.launched.process;
  await within('restart', START_MS, kernel.restart());
  if (running !== null) await rejects('the cell that ran', running.done, 'kernel-restarted');
  await groupGone(pid);
  const { executionCount } = await within('a cell', SOON_MS, kernel.execute(row.code.sum[0]).done);
  must(executionCount === row.facts.firstCount, `the first cell after a restart is number ${executionCount}`);
}

/** A restart that is given up, anywhere between its begin and its end, leaves a kernel that can be restarted. */
export async function restartAborted(life: Life): Promise<void> {
  const { kernel, random } = life;
  const stop = new AbortController();
  const restarting = settles('a restart that is aborted', START_MS, kernel.restart(stop.signal));
  await delay(random.between(0, 900));
  stop.abort();
  const outcome = await restarting;
  if ('error' in outcome) {
    await rejects('a restart that was aborted', Promise.reject(outcome.error), 'aborted');
    must(kernel.status === 'dead', `after a restart that was aborted it is ${kernel.status}`);
    await within('restart', START_MS, kernel.restart());
  }
  await answers(life);
}

/** Closed while a cell runs. */
export async function loopAbandoned(life: Life, close: () => Promise<void>): Promise<void> {
  const running = await loops(life);
  const { pid } = life.host.launched.process;
  const closing = close();
  await rejects('the cell that ran', running.done, 'kernel-closed');
  await closing;
  await groupGone(pid);
}

function revival({ kernel }: Life): Promise<void> {
  const revived = new Promise<void>((resolve, reject) => {
    const remove = kernel.on('revival', ({ kind, ...more }) => {
      if (kind === 'restarting') return;
      remove();
      if (kind === 'restarted') resolve();
      else reject(new Error('it was given up', { cause: more }));
    });
  });
  revived.catch(() => {});
  return revived;
}
