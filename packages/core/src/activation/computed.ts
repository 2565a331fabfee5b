import type { ActivationProblem } from './types.js';

/** What the files alone say, and what else it takes: the result of the rules, before any process is started. */
export interface Computed {
  variables: Record<string, string | null>;
  sources: Record<string, string>;
  /** Of `variables`, those that the scripts that deactivate see already (R11: PATH; R9: none). */
  early: readonly string[];
  /** Scripts that deactivate what was active, and then those that activate, in the order in which they run. */
  scripts: { deactivate: string[]; activate: string[] };
  /** The program that has to be asked since a manifest says what only it understands; it runs the scripts itself. */
  hook: Hook | null;
  problem: ActivationProblem | null;
}

export interface Hook {
  argv: string[];
  /** `pixi shell-hook`, for people. */
  name: string;
}

export const NO_SCRIPTS: Computed['scripts'] = { deactivate: [], activate: [] };
