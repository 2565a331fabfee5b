import { rmSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Mark, type Process, processesOf } from './processes.js';

export interface Watched extends Mark {
  /** The part of `root` that is TMPDIR for the tests: what other programs leave there is theirs, what we leave is not. */
  readonly tmp: string;
  /** Where else a run directory of ours may not be left over (the machine's own TMPDIR), and since when. */
  readonly alsoSince?: { readonly dir: string; readonly ms: number };
}

export interface Leaks {
  readonly processes: readonly Process[];
  readonly files: readonly string[];
}

// What is ours in a directory that belongs to everybody: the prefix that launch/run-dir.ts gives its directories.
const OURS = /^kernelkit-/;

/**
 * What the tests left behind. A process that is just ending, or that a watchdog is about to end, is given `graceMs`.
 * vitest's own workers, children of this process, are not the tests'.
 */
export async function findLeaks(watched: Watched, graceMs: number): Promise<Leaks> {
  const deadline = Date.now() + graceMs;
  for (;;) {
    const leaks = { processes: leftProcesses(watched), files: await leftFiles(watched) };
    if ((leaks.processes.length === 0 && leaks.files.length === 0) || Date.now() > deadline) return leaks;
    await delay(100);
  }
}

function leftProcesses(mark: Mark): Process[] {
  const all = processesOf(mark) ?? [];
  return all.filter(({ pid, parent, argv }) => pid !== process.pid && !(parent === process.pid && isWorker(argv)));
}

function isWorker(argv: readonly string[]): boolean {
  return argv.some((argument) => /[\\/]vitest[\\/]dist[\\/]workers[\\/]/.test(argument));
}

async function leftFiles({ root, tmp, alsoSince }: Watched): Promise<string[]> {
  const left = (await names(root)).map((name) => join(root, name)).filter((path) => path !== tmp);
  for (const name of await names(tmp)) if (OURS.test(name)) left.push(join(tmp, name));
  if (alsoSince !== undefined) {
    for (const name of await names(alsoSince.dir)) {
      if (!OURS.test(name)) continue;
      const path = join(alsoSince.dir, name);
      const made = await stat(path).then(
        (stats) => stats.birthtimeMs,
        () => 0, // gone meanwhile
      );
      if (made >= alsoSince.ms) left.push(path);
    }
  }
  return left;
}

async function names(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Ends the processes, by pid: asked first, then killed. */
export async function endLeaked(mark: Mark, leaked: readonly Process[]): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const alive = new Set((processesOf(mark) ?? []).map(({ pid }) => pid));
    const left = leaked.filter(({ pid }) => alive.has(pid));
    if (left.length === 0) return;
    for (const { pid } of left) send(pid, signal);
    await delay(1_000);
  }
}

/**
 * What can still be done when vitest is ended by a signal (it then leaves without its teardown): nothing is asked, counted
 * or listed, everything is ended and removed at once.
 */
export function clearAtExit(mark: Mark): void {
  for (const { pid } of processesOf(mark) ?? []) if (pid !== process.pid) send(pid, 'SIGKILL');
  rmSync(mark.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended by itself
  }
}

/** The list that a person reads. */
export function describeLeaks({ processes, files }: Leaks): string {
  return [
    'the tests left something behind:',
    ...processes.map(({ pid, argv }) => `  process ${pid}: ${argv.join(' ')}`),
    ...files.map((path) => `  file    ${path}`),
  ].join('\n');
}
