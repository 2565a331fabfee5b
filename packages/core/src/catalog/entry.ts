import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { KernelSpec } from '@kernelkit/protocol';
import type { CatalogEntry, EntryProblem, KernelEntry } from './types.js';

/** An entry's id: the same from run to run for the same source, name and file (or prefix, or URL). */
export function entryId(source: KernelEntry['source'], name: string, realPath: string): string {
  // the name as well: one directory may be linked under two names, and those are two kernels to Jupyter
  const digest = createHash('sha256').update(`${realPath}\0${name}`).digest('hex');
  return `${source}-${digest.slice(0, 12)}`;
}

/** An entry for a program that is a kernel without a kernelspec: Deno, R with IRkernel, Julia with IJulia. */
export function runtimeEntry(
  name: string,
  realFile: string,
  spec: KernelSpec,
  problem: EntryProblem | null = null,
): CatalogEntry {
  return {
    id: entryId('runtime', name, realFile),
    source: 'runtime',
    name,
    displayName: spec.display_name,
    language: spec.language,
    argv: spec.argv,
    specFile: null,
    resourceDir: null,
    environment: null,
    startable: problem === null,
    problem,
    hidden: null,
    server: null,
    spec,
    prefix: null,
    program: null,
    file: spec.argv[0] ?? null,
    runtime: name,
    owner: null,
    matched: null,
    isJupyters: false,
  };
}

/** An entry for a kernel that runs already: `file` is its connection file. What its kernelspec says of it is taken from `known`. */
export function runningEntry(file: string, specName: string | null, known: readonly CatalogEntry[]): CatalogEntry {
  const spec = known.find(
    ({ source, name, hidden }) => source === 'kernelspec' && name === specName && hidden === null,
  );
  const name = specName ?? basename(file, '.json');
  return {
    id: entryId('running', name, file),
    source: 'running',
    name,
    displayName: `${spec?.displayName ?? name} (running)`,
    language: spec?.language ?? '',
    argv: [],
    specFile: null,
    resourceDir: spec?.resourceDir ?? null,
    environment: null,
    startable: true,
    problem: null,
    hidden: null,
    server: null,
    spec: null,
    prefix: null,
    program: null,
    file,
    runtime: null,
    owner: null,
    matched: null,
    isJupyters: false,
  };
}

/** How long ago `begin` (of `performance.now()`) was, to the tenth of a millisecond: finer is noise to a reader. */
export function millisecondsSince(begin: number): number {
  return Math.round((performance.now() - begin) * 10) / 10;
}

/** An entry as the command prints it (CONTRACT, "list --json"): its fields, in its order, and nothing of ours. */
export function toJson(entry: KernelEntry): KernelEntry {
  const { id, source, name, displayName, language, argv, specFile, resourceDir } = entry;
  const { environment, startable, problem, hidden, server } = entry;
  return {
    id,
    source,
    name,
    displayName,
    language,
    argv: [...argv],
    specFile,
    resourceDir,
    environment: environment && {
      kind: environment.kind,
      name: environment.name,
      prefix: environment.prefix,
      python: environment.python,
      version: environment.version,
      kernelPackage: environment.kernelPackage && {
        name: environment.kernelPackage.name,
        version: environment.kernelPackage.version,
      },
    },
    startable,
    problem: problem && { kind: problem.kind, message: problem.message, fix: problem.fix },
    hidden: hidden && { reason: hidden.reason, by: hidden.by },
    server: server && { url: server.url },
  };
}
