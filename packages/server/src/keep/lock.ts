import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, startTimeOf, thisMachine } from '@kernelkit/core';
import { KeepError } from './errors.js';

/** How often a gateway says that it is there: so exactly is known until when it was. */
const SIGN_MS = 5000;
const TRIES = 20;

/** What a directory of kept kernels has one of at a time: its gateway. */
export class KeepLock {
  /** Until when the gateway before is known to have been there; null: there was none. */
  readonly before: Date | null;
  readonly #path: string;
  readonly #text: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(path: string, text: string, before: Date | null) {
    this.#path = path;
    this.#text = text;
    this.before = before;
    this.#timer = setInterval(() => {
      const now = new Date();
      // where it cannot be said, less is known
      utimes(path, now, now).catch(() => {});
    }, SIGN_MS).unref();
  }

  /** @throws KeepError keep-taken, with the other gateway's pid */
  static async take(directory: string): Promise<KeepLock> {
    const { host, bootId, pidNamespace } = thisMachine();
    const holder = { pid: process.pid, startTime: startTimeOf(process.pid), host, bootId, pidNamespace };
    const text = `${JSON.stringify({ ...holder, mark: randomUUID() })}\n`;
    const own = join(directory, `lock.${randomUUID()}`);
    await writeFile(own, text, { mode: 0o600, flag: 'wx' });
    try {
      for (let left = TRIES; left > 0; left--) {
        const before = await tryTake(directory, own);
        if (before !== undefined) return new KeepLock(join(directory, 'lock'), text, before);
      }
    } finally {
      await rm(own, { force: true });
    }
    throw new KeepError('keep-taken', `${directory} is being taken by others again and again`);
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    if ((await read(this.#path)) === this.#text) await rm(this.#path, { force: true });
  }
}

/** Who holds the directory; null: nobody who lives. */
export async function holderOf(directory: string): Promise<{ pid: number; host: string } | null> {
  const held = await read(join(directory, 'lock'));
  const holder = held === null ? null : parse(held);
  return holder !== null && lives(holder) ? holder : null;
}

interface Holder {
  pid: number;
  startTime: string | null;
  host: string;
  bootId: string | null;
  pidNamespace: string | null;
}

function refuseLiving(directory: string, text: string): void {
  const holder = parse(text);
  if (holder === null || !lives(holder)) return;
  const { pid, host } = holder;
  const where = host === thisMachine().host ? '' : ` on ${host}`;
  throw new KeepError('keep-taken', `a gateway keeps its kernels in ${directory} already: process ${pid}${where}`, {
    fix: `use that gateway, or end it (kill ${pid}), or keep these kernels in another directory`,
  });
}

/** Of another machine or container nothing can be seen: it is left alone. */
function lives({ pid, startTime, host, bootId, pidNamespace }: Holder): boolean {
  const here = thisMachine();
  if (host !== here.host) return true;
  if (bootId !== here.bootId) return false;
  return pidNamespace !== here.pidNamespace || isRunning(pid, startTime);
}

function parse(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Holder;
    return Number.isSafeInteger(value.pid) && value.pid > 0 && typeof value.host === 'string' ? value : null;
  } catch {
    return null;
  }
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

/**
 * Takes the lock, also of one who is dead: whoever comes after a certain dead one has a name that follows from what that one wrote, so that of many
 * only one can. It then puts its own in the dead one's place. A file is linked, and not opened: it is there with all that it says, or not at all.
 *
 * @returns until when the one before is known to have been there, null: there was none; undefined: something changed meanwhile
 * @throws KeepError
 */
async function tryTake(directory: string, own: string): Promise<Date | null | undefined> {
  const lock = join(directory, 'lock');
  const dead: { path: string; text: string; at: number }[] = [];
  let path = lock;
  while (!(await isLinked(own, path))) {
    const text = await read(path);
    if (text === null) return undefined;
    refuseLiving(directory, text);
    const at = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    dead.push({ path, text, at });
    path = join(directory, `lock.after-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`);
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

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
