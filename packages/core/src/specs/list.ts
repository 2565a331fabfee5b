import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
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
export async function listRoot(platform: NodeJS.Platform, root: KernelSpecRoot): Promise<ListedRoot> {
  let listing: Dirent[];
  try {
    listing = await readdir(root.path, { withFileTypes: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return { root, candidates: [], error: code === 'ENOENT' ? null : new KernelSpecRootError(root.path, code, error) };
  }
  const candidates = listing
    .filter((item) => !item.isFile())
    .sort((a, b) => compareNames(a.name, b.name))
    .map(async (item): Promise<Candidate> => {
      const resourceDir = joinPath(platform, root.path, item.name);
      const specFile = joinPath(platform, resourceDir, 'kernel.json');
      const dangling = item.isSymbolicLink() && !(await exists(resourceDir));
      const error = dangling
        ? new KernelSpecReadError(specFile, 'dangling-link', 'its directory is a link to nothing')
        : null;
      return { root, name: item.name.toLowerCase(), resourceDir, specFile, error };
    });
  return { root, candidates: await Promise.all(candidates), error: null };
}

function compareNames(a: string, b: string): number {
  const [lowerA, lowerB] = [a.toLowerCase(), b.toLowerCase()];
  if (lowerA !== lowerB) return lowerA < lowerB ? -1 : 1;
  if (a === lowerA || b === lowerB) return a === lowerA ? -1 : 1;
  return a < b ? -1 : 1;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
