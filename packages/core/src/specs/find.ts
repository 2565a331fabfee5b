import { homedir } from 'node:os';
import { type Apart, type Files, NodeFiles, RemotePlaceError } from '../files/index.js';
import { untilAborted } from '../wait/index.js';
import { KernelSpecRootError } from './errors.js';
import { listRoot } from './list.js';
import { activePrefixes, resolveLinks } from './prefixes.js';
import { readSpec } from './read.js';
import { kernelSpecRoots, type RootOptions } from './roots.js';
import type { FoundSpecs, KernelSpecRoot, ReadRoot } from './types.js';
import { type ProcessVariables, variableReader } from './variables.js';
import { decodeRoot } from './wire.js';

/** Where kernelspecs are looked for. Everything left out is this machine's, or this process's. */
export interface FindSpecsOptions extends Partial<RootOptions> {
  /** Search these directories and no others. */
  roots?: readonly KernelSpecRoot[];
  /** Default: this machine's. */
  files?: Files;
  /** Reads what lies on a file system that may not answer. Without it such a root is reported as not searched. */
  apart?: Apart;
  signal?: AbortSignal;
}

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
  const { files = new NodeFiles(options.platform && { platform: options.platform }), apart } = options;
  const roots = options.roots ?? rootsHere(files, options);
  return mergeRoots(await Promise.all(roots.map((root) => readAnywhere(files, root, apart))));
}

/** The roots for this process, or for the one that the options describe. */
export function rootsHere(files: Files, options: Partial<RootOptions>): KernelSpecRoot[] {
  const { platform = process.platform, env = process.env, cwd = process.cwd() } = options;
  const home = options.home ?? homeDirectory(platform, env);
  const realHome = options.realHome ?? resolveLinks(files, home);
  const prefixes = options.prefixes ?? activePrefixes(files, env);
  return kernelSpecRoots({ ...options, platform, env, cwd, home, realHome, prefixes });
}

/** `~` in the given environment: HOME (on Windows USERPROFILE), else what the system says of this user. */
export function homeDirectory(platform: NodeJS.Platform, env: ProcessVariables): string {
  const home = variableReader(platform, env)(platform === 'win32' ? 'USERPROFILE' : 'HOME');
  if (home !== undefined) return home || '/';
  return homedir();
}

async function readAnywhere(files: Files, root: KernelSpecRoot, apart: Apart | undefined): Promise<ReadRoot> {
  const begin = performance.now();
  try {
    return readRoot(files, root);
  } catch (error) {
    if (!(error instanceof RemotePlaceError)) throw error;
    let cause: unknown = error;
    try {
      if (apart) return decodeRoot(await apart({ name: 'kernelspecs', argument: root }, error.mount), root);
    } catch (failure) {
      cause = failure;
    }
    const problem = new KernelSpecRootError(root.path, (cause as Error).message, cause);
    return { searched: { root, found: 0, error: problem, ms: performance.now() - begin }, read: [] };
  }
}

/** Reads one root. @throws RemotePlaceError */
export function readRoot(files: Files, root: KernelSpecRoot): ReadRoot {
  const begin = performance.now();
  const { candidates, error } = listRoot(files, root);
  const read = candidates.flatMap((candidate) => {
    const { specFile, error } = candidate;
    const result = error === null ? readSpec(files, specFile) : { error, realFile: specFile, takesName: false };
    return result === null ? [] : [{ candidate, result }];
  });
  const found = read.filter(({ result }) => result.error === null).length;
  return { searched: { root, found, error, ms: performance.now() - begin }, read };
}

/** Puts roots together in their order: who shadows whom. */
export function mergeRoots(roots: readonly ReadRoot[]): FoundSpecs {
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
