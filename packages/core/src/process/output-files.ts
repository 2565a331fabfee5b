import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * Where a process that outlives its owner writes: a pipe would end with its reader, and the next word on it would end the process
 * (SIGPIPE).
 */
export interface OutputFiles {
  stdout: string;
  stderr: string;
}

/** Opens an empty one, to be handed to a process. All that is written is put at its end, also after it was cut. */
export function openOutput(path: string): number {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NOFOLLOW = 0 } = constants;
  return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW, 0o600);
}

/** The last bytes of a file as text; begins at a line's start where it was cut. Empty where there is none. */
export function tailOf(path: string, bytes: number): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(file);
    const kept = Buffer.alloc(Math.min(size, bytes));
    const read = readSync(file, kept, 0, kept.byteLength, size - kept.byteLength);
    const text = kept.subarray(0, read).toString('utf8');
    return size > bytes ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    closeSync(file);
  }
}

/** Cuts a file that has grown beyond `most` down to its last `kept` bytes. What is written at that very moment may be lost. */
export async function cutOutput(path: string, most: number, kept: number): Promise<void> {
  const file = await open(path, 'r+').catch(() => null);
  if (file === null) return;
  try {
    const { size } = await file.stat();
    if (size <= most) return;
    const tail = Buffer.alloc(kept);
    const { bytesRead } = await file.read(tail, 0, kept, size - kept);
    await file.truncate(0);
    await file.write(tail, 0, bytesRead, 0);
  } finally {
    await file.close();
  }
}
