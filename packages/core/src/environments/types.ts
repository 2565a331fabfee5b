import type { Environment, EnvironmentKind, Nearness } from '../entries/index.js';

export {
  ENVIRONMENT_KINDS,
  type Environment,
  type EnvironmentKind,
  type EnvironmentProblem,
  type KernelPackage,
  type Nearness,
} from '../entries/index.js';

/** An environment's `distance` in the working directory's own sub-directories: those of other projects, as a rule. */
export const BELOW = 20;

/** A place that may hold environments. JSON: it can be looked at in another process. */
export interface Place {
  /** The locator whose place it is. */
  locator: string;
  path: string;
  /** How to look: its sub-directories are prefixes; it is a prefix itself; a directory of programs; or as the locator says. */
  how: 'children' | 'prefix' | 'programs' | 'own';
  nearness: Nearness;
  distance?: number;
  /** It was named by a file or variable, so that its absence is worth telling. */
  expected?: boolean;
}

/** Something that may be an environment. JSON, like {@link Place}. */
export interface Candidate {
  prefix: string;
  /** Which of its programs is meant, where a prefix has several (`/usr`). */
  python?: string;
  place: Place;
  /** What the place says of it (a registry's display name, a list's label). */
  name?: string;
  kind?: EnvironmentKind;
  version?: string;
  variables?: Readonly<Record<string, string | null>>;
}

/** A part of a place that cannot be looked at, while the rest of it can. JSON, too. */
export interface Fault {
  fault: string;
  path: string;
}

/** What looking at a place gives. */
export type Item = Candidate | Place | Fault;

/** What a locator recognises in a prefix. */
export interface Identity {
  kind: EnvironmentKind;
  name?: string;
  manager?: Environment['manager'];
  project?: string | null;
  version?: string | null;
  nearness?: Nearness;
}
