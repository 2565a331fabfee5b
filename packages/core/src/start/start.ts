import { builtInSources, type CatalogEntry, catalog, resolveKernel } from '../catalog/index.js';
import { isServerEntry, type ServerSettings, type StartNotice } from '../jupyter/index.js';
import { serverSource } from '../jupyter-node/index.js';
import type { Kernel } from '../kernel/index.js';
import type { LaunchOptions } from '../launch/index.js';
import { attach } from './attach.js';
import { type LocalJupyterOptions, startThroughLocalServer } from './local-jupyter.js';
import { type PlanKernelOptions, planKernel, startPlan } from './raw.js';
import type { HostOptions } from './raw-host.js';
import { refuseOptions, ServerOptionError, type ServerStartOptions, startServerEntry, tellUnheeded } from './server.js';

export interface StartOptions extends Omit<PlanKernelOptions, 'stays'>, Omit<LaunchOptions, 'stays'>, HostOptions {
  /** Jupyter servers whose kernels a name may mean, too: a kernel of this machine's comes before a server's. */
  servers?: readonly ServerSettings[];
  /**
   * How a kernel of this machine is run: `raw`, as a process of ours, or `jupyter`, through a Jupyter server that is started for it alone
   * and ends with it. Default raw. A server's kernel is always reached through that server.
   */
  mode?: 'raw' | 'jupyter';
  /** Which server `mode: 'jupyter'` starts. Default: one that is found among the environments. */
  localServer?: Pick<LocalJupyterOptions, 'server' | 'reconnect'>;
  /** For a server's kernel. Not heeded by others. */
  server?: ServerStartOptions;
  /** Hears of options that a server's kernel cannot heed, and that a path had a kernel already. */
  onServerNotice?: (notice: StartNotice) => void;
}

/**
 * Starts a kernel: `await using kernel = await start('python3')`. One that runs already is joined, and goes on when this client closes.
 * With `mode: 'jupyter'` one of this machine is started by a Jupyter server of its own, where `transport` is refused. A server's entry (`serverSource`, or a name with `servers`) is started, or joined, there. Of the options that a server cannot heed,
 * `overrides`, `dotenv` and `transport` are refused, since the kernel would be another one than was asked for; `cwd`, `activate`,
 * `autoRestart`, `shutdown`, `trust` and `onOutput` are left out, and `onServerNotice` hears it.
 *
 * @param what an entry of the catalog, or a name for one: id, kernelspec name, path (a connection file, too), display name, language,
 *   prefix; with `servers` also the id that a server gives a kernel that runs there
 * @throws ConnectionFileError, KernelUnreachableError, KernelNotFoundError, AmbiguousKernelError, KernelStartError, AbortedError; for a
 *   server's ServerError, ServerOptionError, SessionTakenError, KernelRemovedError, ServerKernelDeadError, ServerStartFailedError, WebSocketFailedError; with
 *   `mode: 'jupyter'` JupyterServerMissingError, LocalServerError
 */
export async function start(what: CatalogEntry | string, options: StartOptions = {}): Promise<Kernel> {
  const entry = typeof what === 'string' ? await find(what, options) : what;
  if (isServerEntry(entry)) return startServerEntry(entry, options);
  if (options.mode === 'jupyter') return startByJupyter(entry, options);
  // it runs already: a connection file
  if (entry.source === 'running' && entry.file !== null) return attach(entry.file, options);
  return (await startPlan(planKernel(entry, options), options)).kernel;
}

/** @throws ServerOptionError, KernelStartError, JupyterServerMissingError, LocalServerError, ServerError, AbortedError */
async function startByJupyter(entry: CatalogEntry, options: StartOptions): Promise<Kernel> {
  const { env, timeout, trust, signal, server = {}, localServer } = options;
  if (entry.source === 'running') {
    const fix = 'Leave the mode out: the kernel is joined by its connection file.';
    throw new ServerOptionError('mode', 'a kernel that runs already cannot be brought under a server', fix);
  }
  refuseOptions(options, ['transport']);
  tellUnheeded(options, ['autoRestart', 'shutdown', 'onOutput']);
  return startThroughLocalServer(planKernel(entry, options), {
    ...localServer,
    ...(env && { env }),
    ...(timeout !== undefined && { answerTimeout: timeout }),
    ...(trust && { trust }),
    ...(server.path !== undefined && { path: server.path }),
    ...(server.type !== undefined && { type: server.type }),
    ...(signal && { signal }),
  });
}

async function find(
  query: string,
  { cwd = process.cwd(), env = process.env, servers = [], signal }: StartOptions,
): Promise<CatalogEntry> {
  const sources = [...builtInSources(), ...servers.map((settings) => serverSource(settings))];
  const found = await catalog({ cwd, env, sources, ...(signal && { signal }) });
  const running = found.kernels.find((entry) => isServerEntry(entry) && entry.remote.kernelId === query);
  return running ?? (await resolveKernel(found, query, { cwd, env, ...(signal && { signal }) })).entry;
}
