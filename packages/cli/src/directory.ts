import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from './errors.js';

/**
 * `--cwd DIR` (or another option's) as an absolute path.
 * @throws UsageError when it is no directory
 */
export async function directory(given: string, option = '--cwd'): Promise<string> {
  const path = resolve(given);
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isDirectory()) throw new UsageError(`${option} ${given}: there is no such directory`);
  return path;
}

/**
 * The directory that the command was called in.
 * @throws UsageError when it has been removed meanwhile
 */
export function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    throw new UsageError('the current directory does not exist any more', 'change to one that does');
  }
}
