import type { WireRoot, WireSpec } from '../entries/index.js';
import { KernelSpecReadError, KernelSpecRootError } from './errors.js';
import type { Candidate } from './list.js';
import type { ReadSpec } from './read.js';
import type { KernelSpecRoot, ReadRoot } from './types.js';

/** What was read of a root, as JSON. */
export function encodeRoot({ searched, read }: ReadRoot): WireRoot {
  const { found, error, ms } = searched;
  return {
    found,
    error: error && { code: error.code },
    ms,
    read: read.map(({ candidate: { name, resourceDir, specFile }, result }) => ({
      name,
      resourceDir,
      specFile,
      result: encodeSpec(result),
    })),
  };
}

function encodeSpec(result: ReadSpec): WireSpec {
  const { realFile } = result;
  if (result.error === null) return { spec: result.spec, warnings: result.warnings, realFile };
  const { fault, detail } = result.error;
  return { fault, detail, realFile, takesName: result.takesName };
}

/**
 * What was read of a root, from its JSON.
 * @param value what {@link encodeRoot} made for this root: the cache and the process that hand it on are ours
 */
export function decodeRoot(value: unknown, root: KernelSpecRoot): ReadRoot {
  const { found, error, ms, read } = value as WireRoot;
  return {
    searched: { root, found, error: error && new KernelSpecRootError(root.path, error.code, undefined), ms },
    read: read.map(({ name, resourceDir, specFile, result }) => {
      const decoded = decodeSpec(specFile, result);
      const candidate: Candidate = { root, name, resourceDir, specFile, error: null };
      return { candidate, result: decoded };
    }),
  };
}

function decodeSpec(file: string, result: WireSpec): ReadSpec {
  if (!('fault' in result)) return { ...result, error: null, takesName: true };
  const { fault, detail, realFile, takesName } = result;
  return { error: new KernelSpecReadError(file, fault, detail), realFile, takesName };
}
