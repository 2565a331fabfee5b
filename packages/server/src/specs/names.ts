import type { Catalog, CatalogEntry } from '@kernelkit/core';

/**
 * The kernels of a catalog under the names that front ends and notebooks use, the same from run to run: one that Jupyter would list has
 * Jupyter's name; any other `<name>-<end of its id>`. Where Jupyter itself has no `python3`, the nearest Python is that as well, since it
 * is what most notebooks ask for.
 */
export function nameKernels({ kernels }: Catalog): Map<string, CatalogEntry> {
  const names = new Map<string, CatalogEntry>();
  const offered = kernels.filter(isOffered);
  for (const entry of offered) if (isPlain(entry) && !names.has(entry.name)) names.set(entry.name, entry);
  for (const entry of offered) if (names.get(entry.name) !== entry) names.set(lengthened(entry), entry);
  if (!names.has('python3')) {
    const python = offered.find(({ language }) => language.toLowerCase() === 'python');
    if (python !== undefined) return new Map([['python3', python], ...names]);
  }
  return names;
}

/** What a client that names none gets. */
export function defaultName(names: ReadonlyMap<string, CatalogEntry>): string {
  // Jupyter Server's own default; what it says where there is none is python3, too
  return names.has('python3') ? 'python3' : ([...names.keys()][0] ?? 'python3');
}

/** Only what can be started: Jupyter's model has no place for why not. */
function isOffered({ hidden, startable, source }: CatalogEntry): boolean {
  return hidden === null && startable && source !== 'running' && source !== 'server';
}

/** Whether it has its name for itself: Jupyter's own kernels, and programs that are a kernel (Deno). */
function isPlain({ isJupyters, source }: CatalogEntry): boolean {
  return isJupyters || source === 'runtime';
}

function lengthened({ name, id }: CatalogEntry): string {
  // what Jupyter takes for a name (jupyter_client, `_is_valid_kernel_name`)
  const plain = name.toLowerCase().replace(/[^a-z0-9._-]+/g, '-') || 'kernel';
  return `${plain}-${id.slice(id.lastIndexOf('-') + 1)}`;
}
