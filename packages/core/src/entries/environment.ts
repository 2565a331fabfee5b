import type { WireRoot } from './kernelspecs.js';

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

/** What sort of environment it is, or whose. */
export type EnvironmentKind = (typeof ENVIRONMENT_KINDS)[number];

/**
 * How near an environment is to the user: below or above the working directory; activated; the user's own, kept by name;
 * of the machine; made for one application (pipx, uv tools).
 */
export type Nearness = 'workspace' | 'active' | 'user' | 'system' | 'tool';

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
  kind: 'interpreter-missing' | 'python-missing';
  message: string;
  fix: string | null;
}
