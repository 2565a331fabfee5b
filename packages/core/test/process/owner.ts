import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../../../../testing/support/index.js';
import type { CatalogEntry } from '../../src/index.js';
import { parseStat } from '../../src/process/start-time.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const program = fileURLToPath(new URL('../fixtures/owner.mjs', import.meta.url));

/** A program that owns kernels (fixtures/owner.mjs), all of which run by now. */
export interface Owner extends AsyncDisposable {
  readonly pid: number;
  readonly kernels: readonly { pid: number; runDir: string }[];
  /** Its TMPDIR, which nobody else has. */
  readonly tmp: string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts the program, and does not wait for its kernels. Its output is one line when they run. */
export function spawnOwner(
  how: string,
  entries: readonly CatalogEntry[],
  variables: Record<string, string>,
): ChildProcess & { pid: number } {
  const child = spawn(process.execPath, [program, how, JSON.stringify(entries)], {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return child as ChildProcess & { pid: number };
}

/** Starts the program. At the end of the scope nothing of it is left, whatever became of it. */
export async function startOwner(
  how: string,
  entries: readonly CatalogEntry[],
  variables: Record<string, string> = {},
): Promise<Owner> {
  const temporary = await tempDir();
  const owner = spawnOwner(how, entries, { TMPDIR: temporary.path, ...variables });
  const ended = once(owner, 'exit').then(([code, signal]) => ({ code, signal }));
  for await (const line of createInterface({ input: owner.stdout! })) {
    const kernels: { pid: number; runDir: string }[] = JSON.parse(line);
    return {
      pid: owner.pid,
      kernels,
      tmp: temporary.path,
      ended,
      async [Symbol.asyncDispose]() {
        owner.kill('SIGKILL');
        await ended;
        for (const { pid } of kernels) if (membersOf(pid).length > 0) process.kill(-pid, 'SIGKILL');
        await until(() => kernels.every(({ pid }) => membersOf(pid).length === 0));
        await temporary[Symbol.asyncDispose]();
      },
    };
  }
  throw new Error('the program ended before its kernels were ready');
}

/** Waits until it is so, for at most ten seconds: gives the milliseconds that it took, or null. */
export async function until(isSo: () => boolean): Promise<number | null> {
  const begin = performance.now();
  while (!isSo()) {
    if (performance.now() - begin > 10_000) return null;
    await delay(5);
  }
  return Math.round(performance.now() - begin);
}

/** The processes of a group that have not ended. */
export function membersOf(group: number): number[] {
  return processes()
    .filter((found) => found.group === group)
    .map(({ pid }) => pid);
}

/** The processes that were given a path, or one below it. */
export function naming(path: string): number[] {
  return processes()
    .filter(({ argv }) => argv.some((argument) => argument.startsWith(path)))
    .map(({ pid }) => pid);
}

/** The watchdogs beside a process, which outlive it by a moment. */
export function watchdogsOf(owner: number): number[] {
  return processes()
    .filter(({ argv }) => argv[3] === 'kernelkit-watchdog' && argv[5] === String(owner))
    .map(({ pid }) => pid);
}

function processes(): { pid: number; group: number; argv: string[] }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = parseStat(readFileSync(`/proc/${name}/stat`, 'latin1'));
      if (stat === null || stat.state === 'Z' || stat.state === 'X') return [];
      return [
        { pid: Number(name), group: stat.group, argv: readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0') },
      ];
    } catch {
      return []; // it ended while it was looked at
    }
  });
}
