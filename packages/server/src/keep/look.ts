import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning } from '@kernelkit/core';
import { holderOf } from './lock.js';
import { isOfThisMachine, readRecord } from './record.js';

/** What is kept in a directory, for whoever wants to know, and not to have it. */
export interface KeptLook {
  readonly directory: string;
  /** The gateway's process; null: none runs. */
  readonly gateway: number | null;
  readonly kernels: readonly {
    readonly id: string;
    readonly name: string;
    readonly displayName: string;
    /** Its process; null: it does not run here. */
    readonly pid: number | null;
  }[];
}

/** Nothing is changed, and what cannot be read is left out. */
export async function lookAtKept(directory: string): Promise<KeptLook> {
  const kernels: KeptLook['kernels'][number][] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    const at = join(directory, name);
    if (!(await stat(at).catch(() => null))?.isDirectory()) continue;
    const record = await readRecord(at);
    if (record === null) continue;
    const { id, start, process: running } = record;
    const runs = running !== null && isOfThisMachine(running) && isRunning(running.pid, running.startTime);
    kernels.push({ id, name: start.name, displayName: start.entry.displayName, pid: runs ? running.pid : null });
  }
  return { directory, gateway: (await holderOf(directory).catch(() => null))?.pid ?? null, kernels };
}
