import type { CatalogEntry } from './types.js';

/** How near a kernel is: a lower number comes first. Room is left for environments and servers. */
function rankOf({ source, name, language, program, argv }: CatalogEntry): number {
  if (source === 'runtime') {
    // what our own install brought along is for the machine that has nothing else
    return /[\\/]node_modules[\\/]/.test(program ?? argv[0] ?? '') ? 90 : 60;
  }
  if (source !== 'kernelspec') return 40;
  // Jupyter's own default
  if (name === 'python3') return 0;
  return language.toLowerCase() === 'python' ? 10 : 20;
}

/** Best first: not hidden, startable, nearer kinds, then by name and by id, so that the order never depends on the disk. */
export function compareEntries(a: CatalogEntry, b: CatalogEntry): number {
  return (
    Number(a.hidden !== null) - Number(b.hidden !== null) ||
    Number(b.startable) - Number(a.startable) ||
    rankOf(a) - rankOf(b) ||
    compareText(a.name, b.name) ||
    compareText(a.id, b.id)
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
