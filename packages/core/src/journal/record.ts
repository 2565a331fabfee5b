import { randomBytes } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { removeAtExit } from '../process/index.js';
import {
  type Identity,
  type JournalOptions,
  journalDirectory,
  makeDirectory,
  removeIfEmpty,
  removeSame,
} from './directory.js';
import { fileNameOf, type KernelRecord, parseEntry, VERSION } from './entry.js';
import { codeOf, JournalError } from './errors.js';
import { thisMachine, thisProcess } from './machine.js';

/** A kernel's entry in the journal. */
export interface JournalRecord {
  readonly file: string;
  /**
   * Removes the entry, unless another kernel with the same id has taken its place. Idempotent. For when the kernel has ended
   * and its run directory is gone; the end of this process does it, too.
   * @throws JournalError
   */
  remove(): Promise<void>;
}

/** Another process that removes the directory, since it is empty, may come between its making and the file's. */
const TRIES = 5;

/**
 * Writes down a kernel that this process owns, so that a later command can find it, and end it if this process was killed.
 * The file appears at once and whole; an entry with the same id is replaced.
 *
 * @throws JournalError when it cannot be written, or the record is none. The kernel should start all the same.
 */
export async function recordKernel(kernel: KernelRecord, options: JournalOptions = {}): Promise<JournalRecord> {
  const { pid, startTime } = thisProcess();
  const fileName = fileNameOf(kernel.id);
  const parsed = parseEntry(
    { version: VERSION, ...kernel, ...thisMachine(), owner: { pid, startTime } },
    fileName,
    process.pid,
  );
  if ('wrong' in parsed) {
    throw new JournalError(
      'entry',
      `kernel ${JSON.stringify(kernel.id)} cannot be entered in the journal: ${parsed.wrong}`,
    );
  }
  const directory = await journalDirectory(options);
  const file = join(directory, fileName);
  // before it is there: this process may be killed in between
  const release = removeAtExit(file, { withEmptyParent: true });
  let identity: Identity;
  try {
    identity = await write(directory, file, `${JSON.stringify(parsed.entry, null, 2)}\n`);
  } catch (error) {
    release();
    throw error;
  }
  return {
    file,
    async remove() {
      release();
      try {
        await removeSame(file, identity);
      } catch (error) {
        throw JournalError.ofFiles(directory, error);
      }
      await removeIfEmpty(directory);
    },
  };
}

/** A name that no entry has. What a writer that was killed leaves behind is swept. */
const TEMPORARY = /^\.kernel-.+\.tmp$/;

export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

async function write(directory: string, file: string, text: string): Promise<Identity> {
  for (let left = TRIES; ; left--) {
    await makeDirectory(directory);
    const temporary = join(directory, `.kernel-${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
    try {
      const identity = await writeNew(temporary, text);
      await rename(temporary, file);
      return identity;
    } catch (error) {
      if (codeOf(error) === 'ENOENT' && left > 1) continue;
      await unlink(temporary).catch(() => {});
      throw JournalError.ofFiles(directory, error);
    }
  }
}

async function writeNew(path: string, text: string): Promise<Identity> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    const { ino, mtimeNs } = await handle.stat({ bigint: true });
    return { ino, mtimeNs };
  } finally {
    await handle.close();
  }
}
