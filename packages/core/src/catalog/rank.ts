import { BELOW, compareVersions } from '../environments/index.js';
import type { CatalogEntry } from './types.js';

/**
 * How near a kernel is to the user: a lower number comes first. The project's own environment (in the working directory or above it,
 * the nearest first), then the active one, then those of projects below, then Jupyter's default and its other kernels, then
 * environments that are kept by name, then the machine's; what a server offers comes after what is here, and what runs already last.
 */
function rankOf({ source, name, language, program, argv, owner, isJupyters }: CatalogEntry): number {
  if (source === 'runtime') {
    // what our own install brought along is for the machine that has nothing else
    return /[\\/]node_modules[\\/]/.test(program ?? argv[0] ?? '') ? 900 : 600;
  }
  // a server's: nothing here is nearer than this machine's own
  if (source === 'server') return 800;
  if (source === 'running') return 810;
  const isPython = language.toLowerCase() === 'python';
  // of one environment's kernels, Python's before the others
  const place = (rank: number) => rank + (isPython ? 0 : 5);
  if (owner?.nearness === 'workspace') return place(owner.distance < BELOW ? owner.distance * 10 : 250);
  if (owner?.nearness === 'active') return place(200);
  if (isJupyters) return name === 'python3' ? 300 : isPython ? 310 : 320;
  if (owner?.nearness === 'user') return place(400);
  if (owner?.nearness === 'system') return place(500);
  if (owner?.nearness === 'tool') return place(700);
  return source === 'kernelspec' ? (isPython ? 310 : 320) : 400;
}

/** Best first: not hidden, startable, nearer kinds, then by name and by id, so that the order never depends on the disk. */
export function compareEntries(a: CatalogEntry, b: CatalogEntry): number {
  return (
    Number(a.hidden !== null) - Number(b.hidden !== null) ||
    Number(b.startable) - Number(a.startable) ||
    rankOf(a) - rankOf(b) ||
    compareText(a.name, b.name) ||
    compareEnvironments(a.environment?.name ?? '', b.environment?.name ?? '') ||
    compareText(a.environment?.prefix ?? '', b.environment?.prefix ?? '') ||
    compareText(a.id, b.id)
  );
}

/** By name; what is called by its version (pyenv, uv, the system's) newest first: nobody means Python 2 by `python3`. */
function compareEnvironments(a: string, b: string): number {
  const isVersion = (name: string) => /^(?:[a-z]+-?)?\d+\.\d+/i.test(name);
  return (isVersion(a) && isVersion(b) ? compareVersions(b, a) : 0) || compareText(a, b);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
