import { readdirSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Mark, type Process, processesOf } from '../suite/processes.js';

/** What this process holds, and what it has made, at one moment. */
export interface Sample {
  /** Milliseconds since the process began. */
  at: number;
  /** Open descriptors by what they are of. */
  descriptors: ReadonlyMap<string, number>;
  processes: readonly Process[];
  /** What we put among the temporary files: run directories, and the journal's entries. */
  files: readonly string[];
  /** What is the kernels' own there: an R that was killed leaves its directory. */
  foreign: number;
  /** Megabytes, after a collection. */
  rss: number;
  heap: number;
  /** Buffers outside of the heap. */
  external: number;
}

const MB = 1024 * 1024;

export async function takeSample(mark: Mark): Promise<Sample> {
  const { ours, foreign } = await temporaryFiles(mark.root);
  // twice: what the first finalises, the second frees
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return {
    at: performance.now(),
    descriptors: openDescriptors(),
    processes: (processesOf(mark) ?? []).filter(({ pid }) => pid !== process.pid),
    files: ours,
    foreign,
    ...{ rss: rss / MB, heap: heapUsed / MB, external: (external + arrayBuffers) / MB },
  };
}

/** The sample at rest: taken again until it holds nothing more than `than`, or for so long as the system may need to clear away. */
export async function takeRest(mark: Mark, than: Sample | null, ms: number): Promise<Sample> {
  const deadline = performance.now() + ms;
  for (;;) {
    const sample = await takeSample(mark);
    const isQuiet = than === null ? sample.processes.length === 0 : leftovers(than, sample).length === 0;
    if (isQuiet || performance.now() > deadline) return sample;
    await delay(200);
  }
}

/** What there is in `after` that was not there in `before`; memory aside. */
export function leftovers(before: Sample, after: Sample): string[] {
  const more: string[] = [];
  for (const [kind, n] of after.descriptors) {
    const was = before.descriptors.get(kind) ?? 0;
    if (n > was) more.push(`${n - was} descriptors of ${kind}`);
  }
  for (const { pid, argv } of after.processes) more.push(`process ${pid}: ${argv.join(' ').slice(0, 200)}`);
  for (const file of after.files) more.push(`file ${file}`);
  return more;
}

export function count(descriptors: ReadonlyMap<string, number>): number {
  return [...descriptors.values()].reduce((sum, n) => sum + n, 0);
}

function openDescriptors(): Map<string, number> {
  const kinds = new Map<string, number>();
  if (process.platform !== 'linux') return kinds;
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      // socket:[123], pipe:[123], anon_inode:[eventpoll], /a/file
      const kind = readlinkSync(`/proc/self/fd/${name}`).replace(/^(socket|pipe):.*/, '$1');
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    } catch {
      // the one that the list itself was read through
    }
  }
  return kinds;
}

async function temporaryFiles(root: string): Promise<{ ours: string[]; foreign: number }> {
  const names = await readdir(root);
  const mine = names.filter((name) => name.startsWith('kernelkit'));
  const below = await Promise.all(
    mine.map(async (name) => {
      const inside = await readdir(join(root, name)).catch(() => []);
      return [name, ...inside.map((each) => join(name, each))];
    }),
  );
  return { ours: below.flat(), foreign: names.length - mine.length };
}
