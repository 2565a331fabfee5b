import { type CatalogEntry, isServerEntry, type KernelEntry, type RemoteKernel, toJson } from '@kernelkit/core';

export { isServerEntry };

export function isRunning({ source }: KernelEntry): boolean {
  return source === 'running';
}

/**
 * The best first: a name that a server has means that server's kernel, the first server's before the others', and its default kernel
 * before its others. What runs already is taken only where it is named itself.
 *
 * @param kernels the best first, as the catalog has them
 * @param placeOf where on the command line a server stands
 */
export function serversFirst(kernels: readonly CatalogEntry[], placeOf: (url: string) => number): CatalogEntry[] {
  const rank = (entry: CatalogEntry): [number, number, number] => {
    const off = entry.hidden !== null ? 2 : entry.startable ? 0 : 1;
    if (entry.server === null) return [off, 1, 0];
    if (isRunning(entry)) return [off, 2, placeOf(entry.server.url)];
    const isDefault = isServerEntry(entry) && entry.remote.isDefault;
    return [off, 0, placeOf(entry.server.url) + (isDefault ? 0 : 0.5)];
  };
  return kernels
    .map((entry, at) => ({
      // the server is a Jupyter, and would take its own
      entry: entry.source === 'server' ? { ...entry, isJupyters: true } : entry,
      rank: [...rank(entry), at],
    }))
    .sort((a, b) => a.rank.map((part, at) => part - b.rank[at]!).find((difference) => difference !== 0) ?? 0)
    .map(({ entry }) => entry);
}

/** An error as one text, with what to do. */
export function failureText(error: unknown): string {
  const { message, fix = null } = error as Error & { fix?: string | null };
  return fix === null ? message : `${message}. ${fix}`;
}

/** What JSON says of a server's kernel that runs, beside the contract's members. */
export type RemoteDocument = Pick<RemoteKernel, 'kernelId' | 'state' | 'lastActivity' | 'connections' | 'session'>;

/** An entry as `--json` has it. */
export function entryDocument(entry: CatalogEntry): KernelEntry & { running?: RemoteDocument } {
  if (!isServerEntry(entry) || entry.remote.kernelId === null) return toJson(entry);
  const { kernelId, state, lastActivity, connections, session } = entry.remote;
  return { ...toJson(entry), running: { kernelId, state, lastActivity, connections, session } };
}

/** What of an entry is worth telling when it changes: not that its kernel did something again. */
export function newsworthy(entry: CatalogEntry): string {
  const { running, ...rest } = entryDocument(entry);
  return JSON.stringify([rest, running?.state, running?.session]);
}

/** "idle, 5 min ago". */
export function activityOf(
  { state, lastActivity }: Pick<RemoteKernel, 'state' | 'lastActivity'>,
  now = Date.now(),
): string {
  const then = lastActivity === null ? Number.NaN : Date.parse(lastActivity);
  const ago = Number.isNaN(then) ? '' : agoText(Math.max(now - then, 0));
  return [state ?? '', ago].filter((part) => part !== '').join(', ');
}

function agoText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}
