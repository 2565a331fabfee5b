import { homedir } from 'node:os';
import { untilAborted } from '../wait/index.js';
import { mapBounded } from './bounded.js';
import { type Candidate, listRoot } from './list.js';
import { activePrefixes, resolveLinks } from './prefixes.js';
import { type ReadSpec, readSpec } from './read.js';
import { kernelSpecRoots, type RootOptions } from './roots.js';
import type { FoundSpecs, KernelSpecRoot, SearchedRoot } from './types.js';
import { type ProcessVariables, variableReader } from './variables.js';

export interface FindSpecsOptions extends Partial<RootOptions> {
  /** Search these directories and no others. */
  roots?: readonly KernelSpecRoot[];
  signal?: AbortSignal;
}

/** Read at once, files of a root and roots: enough to hide a slow disk, few enough for any descriptor limit. */
const READS_AT_ONCE = 16;
const ROOTS_AT_ONCE = 8;

/**
 * Finds every installed kernelspec: reads the directories of {@link kernelSpecRoots}, writes nothing, starts nothing.
 * The defaults are this process's: environment, working directory, home, and the active environments as prefixes.
 *
 * The first of a name is Jupyter's (`KernelSpecManager.get_all_specs`), even when it is broken; later ones carry
 * `shadowedBy`. The same file found twice by the same name counts once.
 *
 * @throws AbortedError only: what cannot be read is in `broken` and `searched`
 */
export async function findKernelSpecs(options: FindSpecsOptions = {}): Promise<FoundSpecs> {
  return untilAborted('Looking for kernelspecs', options.signal, () => search(options));
}

async function search(options: FindSpecsOptions): Promise<FoundSpecs> {
  const { signal, platform = process.platform } = options;
  const roots = options.roots ?? (await rootsHere(options));
  const results = await mapBounded(roots, ROOTS_AT_ONCE, signal, (root) => readRoot(platform, root, signal));
  // the roots that an abort left out are nobody's business any more
  return merge(results.filter((result) => result !== undefined));
}

/** The roots for this process, or for the one that the options describe. */
async function rootsHere(options: FindSpecsOptions): Promise<KernelSpecRoot[]> {
  const { platform = process.platform, env = process.env, cwd = process.cwd() } = options;
  const home = options.home ?? homeDirectory(platform, env);
  const [realHome, prefixes] = await Promise.all([
    options.realHome ?? resolveLinks(platform, home),
    options.prefixes ?? activePrefixes(platform, env),
  ]);
  return kernelSpecRoots({ ...options, platform, env, cwd, home, realHome, prefixes });
}

/** `~` in the given environment: HOME (on Windows USERPROFILE), else what the system says of this user. */
export function homeDirectory(platform: NodeJS.Platform, env: ProcessVariables): string {
  const home = variableReader(platform, env)(platform === 'win32' ? 'USERPROFILE' : 'HOME');
  if (home !== undefined) return home || '/';
  return homedir();
}

interface RootResult {
  searched: SearchedRoot;
  read: { candidate: Candidate; result: ReadSpec }[];
}

async function readRoot(
  platform: NodeJS.Platform,
  root: KernelSpecRoot,
  signal: AbortSignal | undefined,
): Promise<RootResult> {
  const begin = performance.now();
  const { candidates, error } = await listRoot(platform, root);
  const results = await mapBounded(candidates, READS_AT_ONCE, signal, (candidate) =>
    candidate.error === null
      ? readSpec(candidate.specFile)
      : Promise.resolve({ error: candidate.error, realFile: candidate.specFile, takesName: false }),
  );
  const read = candidates.flatMap((candidate, index) => {
    const result = results[index];
    return result ? [{ candidate, result }] : [];
  });
  const found = read.filter(({ result }) => result.error === null).length;
  return { searched: { root, found, error, ms: performance.now() - begin }, read };
}

function merge(roots: readonly RootResult[]): FoundSpecs {
  const found: FoundSpecs = { specs: [], broken: [], searched: roots.map(({ searched }) => searched) };
  const taken = new Map<string, string>();
  const seen = new Set<string>();
  for (const { candidate, result } of roots.flatMap(({ read }) => read)) {
    const { name, specFile, resourceDir, root } = candidate;
    const { realFile } = result;
    // two ways to one file (a root listed twice, a link) are no two kernels
    const key = `${name}\0${realFile}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const shadowedBy = taken.get(name) ?? null;
    if (result.takesName && shadowedBy === null) taken.set(name, specFile);
    if (result.error === null) {
      const { spec, warnings } = result;
      found.specs.push({ name, spec, specFile, realFile, resourceDir, root, shadowedBy, warnings });
    } else {
      const { error, takesName } = result;
      found.broken.push({ name, specFile, realFile, root, error, takesName, shadowedBy });
    }
  }
  return found;
}
