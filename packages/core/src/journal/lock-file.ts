import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning } from '../process/index.js';
import { type Machine, type Owner, thisMachine, thisProcess } from './machine.js';

/** The process that has a lock. */
export interface LockHolder extends Machine, Owner {}

/** Tries, where others take it and let go of it in between. */
const TRIES = 20;
const AGAIN_MS = 20;

/**
 * A file that one living process has at a time. It names its holder, so that one that was killed keeps nobody waiting. A file is linked, and not
 * opened: it is there with all that it says, or not at all.
 */
export class LockFile {
  readonly path: string;
  /** When the file of the dead one before was touched last; null: there was none. */
  readonly before: Date | null;
  readonly #text: string;

  private constructor(path: string, text: string, before: Date | null) {
    this.path = path;
    this.#text = text;
    this.before = before;
  }

  /** Takes it, or says who has it; null: it goes from hand to hand. */
  static async take(path: string): Promise<LockFile | LockHolder | null> {
    const { pid, startTime } = thisProcess();
    const text = `${JSON.stringify({ pid, startTime, ...thisMachine(), mark: randomUUID() })}\n`;
    const own = `${path}.${randomUUID()}`;
    await writeFile(own, text, { mode: 0o600, flag: 'wx' });
    try {
      for (let left = TRIES; left > 0; left--) {
        const taken = await tryTake(path, own);
        if (taken === undefined) continue;
        return taken !== null && 'pid' in taken ? taken : new LockFile(path, text, taken);
      }
    } finally {
      await rm(own, { force: true });
    }
    return null;
  }

  /** Who has it; null: nobody who lives. */
  static async holder(path: string): Promise<LockHolder | null> {
    const held = await read(path);
    return held === null ? null : livingHolder(held);
  }

  async release(): Promise<void> {
    if ((await read(this.path)) === this.#text) await rm(this.path, { force: true });
  }
}

/** Does what only one process may do at a time. @throws the signal's reason, what the work throws */
export async function withLock<T>(path: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const taken = await LockFile.take(path);
    if (taken instanceof LockFile) {
      try {
        return await work();
      } finally {
        await taken.release();
      }
    }
    await delay(AGAIN_MS, undefined, { signal });
  }
}

/**
 * Takes the lock, also of one who is dead: whoever comes after a certain dead one has a name that follows from what that one wrote, so that of many
 * only one can. It then puts its own in the dead one's place. What a living one has is never moved.
 *
 * @returns when the dead one's was touched last, null: there was none; who lives and has it; undefined: something changed meanwhile
 */
async function tryTake(lock: string, own: string): Promise<Date | null | LockHolder | undefined> {
  const dead: { path: string; text: string; at: number }[] = [];
  let path = lock;
  while (!(await isLinked(own, path))) {
    const text = await read(path);
    if (text === null) return undefined;
    const holder = livingHolder(text);
    if (holder !== null) return holder;
    const at = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    dead.push({ path, text, at });
    path = `${lock}.after-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  }
  if (path === lock) return null;
  for (const one of dead) {
    if ((await read(one.path)) === one.text) continue;
    // somebody was faster, and has cleared up by now
    await rm(path, { force: true });
    return undefined;
  }
  await rename(own, lock);
  for (const one of [...dead.map((each) => each.path), path]) if (one !== lock) await rm(one, { force: true });
  return new Date(Math.max(...dead.map(({ at }) => at)));
}

async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Of another machine or container nothing can be seen: whoever has it there is left alone. */
function livingHolder(text: string): LockHolder | null {
  const holder = parse(text);
  if (holder === null) return null;
  const here = thisMachine();
  if (holder.host !== here.host) return holder;
  if (holder.bootId !== here.bootId) return null;
  return holder.pidNamespace !== here.pidNamespace || isRunning(holder.pid, holder.startTime) ? holder : null;
}

function parse(text: string): LockHolder | null {
  try {
    const value = JSON.parse(text) as LockHolder;
    return Number.isSafeInteger(value.pid) && value.pid > 0 && typeof value.host === 'string' ? value : null;
  } catch {
    return null;
  }
}

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
