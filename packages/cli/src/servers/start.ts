import { basename } from 'node:path';
import {
  type CatalogEntry,
  type ChannelNotice,
  connectServerKernel,
  type Kernel,
  KernelNotFoundError,
  KernelRemovedError,
  type PlanKernelOptions,
  type ServerSettings,
  startServerKernel,
} from '@kernelkit/core';
import { StayingKernelDeadError } from '../background/errors.js';
import type { Session } from '../session.js';
import { isServerEntry } from './entries.js';

/**
 * Starts a kernel on a server, in a session of its own, or joins one that runs there; what the network loses is told.
 * @throws ServerError, WebSocketFailedError, AbortedError; KernelNotFoundError where it is gone since it was listed
 */
export async function startOnServer(
  session: Session,
  settings: ServerSettings,
  entry: CatalogEntry,
  options: PlanKernelOptions,
): Promise<Kernel> {
  const { screen } = session;
  const url = entry.server?.url ?? '';
  if (options.dotenv !== undefined) {
    const mark = screen.paintErr('yellow', 'warning:');
    screen.warn(`${mark} --dotenv is for kernels of this machine: ${url} starts its own with its own variables`);
  }
  const begin = performance.now();
  const kernelId = isServerEntry(entry) ? entry.remote.kernelId : null;
  const kernel = await (kernelId === null
    ? started(session, settings, entry, options)
    : joined(session, settings, entry, kernelId));
  kernel.on('notice', (notice) => {
    const text = textOf(notice);
    if (text !== null) screen.warn(`${screen.paintErr('yellow', 'warning:')} ${text}`);
  });
  const how = kernelId === null ? 'started' : 'joined';
  if (kernelId !== null && kernel.status === 'busy') screen.note('the kernel is busy: the code runs when it is free');
  screen.detail(`${how} ${kernel.id} on ${url} after ${Math.round(performance.now() - begin)} ms: ${kernel.status}`);
  return kernel;
}

function started(
  { signal }: Session,
  settings: ServerSettings,
  { name }: CatalogEntry,
  { sessionName }: PlanKernelOptions,
): Promise<Kernel> {
  // a path of its own: a server hands out the kernel of a session that has the same path, and that one is somebody's
  const called = sessionName === undefined ? {} : { sessionName: basename(sessionName), type: 'notebook' };
  return startServerKernel(settings, { name, signal, ...called });
}

async function joined(
  { signal }: Session,
  settings: ServerSettings,
  entry: CatalogEntry,
  kernelId: string,
): Promise<Kernel> {
  const isOwn = entry.server?.url.startsWith('unix:') === true;
  if (isOwn && entry.problem !== null) throw new StayingKernelDeadError(kernelId, entry.problem.message);
  try {
    return await connectServerKernel(settings, kernelId, { signal });
  } catch (error) {
    if (!(error instanceof KernelRemovedError)) throw error;
    throw new KernelNotFoundError(kernelId, error.message, {
      ...{ candidates: [], searched: [], cause: error },
      fix: `kernelkit ps${isOwn ? '' : ` --server ${entry.server?.url}`} lists those that run`,
    });
  }
}

/** What of the connection a user has to know. */
function textOf(notice: ChannelNotice): string | null {
  switch (notice.kind) {
    case 'disconnected':
      return `the connection to the server broke, and is tried again: ${notice.reason}`;
    case 'reconnected':
      return `the server is connected again, after ${(notice.ms / 1000).toFixed(1)} s`;
    case 'lost':
      return notice.messages === null
        ? `output may be missing: ${notice.reason}`
        : `${notice.messages} messages are missing: ${notice.reason}`;
    default:
      return null;
  }
}
