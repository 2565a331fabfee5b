/** What a user can pick, and what is told of it: data, for a browser too, which lists what servers have. */
export type { CatalogEntry, EntryEnvironment, EntryProblem, KernelEntry, MatchRung, SearchedPlace } from './entry.js';
export {
  ENVIRONMENT_KINDS,
  type Environment,
  type EnvironmentKind,
  type EnvironmentProblem,
  type KernelPackage,
  type Nearness,
} from './environment.js';
export type { KernelSpecFault, WireRoot, WireSpec } from './kernelspecs.js';
