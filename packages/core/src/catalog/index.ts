/** Everything that a user can pick: sources → entries, ranked; and the one that a name or a notebook means. */
export { builtInSources, type CatalogOptions, catalog } from './catalog.js';
export { denoSource } from './deno-source.js';
export { entryId, toJson } from './entry.js';
export { AmbiguousKernelError, KernelNotFoundError, KernelPathError } from './errors.js';
export { type KernelspecSourceOptions, kernelspecSource } from './kernelspec-source.js';
export { type KernelChoice, kernelForNotebook, type NotebookMetadata } from './notebook.js';
export { compareEntries } from './rank.js';
export { type ResolvedKernel, type ResolveOptions, resolveKernel } from './resolve.js';
export type {
  Catalog,
  CatalogEntry,
  EntryEnvironment,
  EntryProblem,
  KernelEntry,
  KernelSource,
  SearchedPlace,
  SourceContext,
} from './types.js';
