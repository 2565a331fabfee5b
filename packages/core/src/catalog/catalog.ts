import { homeDirectory, type PythonPrefix } from '../specs/index.js';
import { untilAborted } from '../wait/index.js';
import { denoSource } from './deno-source.js';
import { millisecondsSince } from './entry.js';
import { kernelspecSource } from './kernelspec-source.js';
import { compareEntries } from './rank.js';
import type { Catalog, CatalogEntry, KernelSource, SearchedPlace, SourceContext } from './types.js';

export interface CatalogOptions {
  /** Default: this process's environment, working directory, platform, and the home that the environment names. */
  env?: SourceContext['env'];
  cwd?: string;
  home?: string;
  platform?: NodeJS.Platform;
  /** Pythons whose kernelspecs count, nearest first. Default: the active environments. */
  prefixes?: readonly PythonPrefix[];
  /** Pythons' user bases (`~/.local`). Default: what the environment and the platform say. */
  userBases?: readonly string[];
  /** Deno's binary; false: do not look for it. Default: KERNELKIT_DENO, PATH, the npm package. */
  deno?: string | false;
  /** Where kernels are looked for, in place of the built-in sources. */
  sources?: readonly KernelSource[];
  signal?: AbortSignal;
}

/**
 * Everything that can be picked, the best first; hidden and broken kernels are in it, and say why. Starts and writes nothing.
 *
 * @throws AbortedError when the signal fires; whatever else goes wrong is in `searched` or an entry's `problem`
 */
export async function catalog(options: CatalogOptions = {}): Promise<Catalog> {
  const { env = process.env, cwd = process.cwd(), platform = process.platform, signal } = options;
  const home = options.home ?? homeDirectory(platform, env);
  const context: SourceContext = { platform, env, home, cwd, ...(signal && { signal }) };
  const sources = options.sources ?? builtInSources(options);
  const found = await untilAborted('Looking for kernels', signal, () =>
    Promise.all(sources.map((source) => ask(source, context))),
  );
  return {
    kernels: found.flatMap(({ entries }) => entries).sort(compareEntries),
    searched: found.flatMap(({ searched }) => searched),
  };
}

/** The sources that `catalog` asks unless told otherwise: a caller puts its own beside them. */
export function builtInSources(options: Pick<CatalogOptions, 'prefixes' | 'userBases' | 'deno'> = {}): KernelSource[] {
  const { prefixes, userBases, deno } = options;
  return [kernelspecSource({ ...(prefixes && { prefixes }), ...(userBases && { userBases }) }), denoSource(deno)];
}

/** One source's answer. Its failure is its own: the others' kernels are still good. */
async function ask(
  source: KernelSource,
  context: SourceContext,
): Promise<{ entries: CatalogEntry[]; searched: SearchedPlace[] }> {
  const begin = performance.now();
  try {
    return await source.find(context);
  } catch (error) {
    if (context.signal?.aborted) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const ms = millisecondsSince(begin);
    return { entries: [], searched: [{ path: source.name, kind: 'source', found: 0, error: message, ms }] };
  }
}
