import {
  type Catalog,
  type CatalogEntry,
  catalog,
  findConnectionFile,
  type KernelEntry,
  kernelForNotebook,
  resolveKernel,
  type SearchedPlace,
} from '@kernelkit/core';
import { UsageError } from './errors.js';
import type { Screen } from './screen.js';
import type { Session } from './session.js';

/** How a kernel is named on the command line. */
export interface KernelOption {
  kernel?: string;
  /** True: the newest. */
  existing?: string | true;
}

export const EXISTING = [
  '--existing [file]',
  'join a kernel that runs already: its connection file, a part of its name in Jupyter’s runtime directory, or none for the newest',
] as const;

/**
 * What -k or --existing names, as a KERNEL; null: neither was given.
 * @throws UsageError for both, ConnectionFileError
 */
export async function kernelOption({ kernel, existing }: KernelOption): Promise<string | null> {
  if (existing === undefined) return kernel ?? null;
  if (kernel !== undefined) throw new UsageError('both -k and --existing were given', 'give one of them');
  return findConnectionFile(existing === true ? undefined : existing);
}

/** How many other kernels that fit are named. */
const NAMED = 4;

/** Every kernel as seen from a folder, whose environments come first. Says which searches failed. */
export async function findKernels({ screen, signal, cache }: Session, cwd: string): Promise<Catalog> {
  const found = await catalog({ cwd, env: process.env, signal, ...(!cache && { cache: false as const }) });
  warnOfSearchErrors(screen, found.searched);
  return found;
}

/** Says which searches failed: a kernel that is missed may be there. */
export function warnOfSearchErrors(screen: Screen, searched: readonly SearchedPlace[]): void {
  for (const { path, error } of searched) {
    if (error !== null) screen.warn(`${screen.paintErr('yellow', 'warning:')} ${path} could not be searched: ${error}`);
  }
}

/**
 * The kernel that `-k` names. Where several fit, standard error says which was taken.
 * @throws KernelNotFoundError, AmbiguousKernelError
 */
export async function namedKernel(screen: Screen, found: Catalog, query: string, cwd: string): Promise<CatalogEntry> {
  const { entry, others: all } = await resolveKernel(found, query, { cwd });
  // every Python is a python3: those that could not be started are no choice, where the one that was taken can
  const others = all.filter(({ startable }) => startable || !entry.startable);
  if (others.length > 0) {
    const more = others.length === 1 ? 'one other fits' : `${others.length} others fit`;
    const named = others.slice(0, NAMED).map((other) => (other.name === entry.name ? other.displayName : other.name));
    const rest = others.length > NAMED ? ', …' : '';
    screen.note(`kernel: ${describe(entry)}, taken for "${query}" (${more}: ${named.join(', ')}${rest})`);
  } else {
    screen.detail(`kernel: ${describe(entry)}`);
  }
  return entry;
}

/**
 * The kernel for a notebook's metadata: standard error says which and why.
 * @throws KernelNotFoundError
 */
export function kernelOfNotebook(screen: Screen, found: Catalog, metadata: Record<string, unknown>): CatalogEntry {
  const { entry, reason } = kernelForNotebook(found, metadata);
  screen.note(`kernel: ${describe(entry)}: ${reason}`);
  return entry;
}

/**
 * The best kernel that can be started. A person at a terminal is told which it is; in a script it would be noise.
 * @throws KernelNotFoundError
 */
export function bestKernel(screen: Screen, found: Catalog): CatalogEntry {
  const { entry } = kernelForNotebook(found, {});
  const line = `kernel: ${describe(entry)}, the best that was found`;
  if (process.stderr.isTTY === true) screen.note(line);
  else screen.detail(line);
  return entry;
}

function describe({ name, displayName }: KernelEntry): string {
  return name === displayName ? name : `${name} (${displayName})`;
}
