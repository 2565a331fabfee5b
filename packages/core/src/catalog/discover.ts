import { cacheFile, type Environment, EnvironmentCache, whereOf } from '../environments/index.js';
import { AbortedError } from '../errors/index.js';
import { type Files, NodeFiles, RemotePlaceError } from '../files/index.js';
import { homeDirectory, type ProcessVariables, type PythonPrefix } from '../specs/index.js';
import { ApartProcesses } from './apart-processes.js';
import { denoSource } from './deno-source.js';
import { environmentSource } from './environment-source.js';
import { allFindings } from './findings.js';
import { juliaSource } from './julia-source.js';
import { kernelspecSource } from './kernelspec-source.js';
import { mergeCatalog, rowsOf } from './merge.js';
import { rSource } from './r-source.js';
import type { Catalog, CatalogEntry, KernelSource, SearchedPlace, SourceContext } from './types.js';

/** Where kernels are looked for, and through what. Everything left out is this machine's, or this process's. */
export interface CatalogOptions {
  /** Default: this process's environment, working directory, platform, and the home that the environment names. */
  env?: ProcessVariables;
  cwd?: string;
  home?: string;
  platform?: NodeJS.Platform;
  /** Pythons whose kernelspecs count as Jupyter's own, nearest first. Default: the active environments. */
  prefixes?: readonly PythonPrefix[];
  /** Pythons' user bases (`~/.local`). Default: what the environment and the platform say. */
  userBases?: readonly string[];
  /** Deno's binary; false: do not look for it. Default: KERNELKIT_DENO, PATH, the npm package. */
  deno?: string | false;
  /** Where kernels are looked for, in place of the built-in sources. */
  sources?: readonly KernelSource[];
  /**
   * What earlier searches found out: a cache that is kept in memory (for a program that searches again and again), or false for none.
   * Default: the file in the user's cache directory.
   */
  cache?: EnvironmentCache | false;
  /** Default: this machine's. */
  files?: Files;
  signal?: AbortSignal;
}

/** A change of the list, as a search goes on or (watch.ts) as the machine changes. */
export type CatalogEvent =
  | { type: 'added'; entry: CatalogEntry }
  | { type: 'changed'; entry: CatalogEntry }
  | { type: 'removed'; entry: CatalogEntry };

/** The sources that are asked unless told otherwise: a caller puts its own beside them. */
export function builtInSources(options: Pick<CatalogOptions, 'prefixes' | 'userBases' | 'deno'> = {}): KernelSource[] {
  const { prefixes, userBases, deno } = options;
  return [
    kernelspecSource({ ...(prefixes && { prefixes }), ...(userBases && { userBases }) }),
    rSource(),
    juliaSource(),
    denoSource(deno),
    environmentSource(),
  ];
}

/**
 * Searches, and tells of each kernel as soon as it is found: kernelspecs within milliseconds, environments one by one. A row that
 * turns out to be another one's double is told as changed (it is hidden then). The generator's return value is the whole list.
 *
 * @throws AbortedError when the signal fires; whatever else goes wrong is in `searched` or an entry's `problem`
 */
export async function* discover(options: CatalogOptions = {}): AsyncGenerator<CatalogEvent, Catalog> {
  const { signal } = options;
  const here = contextOf(options);
  using apart = new ApartProcesses(here);
  const context: SourceContext = { ...here, apart: (task, mount) => apart.run(task, mount) };
  const sources = options.sources ?? builtInSources(options);
  const entries: CatalogEntry[] = [];
  const environments = new Map<string, Environment>();
  const searched: SearchedPlace[] = [];
  const told = new Map<string, CatalogEntry>();
  const rows = remembered((environment: Environment) => rowsOf(environment, context));

  for await (const finding of allFindings(sources, context)) {
    if (signal?.aborted) throw new AbortedError('Looking for kernels', signal.reason);
    if (finding.type === 'place') searched.push(finding.place);
    else if (finding.type === 'entry') entries.push(finding.entry);
    else environments.set(`${finding.environment.prefix}\0${finding.environment.python}`, finding.environment);
    if (finding.type === 'place') continue;
    for (const entry of finding.type === 'entry' ? [finding.entry] : rows(finding.environment)) {
      if (entry.hidden !== null || told.has(entry.id)) continue;
      told.set(entry.id, entry);
      yield { type: 'added', entry };
    }
  }
  context.cache?.save();
  const kernels = mergeCatalog(entries, [...environments.values()], context, rows);
  yield* changes(told, kernels);
  return { kernels, searched };
}

function remembered<K extends object, V>(work: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const value = known.get(key) ?? work(key);
    known.set(key, value);
    return value;
  };
}

/** What differs between what was told and what is. */
export function* changes(
  told: ReadonlyMap<string, CatalogEntry>,
  kernels: readonly CatalogEntry[],
): Iterable<CatalogEvent> {
  const now = new Set(kernels.map(({ id }) => id));
  for (const [id, entry] of told) if (!now.has(id)) yield { type: 'removed', entry };
  for (const entry of kernels) {
    const before = told.get(entry.id);
    if (before === undefined) yield { type: 'added', entry };
    else if (before !== entry && JSON.stringify(before) !== JSON.stringify(entry)) yield { type: 'changed', entry };
  }
}

/** A file that may be touched from here; null for one on a file system that may not answer: there is then no cache but in memory. */
function reachable(files: Files, file: string): string | null {
  try {
    files.stat(file);
  } catch (error) {
    if (error instanceof RemotePlaceError) return null;
  }
  return file;
}

/** The surroundings that sources are given. */
export function contextOf(options: CatalogOptions): SourceContext {
  const { env = process.env, cwd = process.cwd(), platform = process.platform, signal } = options;
  const home = options.home ?? homeDirectory(platform, env);
  const files = options.files ?? new NodeFiles({ platform });
  const where = { platform, env, home, cwd };
  const cache = options.cache ?? new EnvironmentCache(reachable(files, cacheFile(whereOf(where))));
  if (cache) cache.begin();
  return { ...where, files, ...(cache && { cache }), ...(signal && { signal }) };
}
