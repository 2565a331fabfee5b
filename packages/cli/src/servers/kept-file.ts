import { randomBytes } from 'node:crypto';
import { mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ServersFileError } from './errors.js';

export interface KeptFile {
  text: string;
  /** The permissions' bits. */
  mode: number;
}

/** A file's text; null: there is none. @throws ServersFileError */
export async function readKept(path: string): Promise<KeptFile | null> {
  try {
    await using file = await open(path, 'r');
    const { mode } = await file.stat();
    return { text: await file.readFile('utf8'), mode: mode & 0o777 };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new ServersFileError(path, `cannot be read (${code})`, 'Look at what it is, and who may read it.', cause);
  }
}

/** Replaces a file by one that only its owner can read: whole, or not at all. @throws ServersFileError */
export async function writeKept(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // where somebody keeps it elsewhere (dotfiles in a repository), it stays there
    const target = await realpath(path).catch(() => path);
    const draft = `${target}.${randomBytes(6).toString('hex')}`;
    try {
      {
        await using file = await open(draft, 'wx', 0o600);
        await file.writeFile(text);
        await file.sync();
      }
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ServersFileError(path, `cannot be written (${code})`, 'Look at who may write there.', cause);
  }
}

type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * One of our documents: `{ version: 1, [member]: { … } }`. What is not understood is an error and stays as it is.
 * @throws ServersFileError
 */
export function readDocument(path: string, text: string, member: string): Fields {
  const fix = 'Mend it, or move it away and name the servers again; it was left as it is.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // not the parser's own message, which quotes the text
    throw new ServersFileError(path, 'is not JSON', fix, cause instanceof SyntaxError ? undefined : cause);
  }
  if (!isFields(value) || !isFields(value[member])) throw new ServersFileError(path, `has no "${member}"`, fix);
  if (value.version !== 1)
    throw new ServersFileError(path, 'is of another version', 'Use the kernelkit that wrote it; it was left as it is.');
  return value[member];
}
