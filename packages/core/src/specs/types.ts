import type { KernelSpec } from '@kernelkit/protocol';
import type { KernelSpecReadError, KernelSpecRootError } from './errors.js';
import type { Candidate } from './list.js';
import type { ReadSpec } from './read.js';

/** One directory that may hold kernelspecs, and how we came to it. */
export interface KernelSpecRoot {
  /** `…/kernels`, absolute; not normalised, since `..` after a link means something. */
  path: string;
  /** The prefix that owns it (`/usr`, an environment), for `{prefix}` and for argv[0] = "python"; null for a user's data directory. */
  prefix: string | null;
  origin: 'JUPYTER_PATH' | 'user' | 'environment' | 'system' | 'ipython' | 'argument';
}

/** A Python installation or environment whose kernelspecs count: what `sys.prefix` is to Jupyter. */
export interface PythonPrefix {
  prefix: string;
  /** Searched before the user's own directories. JUPYTER_PREFER_ENV_PATH, where set, decides instead. Default: false. */
  preferred?: boolean;
}

/** An installed kernelspec: a directory with a kernel.json that can be read. */
export interface InstalledSpec {
  /** The directory's name, lower-cased: what Jupyter calls the kernel. */
  name: string;
  spec: KernelSpec;
  specFile: string;
  /** `specFile` with every link resolved. */
  realFile: string;
  resourceDir: string;
  root: KernelSpecRoot;
  /** The spec file of the same name that was found first and hides this one. */
  shadowedBy: string | null;
  /** What is odd about it and does not keep it from being used. */
  warnings: string[];
}

/** A kernel.json that could not be used, and why. */
export interface BrokenSpec {
  name: string;
  specFile: string;
  /** `specFile` with every link resolved, as far as that can be done. */
  realFile: string;
  root: KernelSpecRoot;
  error: KernelSpecReadError;
  /** Jupyter counts it as the kernel of that name, so that it hides what comes after it: it is a file, only not a good one. */
  takesName: boolean;
  shadowedBy: string | null;
}

/** A place that was searched: how many it gave, and why it failed if it did. A directory that is not there is no error. */
export interface SearchedRoot {
  root: KernelSpecRoot;
  /** Usable specs, shadowed ones too. */
  found: number;
  error: KernelSpecRootError | null;
  ms: number;
}

/** The kernelspecs that were found, those that cannot be used, and where it was looked. */
export interface FoundSpecs {
  /** Usable specs in search order; the first of a name is the one that Jupyter takes, the others carry `shadowedBy`. */
  specs: InstalledSpec[];
  broken: BrokenSpec[];
  searched: SearchedRoot[];
}

/** What one root gave, before it is known who shadows whom. */
export interface ReadRoot {
  searched: SearchedRoot;
  read: { candidate: Candidate; result: ReadSpec }[];
}
