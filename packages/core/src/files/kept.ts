import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Far above what a thousand environments take. */
const LIMIT = 64 * 1024 * 1024;

/**
 * What a program of ours has kept in a file for the next; null where there is nothing, or nothing that could be it: a pipe or a device in its
 * place must not be waited for.
 */
export function readKept(file: string): string | null {
  try {
    const info = statSync(file);
    return info.isFile() && info.size <= LIMIT ? readFileSync(file, 'utf8') : null;
  } catch {
    return null;
  }
}

/**
 * Replaces such a file whole, so that several processes may do so at once; for this user's eyes only. Where that is not possible (a read-only
 * home) nothing is lost but the time of the next.
 */
export function replaceKept(file: string, text: string): void {
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
  } catch {
    try {
      rmSync(draft, { force: true });
    } catch {
      // it could not be made, so it cannot be removed
    }
  }
}
