import type { Files } from '../files/index.js';
import type { ProcessVariables } from '../specs/index.js';
import type { ActivationCache } from './cache.js';

/**
 * What activating an environment would set, computed from files; only what is written as a shell script is run. `variables` is a
 * layer over the environment that it was computed from, and `sources` names for each of them who wrote it.
 */
export interface Activation {
  /** null unsets. */
  variables: Record<string, string | null>;
  /** For each variable all who wrote it, the last one last: `conda: prefix`, `conda: env_vars.d/10_a.json, activate.d/x.sh`. */
  sources: Record<string, string>;
  /** Shell scripts that were run, in order. */
  scripts: string[];
  /** What is odd and was got over. */
  notes: ActivationNote[];
  /** Other ways that were tried because the first did not work, or because the caller asked, in order. */
  fallbacks: ActivationFallback[];
  /** Why the variables are less than activating would have set; there are always as many as could be had. */
  problem: ActivationProblem | null;
  ms: number;
  /** Whether it was computed before, from the same files and variables. */
  cached: boolean;
}

/** Something about an activation that is worth telling, and keeps nothing from being set. */
export interface ActivationNote {
  /** In kebab case, for programs. */
  kind: string;
  message: string;
  /** The file that it is about. */
  path: string | null;
}

/** The ways to an activation, in the order in which they are tried. */
export type ActivationMethod = 'files' | 'manager' | 'login';

/** A further way to the variables that was gone, and what came of it. */
export interface ActivationFallback {
  /** `manager`: conda's own `shell.posix+json activate`; `login`: what the user's login shell sets, under the computed variables. */
  method: Exclude<ActivationMethod, 'files'>;
  /** Why it was tried. */
  because: string;
  /** Null: its result is the one that counts. */
  failure: string | null;
}

/** Why an activation is not whole, and what to do. */
export interface ActivationProblem {
  kind: string;
  message: string;
  fix: string | null;
}

/** From what an activation is computed. Everything left out is this machine's, or this process's. */
export interface ActivateOptions {
  /** What it is computed from, and a layer over. Default: this process's environment. */
  env?: ProcessVariables;
  platform?: NodeJS.Platform;
  home?: string;
  /** Default: this machine's. */
  files?: Files;
  signal?: AbortSignal;
  /** Whether scripts may be run. Default: true. Where they are not, a note names them. */
  scripts?: boolean;
  /** How long all scripts together may take. Default: 30,000. Compilers' scripts take 12 s on some machines (conda#8806). */
  scriptTimeoutMs?: number;
  /** Results of earlier calls. */
  cache?: ActivationCache;
  /** Which way to take first; what comes before it in the order is left out. Default: `files`. */
  method?: ActivationMethod;
}
