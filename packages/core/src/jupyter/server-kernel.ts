import { Kernel } from '../kernel/index.js';
import { Deadline } from '../wait/index.js';
import { KernelRemovedError } from './channels-errors.js';
import type { WebSocketOptions } from './channels-options.js';
import { ServerError } from './errors.js';
import { kernelRest } from './kernel-rest.js';
import { JupyterServer } from './server.js';
import { ServerHost } from './server-host.js';
import { ServerKernelDeadError, SessionTakenError, type StartNotice } from './server-kernel-errors.js';
import type { KernelStartRest } from './server-kernel-rest.js';
import type { KernelModel, ServerSettings, SessionModel } from './types.js';

/** How a kernel that runs on a server is joined. */
export interface ConnectServerKernelOptions extends WebSocketOptions {
  /** Whether `close` ends the kernel too. Default: not; whoever started it may want it. */
  owned?: boolean;
  /** Milliseconds that it may take to answer. Default 90,000. */
  answerTimeout?: number;
  signal?: AbortSignal;
  /** How the server is asked. Default: by its REST API, over `settings.network.fetch`. */
  rest?: KernelStartRest;
}

/** Which kernel a server is to start, and how it is connected to. */
export interface StartServerKernelOptions extends Omit<ConnectServerKernelOptions, 'owned'> {
  /**
   * Whether `close` ends the kernel too. Default: one that was started is ended; one that the path had already goes on, since somebody
   * may work with it.
   */
  owned?: boolean;
  /** Of the kernelspec. Default: the server's own default. */
  name?: string;
  /**
   * The session's path, relative to the server's root; the kernel works in its directory. A path that has a session already gets that one's
   * kernel, which `onNotice` tells. Default: one in the root that nobody else has.
   */
  path?: string;
  /** Of the session: `notebook`, `console`, `file`. Default `console`. */
  type?: string;
  /** What the session is called. Default: the last part of the path. */
  sessionName?: string;
  /** No session: a kernel alone, as servers without sessions have it (Kernel Gateway). `path` is then its directory. */
  withoutSession?: boolean;
  /** Hears that the kernel is one that ran already. */
  onNotice?: (notice: StartNotice) => void;
}

/**
 * Joins a kernel that runs behind a Jupyter server. It works at once, busy or not, and its running output is seen; what comes meanwhile
 * reaches the listeners that are added right after the call has resolved.
 *
 * @throws KernelRemovedError where there is no such kernel, ServerKernelDeadError, ServerStartFailedError, ServerError, WebSocketFailedError, the signal's reason
 */
export async function connectServerKernel(
  settings: ServerSettings,
  kernelId: string,
  options: ConnectServerKernelOptions = {},
): Promise<Kernel> {
  const rest = options.rest ?? kernelRest(new JupyterServer(settings));
  const model = await rest.get(kernelId, options.signal);
  if (model === null) throw new KernelRemovedError(kernelId);
  if (model.execution_state === 'dead') throw new ServerKernelDeadError(model);
  const host = new ServerHost(settings, kernelId, rest, { ...options, owned: options.owned ?? false });
  await host.connect(model.execution_state !== 'starting', options.signal);
  return kernelOf(host);
}

/**
 * Starts a kernel behind a Jupyter server. `close` ends it, and its session. A `path` that has a session already has a kernel, too: that
 * one is joined, and goes on after `close`.
 *
 * @throws as `connectServerKernel`; SessionTakenError where the path's kernel is of another kernelspec than `name`
 */
export async function startServerKernel(
  settings: ServerSettings,
  options: StartServerKernelOptions = {},
): Promise<Kernel> {
  const rest = options.rest ?? kernelRest(new JupyterServer(settings));
  const { kernel, session, isNew } = await begin(rest, options);
  if (!isNew) {
    options.onNotice?.({
      kind: 'session-joined',
      message: `${options.path} has a kernel already, ${kernel.id}: it is joined, and goes on after close`,
    });
  }
  const host = new ServerHost(settings, kernel.id, rest, {
    ...options,
    ...{ owned: options.owned ?? isNew, serverSession: session },
  });
  try {
    await host.connect(!isNew && kernel.execution_state !== 'starting', options.signal);
  } catch (error) {
    // Nobody will ever know of it; what was there before is not ours to end.
    if (isNew) await remove(rest, kernel.id, session).catch(() => {});
    throw error;
  }
  return kernelOf(host);
}

interface Begun {
  kernel: KernelModel;
  session: string | null;
  /** It was started for us, and did not run before. */
  isNew: boolean;
}

async function begin(
  rest: KernelStartRest,
  { name, path, type = 'console', sessionName, withoutSession = false, signal }: StartServerKernelOptions,
): Promise<Begun> {
  const asked = name === undefined ? {} : { name };
  if (withoutSession) {
    const kernel = await rest.createKernel({ ...asked, ...(path !== undefined && { path }) }, signal);
    return { kernel, session: null, isNew: true };
  }
  const own = path ?? ownPath();
  const called = sessionName ?? lastPart(own);
  // A server hands out the session that a path has, and does not say that it had it. A name that nobody else can have given tells: looking
  // before would miss whoever asks at the same time, and the kernel of either would be ended under the other.
  const mark = path === undefined ? called : `kernelkit-${globalThis.crypto.randomUUID()}`;
  const session = await rest.createSession({ path: own, type, name: mark, kernel: asked }, signal);
  const kernel = session.kernel!;
  const isNew = path === undefined || session.name === mark;
  if (!isNew && name !== undefined && kernel.name !== name) throw new SessionTakenError(own, kernel, name);
  if (isNew && mark !== called) await rename(rest, session, called, signal);
  return { kernel, session: session.id, isNew };
}

/** A proxy that lets no PATCH through costs a session its name, and no more. */
async function rename(rest: KernelStartRest, session: SessionModel, name: string, signal?: AbortSignal): Promise<void> {
  try {
    await rest.renameSession(session.id, name, signal);
  } catch (error) {
    if (error instanceof ServerError) return;
    await remove(rest, session.kernel!.id, session.id).catch(() => {});
    throw error;
  }
}

/** How long the server may take to end what we started in vain. */
const REMOVE_MS = 30_000;

async function remove(rest: KernelStartRest, kernel: string, session: string | null): Promise<void> {
  using deadline = new Deadline(REMOVE_MS);
  if (session === null) await rest.remove(kernel, deadline.signal);
  else await rest.removeSession(session, deadline.signal);
}

/** A path for a session that nobody else has. */
function ownPath(): string {
  return `kernelkit-${globalThis.crypto.randomUUID()}`;
}

export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function kernelOf(host: ServerHost): Kernel {
  const kernel = new Kernel(host);
  // After the caller has had a chance to listen.
  setTimeout(() => host.release(), 0);
  return kernel;
}
