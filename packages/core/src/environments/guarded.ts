import { FileFaultError, type Files, RemotePlaceError } from '../files/index.js';
import type { Item } from './types.js';

/**
 * Looks at one of the things that a place holds: where that fails, the fault is an item and the others go on.
 *
 * @param path what is looked at, where the fault does not say
 * @throws ParserNeeded, and whatever is no fault of a file
 */
export function* guarded(path: string, work: () => Iterable<Item>): Iterable<Item> {
  try {
    yield* work();
  } catch (error) {
    if (!(error instanceof FileFaultError) && !(error instanceof RemotePlaceError)) throw error;
    yield { fault: faultText(error), path: error instanceof FileFaultError ? error.path : path };
  }
}

/** A place's own error, in its words. */
export function faultText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The names of the directories in one, in order; a link is none. @throws FileFaultError */
export function foldersIn(files: Files, dir: string): string[] {
  const entries = [...(files.list(dir) ?? [])];
  return entries.flatMap(([name, type]) => (type === 'directory' ? [name] : [])).sort();
}

/** A file of somebody else's beside an environment: that it cannot be read says nothing against the environment. */
export function textOrNull(files: Files, file: string, limit?: number): string | null {
  try {
    return files.text(file, limit);
  } catch (error) {
    if (error instanceof FileFaultError) return null;
    throw error;
  }
}
