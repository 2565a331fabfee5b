import { KernelkitError } from '../errors/index.js';
import { NodeFiles } from '../files/index.js';
import { homeDirectory, type ProcessVariables } from '../specs/index.js';
import { AmbiguousKernelError, KernelNotFoundError } from './errors.js';
import { resolvePath } from './path.js';
import type { Catalog, CatalogEntry, KernelEntry, SourceContext } from './types.js';

/** By what a name is understood that may be a path. */
export interface ResolveOptions {
  /** What a relative path is relative to. Default: this process's working directory. */
  cwd?: string;
  env?: ProcessVariables;
  home?: string;
  platform?: NodeJS.Platform;
  signal?: AbortSignal;
}

/** The kernel that a name means. */
export interface ResolvedKernel {
  entry: CatalogEntry;
  /** What fitted as well, and was passed over. */
  others: KernelEntry[];
}

/**
 * The kernel that a user means (CONTRACT, "Naming a kernel"): an exact id, an exact kernelspec name, a path, an exact
 * display name, a language, an environment's name, a unique prefix of a name or display name; the first of these that fits decides. What is
 * hidden can be had by id and by path only. A kernel that runs already is somebody's: a name or a language asks for one that is to be
 * started, so that it can be had by its id, its path and its display name.
 *
 * @param catalog what `catalog()` gave, the best first
 * @throws KernelNotFoundError with what could have been asked for, AmbiguousKernelError for display names and prefixes,
 *   KernelPathError for a path to something else
 */
export async function resolveKernel(
  catalog: Catalog,
  query: string,
  options: ResolveOptions = {},
): Promise<ResolvedKernel> {
  const visible = catalog.kernels.filter(({ hidden }) => hidden === null);
  const fresh = visible.filter(({ source }) => source !== 'running');

  const byId = catalog.kernels.find(({ id }) => id === query);
  if (byId) return { entry: byId, others: [] };

  // Jupyter looks names up in lower case. The order is Jupyter's own for a name, and the catalog's beyond that
  const byName = fresh.filter(({ name }) => name === query.toLowerCase());
  if (byName.length > 0) return first(jupytersOwnFirst(byName));

  const { found: byPath, failure } = await tryPath(catalog, query, options);
  if (byPath) return first(byPath);

  const byDisplayName = visible.filter(({ displayName }) => displayName === query);
  if (byDisplayName.length > 0) return only(query, 'display name', byDisplayName);

  const byLanguage = fresh.filter((entry) => speaks(entry, query));
  if (byLanguage.length > 0) return first(byLanguage);

  // an addition to the contract's ladder, where nothing of it fits: what people call the environment
  const byEnvironment = visible.filter(({ environment }) => environment?.name === query);
  if (byEnvironment.length > 0) return first(byEnvironment);

  const byPrefix = fresh.filter((entry) => begins(entry.name, query) || begins(entry.displayName, query));
  if (byPrefix.length > 0) return only(query, 'prefix', byPrefix);

  if (failure) throw failure;
  throw new KernelNotFoundError(query, `There is no kernel ${JSON.stringify(query)}`, {
    candidates: visible,
    searched: catalog.searched,
  });
}

/**
 * The rung of paths. Where a single word happens to be the name of something in the working directory that is no kernel (an
 * environment in `./r`), it may still mean a language: the failure is then kept until the other rungs have had their turn.
 */
async function tryPath(
  catalog: Catalog,
  query: string,
  options: ResolveOptions,
): Promise<{ found: CatalogEntry[] | null; failure: KernelkitError | null }> {
  try {
    return { found: await resolvePath(catalog, query, contextOf(options)), failure: null };
  } catch (error) {
    if (!(error instanceof KernelkitError) || /[\\/]/.test(query)) throw error;
    return { found: null, failure: error };
  }
}

/** Whether an entry's language is the one named; case does not matter (R and r). */
export function speaks(entry: KernelEntry, language: string): boolean {
  return language !== '' && entry.language.toLowerCase() === language.toLowerCase();
}

/** The kernelspec that Jupyter would take before what only we know of; among equals the order stays: the nearest environment's. */
export function jupytersOwnFirst(entries: readonly CatalogEntry[]): CatalogEntry[] {
  const rank = ({ isJupyters, hidden }: CatalogEntry) => Number(!isJupyters || hidden !== null);
  return [...entries].sort((a, b) => rank(a) - rank(b));
}

function begins(text: string, query: string): boolean {
  return query !== '' && text.toLowerCase().startsWith(query.toLowerCase());
}

function first(entries: readonly CatalogEntry[]): ResolvedKernel {
  const [entry, ...others] = entries;
  return { entry: entry!, others };
}

function only(query: string, rung: string, entries: readonly CatalogEntry[]): ResolvedKernel {
  if (entries.length > 1) throw new AmbiguousKernelError(query, rung, entries);
  return first(entries);
}

function contextOf(options: ResolveOptions): SourceContext {
  const { cwd = process.cwd(), env = process.env, platform = process.platform, signal } = options;
  const home = options.home ?? homeDirectory(platform, env);
  return { cwd, env, platform, home, files: new NodeFiles({ platform }), ...(signal && { signal }) };
}
