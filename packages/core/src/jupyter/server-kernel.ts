import { Kernel } from '../kernel/index.js';
import type { WebSocketOptions } from './channels.js';
import { KernelRemovedError } from './channels-errors.js';
import { kernelRest } from './kernel-rest.js';
import { JupyterServer } from './server.js';
import { ServerHost } from './server-host.js';
import type { KernelStartRest } from './server-kernel-rest.js';
import type { KernelModel, ServerSettings } from './types.js';

export interface ConnectServerKernelOptions extends WebSocketOptions {
  /** Whether `close` ends the kernel too. Default: not; whoever started it may want it. */
  owned?: boolean;
  /** Milliseconds that it may take to answer. Default 90,000. */
  answerTimeout?: number;
  signal?: AbortSignal;
  /** How the server is asked. Default: by its REST API, over `settings.network.fetch`. */
  rest?: KernelStartRest;
}

export interface StartServerKernelOptions extends ConnectServerKernelOptions {
  /** Of the kernelspec. Default: the server's own default. */
  name?: string;
  /**
   * The session's path, relative to the server's root; the kernel works in its directory. A path that has a session already gets that one's
   * kernel. Default: one in the root that nobody else has.
   */
  path?: string;
  /** Of the session: `notebook`, `console`, `file`. Default `console`. */
  type?: string;
  /** What the session is called. Default: the last part of the path. */
  sessionName?: string;
  /** No session: a kernel alone, as servers without sessions have it (Kernel Gateway). `path` is then its directory. */
  withoutSession?: boolean;
}

/**
 * Joins a kernel that runs behind a Jupyter server. It works at once, busy or not, and its running output is seen; what comes meanwhile
 * reaches the listeners that are added right after the call has resolved.
 *
 * @throws KernelRemovedError where there is no such kernel, ServerError, WebSocketFailedError, the signal's reason
 */
export async function connectServerKernel(
  settings: ServerSettings,
  kernelId: string,
  options: ConnectServerKernelOptions = {},
): Promise<Kernel> {
  const rest = options.rest ?? kernelRest(new JupyterServer(settings));
  const model = await rest.get(kernelId, options.signal);
  if (model === null) throw new KernelRemovedError(kernelId);
  const host = new ServerHost(settings, kernelId, rest, { ...options, owned: options.owned ?? false });
  await host.connect(model.execution_state !== 'starting', options.signal);
  return kernelOf(host);
}

/** Starts a kernel behind a Jupyter server. `close` ends it, and its session. @throws as `connectServerKernel` */
export async function startServerKernel(
  settings: ServerSettings,
  options: StartServerKernelOptions = {},
): Promise<Kernel> {
  const rest = options.rest ?? kernelRest(new JupyterServer(settings));
  const { kernel, session } = await begin(rest, options);
  const host = new ServerHost(settings, kernel.id, rest, {
    ...options,
    ...{ owned: options.owned ?? true, serverSession: session },
  });
  try {
    // A path that somebody has a session for may have a kernel that runs something.
    await host.connect(kernel.execution_state === 'busy', options.signal);
  } catch (error) {
    // Nobody will ever know of it.
    await host.shutdown().catch(() => {});
    throw error;
  }
  return kernelOf(host);
}

async function begin(
  rest: KernelStartRest,
  { name, path, type = 'console', sessionName, withoutSession = false, signal }: StartServerKernelOptions,
): Promise<{ kernel: KernelModel; session: string | null }> {
  const kernelName = name === undefined ? {} : { name };
  if (withoutSession) {
    const kernel = await rest.createKernel({ ...kernelName, ...(path !== undefined && { path }) }, signal);
    return { kernel, session: null };
  }
  // A server hands out the kernel of a session that has the same path.
  const own = path ?? `kernelkit-${globalThis.crypto.randomUUID()}`;
  const session = await rest.createSession(
    { path: own, type, name: sessionName ?? own.slice(own.lastIndexOf('/') + 1), kernel: kernelName },
    signal,
  );
  return { kernel: session.kernel!, session: session.id };
}

function kernelOf(host: ServerHost): Kernel {
  const kernel = new Kernel(host);
  // After the caller has had a chance to listen.
  setTimeout(() => host.release(), 0);
  return kernel;
}
