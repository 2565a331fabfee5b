import { createHash } from 'node:crypto';
import type { KernelEntry } from './types.js';

/** An entry's id: the same from run to run for the same source, name and file (or prefix, or URL). */
export function entryId(source: KernelEntry['source'], name: string, realPath: string): string {
  // the name as well: one directory may be linked under two names, and those are two kernels to Jupyter
  const digest = createHash('sha256').update(`${realPath}\0${name}`).digest('hex');
  return `${source}-${digest.slice(0, 12)}`;
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
