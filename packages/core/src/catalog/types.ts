import type { KernelSpec } from '@kernelkit/protocol';
import type { ProcessVariables } from '../specs/index.js';

/** One thing that a user can pick. The shape is the command's contract (`list --json`). */
export interface KernelEntry {
  /** Stable from run to run: from the source and the real path of the spec or prefix. */
  id: string;
  source: 'kernelspec' | 'environment' | 'runtime' | 'server' | 'running';
  name: string;
  displayName: string;
  language: string;
  /** As in the spec; empty for server and running. */
  argv: string[];
  specFile: string | null;
  resourceDir: string | null;
  environment: EntryEnvironment | null;
  startable: boolean;
  problem: EntryProblem | null;
  hidden: { reason: string; by: string } | null;
  server: { url: string } | null;
}

export interface EntryEnvironment {
  kind: string;
  name: string;
  prefix: string;
  python: string | null;
  version: string | null;
  kernelPackage: { name: string; version: string } | null;
}

/** Why an entry would not start, and what to do. */
export interface EntryProblem {
  kind: string;
  message: string;
  fix: string | null;
}

/** A place that was searched. */
export interface SearchedPlace {
  path: string;
  kind: 'kernelspecs' | 'environments' | 'runtimes' | 'server' | 'source';
  found: number;
  error: string | null;
  ms: number;
}

/** An entry with what the planner needs beside it. What leaves the process is `toJson` of it. */
export interface CatalogEntry extends KernelEntry {
  /** The whole spec: `env`, `interrupt_mode`, `metadata`; null when there is none that could be read. */
  spec: KernelSpec | null;
  /** The prefix that owns the kernel, for `{prefix}` and for argv[0] = "python"; null when nobody knows. */
  prefix: string | null;
  /** The file that argv[0] stands for, where the owning prefix has it; null: argv[0] as it is, by PATH. */
  program: string | null;
}

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
  signal?: AbortSignal;
}

/**
 * Something that knows of kernels: directories, environments, a server, an editor's own list. What it cannot read it
 * says in `searched`; when it throws, that is an entry in `searched` too and the other sources still count.
 */
export interface KernelSource {
  readonly name: string;
  find(context: SourceContext): Promise<{ entries: CatalogEntry[]; searched: SearchedPlace[] }>;
}
