import { type EntryType, FileFaultError, type Files } from '../files/index.js';
import { KernelSpecReadError, KernelSpecRootError } from './errors.js';
import { joinPath } from './python-path.js';
import type { KernelSpecRoot } from './types.js';

/** Directories of one root that may hold a kernel.json. */
export interface ListedRoot {
  root: KernelSpecRoot;
  candidates: Candidate[];
  error: KernelSpecRootError | null;
}

export interface Candidate {
  root: KernelSpecRoot;
  /** The directory's name, lower-cased. */
  name: string;
  resourceDir: string;
  specFile: string;
  /** Known to be unusable without a look inside. */
  error: KernelSpecReadError | null;
}

/**
 * Lists a root. Where directories differ only in case, Jupyter takes whichever the file system names last; here the one
 * that is all lower case is first, then by code unit, and the first is taken.
 */
export function listRoot(files: Files, root: KernelSpecRoot): ListedRoot {
  let listing: ReadonlyMap<string, EntryType>;
  try {
    listing = files.list(root.path) ?? new Map();
  } catch (error) {
    if (!(error instanceof FileFaultError)) throw error;
    return { root, candidates: [], error: new KernelSpecRootError(root.path, error.code, error.cause) };
  }
  const candidates = [...listing]
    .filter(([, type]) => type !== 'file')
    .sort(([a], [b]) => compareNames(a, b))
    .map(([item, type]): Candidate => {
      const resourceDir = joinPath(files.platform, root.path, item);
      const specFile = joinPath(files.platform, resourceDir, 'kernel.json');
      const dangling = type === 'link' && !exists(files, resourceDir);
      const error = dangling
        ? new KernelSpecReadError(specFile, 'dangling-link', 'its directory is a link to nothing')
        : null;
      return { root, name: item.toLowerCase(), resourceDir, specFile, error };
    });
  return { root, candidates, error: null };
}

function compareNames(a: string, b: string): number {
  const [lowerA, lowerB] = [a.toLowerCase(), b.toLowerCase()];
  if (lowerA !== lowerB) return lowerA < lowerB ? -1 : 1;
  if (a === lowerA || b === lowerB) return a === lowerA ? -1 : 1;
  return a < b ? -1 : 1;
}

/** A link that cannot be followed (a loop) leads nowhere, too. */
function exists(files: Files, path: string): boolean {
  try {
    return files.stat(path) !== null;
  } catch (error) {
    if (error instanceof FileFaultError) return false;
    throw error;
  }
}
