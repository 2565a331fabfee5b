/** Everything that a user can pick: sources → entries, ranked; and the one that a name or a notebook means. */
export { catalog } from './catalog.js';
export { denoSource } from './deno-source.js';
export { builtInSources, type CatalogEvent, type CatalogOptions, discover } from './discover.js';
export { entryId, toJson } from './entry.js';
export { environmentSource, type Interpreter, interpreterSource } from './environment-source.js';
export { AmbiguousKernelError, KernelNotFoundError, KernelPathError } from './errors.js';
export { findOnPath } from './executable.js';
export { juliaSource } from './julia-source.js';
export { type KernelspecSourceOptions, kernelspecSource } from './kernelspec-source.js';
export { mergeCatalog } from './merge.js';
export { type KernelChoice, kernelForNotebook, type NotebookMetadata } from './notebook.js';
export { rSource } from './r-source.js';
export { compareEntries } from './rank.js';
export { type ResolvedKernel, type ResolveOptions, resolveKernel } from './resolve.js';
export type {
  Catalog,
  CatalogEntry,
  EntryEnvironment,
  EntryProblem,
  Finding,
  KernelEntry,
  KernelSource,
  MatchRung,
  SearchedPlace,
  SourceContext,
  SourceResult,
} from './types.js';
export { type WatchEvent, type WatchOptions, watchCatalog } from './watch.js';
