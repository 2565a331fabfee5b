import type { KernelSpec } from '@kernelkit/protocol';
import type { Environment, EnvironmentKind } from './environment.js';

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

/** The environment of an entry, as `list --json` tells it. */
export interface EntryEnvironment {
  kind: EnvironmentKind;
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
  /** Milliseconds, to the tenth. */
  ms: number;
}

/** How a kernelspec was tied to its environment: the first of these that fits, from the surest to the least sure. */
export type MatchRung =
  /** It lies in the environment's `share/jupyter/kernels`. */
  | 'owned'
  /** `metadata.interpreter.path`, which VS Code writes. */
  | 'metadata'
  /** argv[0] is its interpreter, or another program in it. */
  | 'argv'
  /** argv is `conda run -p PREFIX` or `-n NAME`. */
  | 'conda-run'
  /** argv[0] is a bare name that stands for a program in it. */
  | 'program'
  /** It is called as the environment is, and says no more than `python`. */
  | 'display-name';

/** An entry with what the planner needs beside it. What leaves the process is `toJson` of it. */
export interface CatalogEntry extends KernelEntry {
  /** The whole spec: `env`, `interrupt_mode`, `metadata`; null when there is none that could be read. */
  spec: KernelSpec | null;
  /** The prefix that owns the kernel, for `{prefix}` and for argv[0] = "python"; null when nobody knows. */
  prefix: string | null;
  /** The file that argv[0] stands for, where the owning prefix has it; null: argv[0] as it is, by PATH. */
  program: string | null;
  /** The file that is started, wherever it was found; null where none was. */
  file: string | null;
  /** What its program is (`python`, `java`, `r`), which need not be the language that it speaks; null when that is not known. */
  runtime: string | null;
  /** The environment that it runs in, with all that is known of it. */
  owner: Environment | null;
  /** How the owner was found; null where there is none, or none had to be found. */
  matched: MatchRung | null;
  /** Whether Jupyter itself would list it: it was found in one of Jupyter's own directories. */
  isJupyters: boolean;
}
