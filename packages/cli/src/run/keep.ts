import { basename } from 'node:path';
import {
  type CatalogEntry,
  isServerEntry,
  JupyterServer,
  type PlanKernelOptions,
  type ServerSettings,
  startServerKernel,
} from '@kernelkit/core';
import type { FoundKernels } from '../choose.js';
import type { Session } from '../session.js';

/** A kernel that outlives the command, unless it is ended. */
export interface StayingStart {
  id: string;
  /** Where it is, as it is shown. */
  server: string;
  /** What it is joined by. */
  entry: CatalogEntry;
  end(): Promise<void>;
}

/** Whether it runs already: it is joined, and stays as it is. */
export function isRunning(entry: CatalogEntry): boolean {
  return entry.source === 'running' || (isServerEntry(entry) && entry.remote.kernelId !== null);
}

/**
 * Starts a kernel where kernels stay: on its server, or in the gateway in the background.
 * @throws as `startServerKernel` and `startInBackground`
 */
export async function startToStay(
  session: Session,
  found: FoundKernels,
  entry: CatalogEntry,
  options: PlanKernelOptions & { cwd: string; sessionName: string },
): Promise<StayingStart> {
  const settings = found.servers?.settingsOf(entry) ?? null;
  if (settings !== null && isServerEntry(entry)) {
    const { signal } = session;
    const kernel = await startServerKernel(settings, {
      ...{ name: entry.name, owned: false, type: 'notebook', sessionName: basename(options.sessionName), signal },
    });
    // the connection only: it is joined like any other
    await kernel.close();
    const { id } = kernel;
    const joined = { ...entry, remote: { ...entry.remote, kernelId: id } };
    return { id, server: entry.server?.url ?? '', entry: joined, end: () => ended(settings, id) };
  }
  const { startInBackground } = await import('../background/start.js');
  const { stayingEntry } = await import('../background/entries.js');
  const { id, url } = await startInBackground(session, entry, options);
  const joined = await stayingEntry(session, id).catch(async (error: unknown) => {
    // nobody will ever know of it; after Ctrl-C, too
    const { runningBackground } = await import('../background/reach.js');
    const there = await runningBackground({ ...session, signal: new AbortController().signal });
    await there?.server.deleteKernel(id);
    throw error;
  });
  // it has died meanwhile: joining it tells how
  if (joined === null) return { id, server: url, entry, end: async () => {} };
  return { id, server: url, entry: joined, end: () => ended(joined.remote.settings, id) };
}

async function ended(settings: ServerSettings, id: string): Promise<void> {
  // no signal: it must end after Ctrl-C too
  await new JupyterServer(settings).deleteKernel(id);
}
