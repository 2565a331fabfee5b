import { open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 200;
const STALE_STEAL_MS = 30_000;

/**
 * Holds a lock file while `work` runs, so that two runs never build the same environment at once. The file names its
 * owner's pid; the lock of an owner that is gone (killed in the middle) is taken over.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {{ timeoutMs?: number, onWait?: (owner: number) => void }} [options]
 * @returns {Promise<T>}
 * @throws {Error} when the owner still holds it after `timeoutMs` (30 minutes unless told)
 */
export async function withLock(file, work, options = {}) {
  const { timeoutMs = 30 * 60_000, onWait } = options;
  const deadline = Date.now() + timeoutMs;
  let told = false;
  while (!(await create(file))) {
    const owner = await ownerOf(file);
    if (owner !== undefined && !isAlive(owner)) {
      await takeAway(file, owner);
      continue;
    }
    if (!told && owner !== undefined) {
      told = true;
      onWait?.(owner);
    }
    if (Date.now() > deadline) {
      throw new Error(
        `${file} is held by process ${owner ?? '?'} since more than ${timeoutMs / 60_000} minutes; end it or remove the file`,
      );
    }
    await delay(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** @param {string} file */
async function create(file) {
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.write(String(process.pid));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Two waiters may both find the owner dead. Only the one that makes the second file may remove the first, and it looks again before it does.
 *
 * @param {string} file
 * @param {number} dead
 */
async function takeAway(file, dead) {
  const steal = `${file}.steal`;
  if (!(await create(steal))) {
    const made = await stat(steal).then(
      (s) => s.mtimeMs,
      () => Date.now(),
    );
    if (Date.now() - made > STALE_STEAL_MS) await rm(steal, { force: true });
    await delay(POLL_MS);
    return;
  }
  try {
    if ((await ownerOf(file)) === dead) await rm(file, { force: true });
  } finally {
    await rm(steal, { force: true });
  }
}

/**
 * The pid in the lock; undefined while its owner has made the file and not yet written it, or has just removed it.
 * An owner that was killed between the two leaves it empty for good: after a while it counts as dead (-1).
 *
 * @param {string} file
 */
async function ownerOf(file) {
  try {
    const text = await readFile(file, 'utf8');
    if (/^\d+$/.test(text)) return Number(text);
    return Date.now() - (await stat(file)).mtimeMs > STALE_STEAL_MS ? -1 : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
