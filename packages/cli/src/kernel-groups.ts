import { dirname, sep } from 'node:path';
import type { CatalogEntry } from '@kernelkit/core';

export interface KernelGroup {
  title: string;
  entries: CatalogEntry[];
}

/** Kernels by where they belong, in the catalog's own order: the nearest group first, what does not start and what is hidden last. */
export function groupsOf(kernels: readonly CatalogEntry[], cwd: string): KernelGroup[] {
  const groups = new Map<string, CatalogEntry[]>();
  for (const entry of kernels) {
    const title = titleOf(entry, cwd);
    const group = groups.get(title);
    if (group === undefined) groups.set(title, [entry]);
    else group.push(entry);
  }
  return [...groups].map(([title, entries]) => ({ title, entries }));
}

function titleOf({ hidden, startable, source, owner, isJupyters, server }: CatalogEntry, cwd: string): string {
  if (hidden !== null) return 'Hidden';
  if (server !== null) return `On ${server.url}`;
  if (!startable) return 'Not startable';
  if (source === 'runtime') return 'Other programs';
  if (owner?.nearness === 'workspace') {
    const folder = owner.project ?? dirname(owner.prefix);
    return folder.startsWith(cwd.endsWith(sep) ? cwd : cwd + sep) ? 'Projects below' : 'This project';
  }
  if (owner?.nearness === 'active') return 'The active environment';
  if (isJupyters || owner === null) return "Jupyter's kernels";
  if (owner.nearness === 'system') return 'The system';
  return owner.nearness === 'tool' ? "Applications' environments" : 'Environments';
}
