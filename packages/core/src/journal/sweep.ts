import { lstat, realpath, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { groupRuns, killGroup } from '../process/index.js';
import { isOurs, type JournalOptions, removeIfEmpty, removeSame } from './directory.js';
import type { JournalEntry, JournalProblem } from './entry.js';
import { codeOf } from './errors.js';
import { type FoundEntry, findEntries, thisWorld } from './read.js';
import { isTemporary } from './record.js';
import { isRunDir, whyNotEnd } from './state.js';

/** What a sweep found and did. */
export interface SweepResult {
  /** Kernels that ran without their owner, and were ended. */
  ended: JournalEntry[];
  /** Entries that were removed, those of the kernels that were ended among them, with their run directories. */
  removed: JournalEntry[];
  /** What was left as it is, and why. */
  problems: JournalProblem[];
}

/** Between SIGTERM and SIGKILL. */
const TERM_MS = 1000;
/** SIGKILL is not instantaneous. */
const KILL_MS = 1000;
const STEP_MS = 10;
/** A file takes milliseconds to be written; what is that old, nobody writes any more. */
const TEMPORARY_MS = 60_000;

/**
 * Clears up after owners that were killed together with their watchdog: ends the kernels that still run, and removes their
 * run directories and entries. Only what certainly is what the entry says is touched: the process by its pid and start
 * time, on this run of this machine; the directory by its place, its name and its owner. Kernels with a living owner are its own affair.
 * Several sweeps at once do no harm. Without anything to do it takes a millisecond or so.
 *
 * @throws JournalError when the directory cannot be trusted or read
 */
export async function sweep(options: JournalOptions = {}): Promise<SweepResult> {
  const { directory, names, found, problems } = await findEntries(options);
  const result: SweepResult = { ended: [], removed: [], problems };
  if (names.length === 0) return result;
  const note = ({ file }: JournalEntry, kind: JournalProblem['kind'], message: string): void => {
    problems.push({ file, kind, message });
  };
  // What one entry calls a dead kernel's must not be what another calls a living one's.
  const inUse = new Set<string | null>([directory]);
  for (const { entry, ownerGone } of found) if (!ownerGone) inUse.add(entry.runDir);
  const clear: FoundEntry[] = [];
  const end = async (one: FoundEntry): Promise<void> => {
    const { entry } = one;
    const why = entry.state === 'orphaned' ? await endOrphan(entry) : null;
    if (why === null) {
      if (entry.state === 'orphaned') result.ended.push(entry);
      clear.push(one);
    } else {
      inUse.add(entry.runDir);
      note(entry, 'left-alone', `kernel ${entry.id} (pid ${entry.pid}) was left alone: ${why}`);
    }
  };
  const remove = async ({ entry, identity }: FoundEntry): Promise<void> => {
    try {
      if (entry.runDir !== null && !inUse.has(entry.runDir)) {
        const why = await removeRunDir(entry.runDir, options.temporary ?? tmpdir());
        if (why !== null) note(entry, 'not-removed', `${entry.runDir} was not removed: ${why}`);
      }
      // Where another sweep was faster, it is its success.
      if (await removeSame(entry.file, identity)) result.removed.push(entry);
    } catch (error) {
      note(entry, 'not-removed', `what kernel ${entry.id} left could not be removed: ${(error as Error).message}`);
    }
  };
  await Promise.all(found.filter(({ ownerGone }) => ownerGone).map(end));
  await Promise.all(clear.map(remove));
  await Promise.all(names.filter(isTemporary).map((name) => removeOld(join(directory, name))));
  await removeIfEmpty(directory);
  return result;
}

/** Ends the group of a kernel, for certain. @returns why it did not */
async function endOrphan(entry: JournalEntry): Promise<string | null> {
  const world = thisWorld();
  // It may have ended by itself, or by another sweep.
  if (!world.runs(entry.pid, entry.startTime)) return null;
  const why = whyNotEnd(entry, world);
  if (why !== null) return why;
  await killGroup(entry.pid, TERM_MS);
  for (const deadline = performance.now() + KILL_MS; await groupRuns(entry.pid); ) {
    if (performance.now() > deadline) return 'not even SIGKILL ends it';
    await delay(STEP_MS);
  }
  return null;
}

/** Removes a run directory that is one beyond doubt. @returns why it did not; null also when it is gone */
async function removeRunDir(path: string, temporary: string): Promise<string | null> {
  try {
    // What is a link on the way (macOS's /tmp) is followed on both sides; the directory itself must be none.
    const real = join(await realpath(dirname(path)), basename(path));
    const found = await lstat(real);
    if (!isRunDir(real, await realpath(temporary))) return `it is no run directory in ${temporary}`;
    if (!found.isDirectory()) return 'it is no directory';
    if (!isOurs(found)) return 'it belongs to another user';
    await rm(real, { recursive: true, force: true, maxRetries: 3 });
    return null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function removeOld(path: string): Promise<void> {
  try {
    const found = await lstat(path);
    if (found.isFile() && Date.now() - found.mtimeMs > TEMPORARY_MS) await unlink(path);
  } catch {
    // Its writer was not dead, or another sweep was faster; the next one looks again.
  }
}
