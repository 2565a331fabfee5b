import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { planKernel, type StartedKernel, startPlan } from '@kernelkit/core';
import { groupRuns } from '../../packages/core/src/process/group.js';
import { entryOfRow, type Row } from '../../packages/core/test/matrix/row.js';
import { kernel as provided } from '../support/kernels.js';
import { eventually, must, SILENT_MS, SOON_MS, within } from './invariants.js';
import type { Random } from './random.js';

/** One kernel between its start and its close. */
export interface Life extends StartedKernel {
  row: Row;
  random: Random;
  /** It is started again when it dies. */
  revives: boolean;
}

export interface Birth {
  row: Row;
  random: Random;
  transport: 'tcp' | undefined;
  revives: boolean;
}

/** How long a kernel has to end by itself that is known not to, or that does not hear while it is busy. */
const DEAF_END_MS = 1500;

export async function startLife({ row, random, transport, revives }: Birth, signal?: AbortSignal): Promise<Life> {
  const { facts } = row;
  const hears = facts.shutdown === 'asked' && facts.interrupt === 'signal';
  const planning = planKernel(entryOfRow(row, provided(row.name)), transport ? { transport } : {});
  const plan = await within('the plan of a start', SOON_MS, planning);
  const started = await startPlan(plan, {
    timeout: SILENT_MS,
    ...(hears ? {} : { shutdown: { request: DEAF_END_MS } }),
    // every death begins a new row: how many the walk brings says nothing of the kernel
    ...(revives && { autoRestart: { delay: 20, settled: 0 } }),
    ...(signal && { signal }),
  });
  return { ...started, row, random, revives };
}

/** What the kernel left behind that ran here: nothing, and at once. */
export async function closeLife({ kernel, host }: Life): Promise<void> {
  await within('close', SOON_MS, kernel.close());
  must(kernel.status === 'closed', `a kernel that was closed is ${kernel.status}`);
  const { process: child, connectionFile } = host.launched;
  must(!existsSync(dirname(connectionFile)), `its directory is left: ${dirname(connectionFile)}`);
  must(child.exit !== null, `its process ${child.pid} is left`);
}

/** Waits until the process that had this pid, and all in its group, is gone. */
export async function groupGone(pid: number): Promise<void> {
  await eventually(`the group of process ${pid} ends`, async () => !(await groupRuns(pid)));
}
