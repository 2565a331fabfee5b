import { posix, win32 } from 'node:path';
import type { KernelSpec } from '@kernelkit/protocol';
import { expandHome } from '../specs/index.js';
import { findExecutable, findOnPath, type ProgramRules, pathOf } from './executable.js';

export interface ProgramQuery extends ProgramRules {
  home: string;
  /** The prefix that owns the spec. */
  prefix: string | null;
  resourceDir: string | null;
}

/**
 * What argv[0] of a spec stands for.
 * `by: 'prefix'`: a bare name that the owning prefix has; `'path'`: a bare name on PATH; `'file'`: a path. `looked`: the places that were tried in vain.
 */
export type Program = { file: string; by: 'prefix' | 'path' | 'file' } | { file: null; looked: string[] };

const PYTHON = /^python(3(\.\d+)?)?$/;

/**
 * Finds the program that a spec would start, without starting it. A bare name is looked for in the prefix that owns the
 * spec before PATH: `python` in an environment's spec means that environment's Python (Jupyter puts in `sys.executable`
 * of its own, `KernelManager.format_kernel_cmd`; here no Python is running).
 */
export function findProgram(spec: KernelSpec, query: ProgramQuery): Program {
  const { platform, cwd } = query;
  const flavour = platform === 'win32' ? win32 : posix;
  const name = fill(spec.argv[0] ?? '', query);
  if (name.includes('/') || (platform === 'win32' && name.includes('\\'))) {
    const path = flavour.resolve(cwd, name);
    const file = findExecutable(query, path);
    return file === null ? { file, looked: [path] } : { file, by: 'file' };
  }
  const looked: string[] = [];
  for (const file of candidates(name, query)) {
    const found = findExecutable(query, file);
    if (found !== null) return { file: found, by: 'prefix' };
    looked.push(file);
  }
  const found = findOnPath(query, name, ownPath(spec, query));
  return found === null ? { file: null, looked: [...looked, `${name} on PATH`] } : { file: found, by: 'path' };
}

/** argv[0] with the placeholders that a program may hold; the planner fills the same ones in the whole of argv. */
function fill(program: string, { platform, home, prefix, resourceDir }: ProgramQuery): string {
  const filled = program.replace(/\{(prefix|resource_dir)\}/g, (whole, name: string) => {
    return (name === 'prefix' ? prefix : resourceDir) ?? whole;
  });
  return expandHome(platform, filled, home);
}

/** Where the owning prefix would have it. */
function candidates(name: string, { platform, prefix }: ProgramQuery): string[] {
  if (prefix === null) return [];
  const flavour = platform === 'win32' ? win32 : posix;
  // Debian's pip installs into /usr/local what /usr/bin/python3 runs
  const prefixes = platform !== 'win32' && prefix === '/usr/local' ? [prefix, '/usr'] : [prefix];
  // `python3.12` means that one and no other; the two general names mean whatever Python the prefix has
  const names = name === 'python' || name === 'python3' ? [name, name === 'python' ? 'python3' : 'python'] : [name];
  const dirs = (of: string): string[] => {
    if (platform !== 'win32') return [flavour.join(of, 'bin')];
    // a virtual environment keeps its programs in Scripts, conda and python.org keep python.exe at the top
    return [flavour.join(of, 'Scripts'), of, flavour.join(of, 'Library', 'bin')];
  };
  // a name of no Python may be another program of the prefix (R in a conda environment), but /usr/bin is PATH's business
  if (!PYTHON.test(name) && (prefix === '/usr' || prefix === '/usr/local')) return [];
  return prefixes.flatMap((of) => names.flatMap((each) => dirs(of).map((dir) => flavour.join(dir, each))));
}

/** PATH as the kernel will see it: a spec's `env` may set it, mostly to put something before the rest. */
function ownPath(spec: KernelSpec, query: ProgramQuery): string {
  const inherited = pathOf(query);
  const own = spec.env.PATH;
  return own === undefined ? inherited : own.replace(/\$(?:PATH\b|\{PATH\})/g, () => inherited);
}
