import { homedir, tmpdir } from 'node:os';
import { type CatalogEntry, catalog, resolveKernel } from '../catalog/index.js';
import { Kernel } from '../kernel/index.js';
import { type LaunchOptions, launch } from '../launch/index.js';
import { type LaunchPlan, makePlan } from '../plan/index.js';
import { RawHost, type ShutdownOptions } from './raw-host.js';

export interface PlanKernelOptions {
  /** The kernel's working directory. Default: this process's. */
  cwd?: string;
  /** The environment to start from. Default: this process's. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Laid over everything; null unsets a variable. */
  overrides?: Readonly<Record<string, string | null>>;
  /** Forces the transport. Default: Unix sockets for kernels that are known to take them. */
  transport?: 'ipc' | 'tcp';
  /** What Jupyter calls the session: the path of the notebook. */
  sessionName?: string;
}

export interface StartOptions extends PlanKernelOptions, LaunchOptions {
  shutdown?: ShutdownOptions;
}

/** A kernel that runs as our own process. */
export interface StartedKernel {
  kernel: Kernel;
  host: RawHost;
}

/** The plan for starting `entry` on this machine: reads the surroundings, and hands them to the pure planner. */
export function planKernel(entry: CatalogEntry, options: PlanKernelOptions = {}): LaunchPlan {
  const { cwd = process.cwd(), env = process.env, overrides, transport, sessionName } = options;
  return makePlan(entry, {
    cwd,
    env,
    platform: process.platform,
    home: homedir(),
    runBase: tmpdir(),
    parentPid: process.pid,
    ...(overrides && { overrides }),
    ...(transport && { transport }),
    ...(sessionName !== undefined && { sessionName }),
  });
}

/** Carries a plan out and gives the client, with the host that runs it. */
export async function startPlan(plan: LaunchPlan, options: StartOptions = {}): Promise<StartedKernel> {
  const launched = await launch(plan, options);
  const host = new RawHost(launched, options, options.shutdown ?? {});
  return { kernel: new Kernel(host), host };
}

/**
 * Starts a kernel: `await using kernel = await start('python3')`.
 *
 * @param what an entry of the catalog, or a name for one: id, kernelspec name, path, display name, language, prefix
 * @throws KernelNotFoundError, AmbiguousKernelError, KernelStartError, AbortedError
 */
export async function start(what: CatalogEntry | string, options: StartOptions = {}): Promise<Kernel> {
  const entry = typeof what === 'string' ? await find(what, options) : what;
  return (await startPlan(planKernel(entry, options), options)).kernel;
}

async function find(
  query: string,
  { cwd = process.cwd(), env = process.env, signal }: StartOptions,
): Promise<CatalogEntry> {
  const found = await catalog({ cwd, env, ...(signal && { signal }) });
  return (await resolveKernel(found, query, { cwd, env, ...(signal && { signal }) })).entry;
}
