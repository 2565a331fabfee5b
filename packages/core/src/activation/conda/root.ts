import type { Environment } from '../../environments/index.js';
import { compareVersions } from '../../environments/index.js';
import type { Context } from '../context.js';

/** The installation that activates an environment, and whose rules count. */
export interface Root {
  path: string;
  /** conda (activate.py), or mamba 2 and micromamba (libmamba/src/core/activation.cpp). */
  rules: 'conda' | 'mamba';
  /** Of conda itself: several rules changed over time. */
  version: string | null;
}

/**
 * The root of an environment: the one that it belongs to; else the one that this process's shell was set up for, since that is the one
 * that `conda activate` would run. Null: none in reach, and what depends on a root is left out (§3.5, 8).
 */
export function rootOf(context: Context, environment: Environment): Root | null {
  const own = environment.manager?.root ?? null;
  if (own !== null) return lookAt(context, own);
  const { path } = context;
  // `<root>/bin/conda`, `<root>\Scripts\conda.exe`
  const exe = context.read('CONDA_EXE');
  if (exe && path.isAbsolute(exe)) {
    const root = lookAt(context, path.dirname(path.dirname(exe)));
    if (root.rules === 'conda') return root;
  }
  const mamba = context.read('MAMBA_ROOT_PREFIX');
  return mamba && path.isAbsolute(mamba) ? lookAt(context, mamba) : null;
}

/** conda names the record of itself after its version: `conda-meta/conda-26.7.1-py313h06a4308_0.json`. */
function lookAt(context: Context, path: string): Root {
  const records = context.tolerant(null, () => context.files.names(context.path.join(path, 'conda-meta'))) ?? [];
  for (const name of records) {
    const version = /^conda-(\d[^-]*)-[^-]+\.json$/.exec(name)?.[1];
    if (version !== undefined) return { path, rules: 'conda', version };
  }
  return { path, rules: 'mamba', version: null };
}

/** Whether the root's conda is of this version or newer. One that is not known counts as the newest. */
export function isAtLeast(root: Root | null, version: string): boolean {
  return root?.version == null || compareVersions(root.version, version) >= 0;
}
