import type { CatalogEntry, SearchedPlace } from '../entries/index.js';
import type { Environment, EnvironmentCache } from '../environments/index.js';
import type { Apart, Files } from '../files/index.js';
import type { ProcessVariables } from '../specs/index.js';

export type {
  CatalogEntry,
  EntryEnvironment,
  EntryProblem,
  KernelEntry,
  MatchRung,
  SearchedPlace,
} from '../entries/index.js';

/** Everything that can be picked, the best first, and where it was looked for. */
export interface Catalog {
  kernels: CatalogEntry[];
  searched: SearchedPlace[];
}

/** What a source goes by. */
export interface SourceContext {
  platform: NodeJS.Platform;
  env: ProcessVariables;
  /** `~` */
  home: string;
  cwd: string;
  /** The file system, through which a source's look-ups are noted: a watch then knows what to watch. */
  files: Files;
  /** Reads what lies on a file system that may not answer. */
  apart?: Apart;
  /** What earlier searches found out. */
  cache?: EnvironmentCache;
  signal?: AbortSignal;
}

/** What a source tells. */
export type Finding =
  | { type: 'entry'; entry: CatalogEntry }
  /** An environment: its kernelspecs and its interpreter become entries. */
  | { type: 'environment'; environment: Environment }
  | { type: 'place'; place: SearchedPlace };

/** Everything that a source found, at once. */
export interface SourceResult {
  entries: CatalogEntry[];
  environments?: Environment[];
  searched: SearchedPlace[];
}

/**
 * Something that knows of kernels: directories, environments, a server, an editor's own list. It answers all at once or, where
 * that takes time, one finding after another. What it cannot read it says in `searched`; when it throws, that is an entry in
 * `searched` too and the other sources still count.
 */
export interface KernelSource {
  readonly name: string;
  find(context: SourceContext): SourceResult | Promise<SourceResult> | AsyncIterable<Finding>;
}
