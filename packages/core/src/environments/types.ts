import type { WireRoot } from '../specs/index.js';

/** The command's contract (`environment.kind`). */
export const ENVIRONMENT_KINDS = [
  'system',
  'venv',
  'virtualenv',
  'virtualenvwrapper',
  'pipenv',
  'poetry',
  'hatch',
  'uv',
  'pyenv',
  'pyenv-virtualenv',
  'conda',
  'mamba',
  'pixi',
  'pipx',
  'homebrew',
  'python.org',
  'xcode',
  'windows-store',
  'windows-registry',
  'winpython',
  'mise',
  'asdf',
  'rye',
  'unknown',
] as const;

export type EnvironmentKind = (typeof ENVIRONMENT_KINDS)[number];

/**
 * How near an environment is to the user: below or above the working directory; activated; the user's own, kept by name;
 * of the machine; made for one application (pipx, uv tools).
 */
export type Nearness = 'workspace' | 'active' | 'user' | 'system' | 'tool';

/** An environment's `distance` in the working directory's own sub-directories: those of other projects, as a rule. */
export const BELOW = 20;

/** A Python environment (or one of a manager that also makes environments without Python), as files describe it. */
export interface Environment {
  kind: EnvironmentKind;
  /** What people call it: the prompt, the name that its manager knows, or the directory's. */
  name: string;
  /** As it was found; never with links resolved, which would name another environment or a version that an upgrade removes. */
  prefix: string;
  /** `prefix` with every link resolved. */
  real: string;
  /** The interpreter as it was found; null: there is none. */
  python: string | null;
  /** `3.11.2`; `3.11` where files say no more; null when nobody knows. */
  version: string | null;
  /** The package that a Python kernel needs, where it is installed. */
  kernelPackage: KernelPackage | null;
  /** The command that would install ipykernel here. */
  install: string;
  /** Which tool looks after it, with the root or program that belongs to it where that is known. */
  manager: { tool: string; root: string | null } | null;
  /** The folder of the project that it was made for. */
  project: string | null;
  nearness: Nearness;
  /** Workspace: folders up from the working directory; 20 and more (BELOW): folders down from it. */
  distance: number;
  /** Why nothing can be started in it, whatever is installed. */
  problem: EnvironmentProblem | null;
  /** Its own kernelspecs, by root. */
  specs: { path: string; root: WireRoot }[];
  /** Other paths to the same environment or interpreter. */
  aliases: string[];
  /** What activating it sets, where whoever told of it knows; null unsets. Default: it is computed. */
  variables: Readonly<Record<string, string | null>> | null;
}

export interface KernelPackage {
  name: 'ipykernel' | 'xeus-python';
  version: string;
}

export interface EnvironmentProblem {
  kind: 'interpreter-missing' | 'python-missing' | 'environment-unreadable';
  message: string;
  fix: string | null;
}

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
