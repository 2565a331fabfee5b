import { tmpdir } from 'node:os';
import type { CatalogEntry } from '../catalog/index.js';
import { Kernel } from '../kernel/index.js';
import { type LaunchOptions, launch } from '../launch/index.js';
import { type LaunchPlan, makePlan } from '../plan/index.js';
import { homeDirectory } from '../specs/index.js';
import { type ActivationOptions, activationFor } from './activation.js';
import { readDotenv } from './dotenv.js';
import { withProgram } from './program.js';
import { type HostOptions, RawHost } from './raw-host.js';

// Apart from start(): who never asks a server reads nothing of what speaks with one.

/** What a plan is made of, beside the entry. Everything left out is this machine's, or this process's. */
export interface PlanKernelOptions {
  /** The kernel's working directory. Default: this process's. */
  cwd?: string;
  /** The environment to start from. Default: this process's. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Laid over everything; null unsets a variable. */
  overrides?: Readonly<Record<string, string | null>>;
  /** Forces the transport. Default: Unix sockets for kernels that are known to take them. */
  transport?: 'ipc' | 'tcp';
  /** `~`. Default: the home that the environment names. */
  home?: string;
  /** What Jupyter calls the session: the path of the notebook. */
  sessionName?: string;
  /** How the kernel's environment is activated; false: not at all. Default: computed from its files, with its scripts. */
  activate?: ActivationOptions | false;
  /** A `.env` file: its path, or true for the nearest one in the working directory or above it. Default: none. */
  dotenv?: string | true;
  /** The kernel is to outlive this process; its sockets and connection file are made in that directory. */
  stays?: { directory: string };
  signal?: AbortSignal;
}

/** A kernel that runs as our own process. */
export interface StartedKernel {
  kernel: Kernel;
  host: RawHost;
}

/**
 * The plan for starting `entry` on this machine: activates its environment (which may run the environment's own scripts), reads the
 * surroundings, and hands them to the pure planner. What keeps the kernel from starting is in the plan's `problem`.
 *
 * @throws AbortedError; DotenvError when the `.env` file that was named cannot be read
 */
export async function planKernel(entry: CatalogEntry, options: PlanKernelOptions = {}): Promise<LaunchPlan> {
  const { cwd = process.cwd(), env = process.env, overrides, transport, sessionName, signal } = options;
  const home = options.home ?? homeDirectory(process.platform, env);
  const [activation, dotenv] = await Promise.all([
    activationFor(entry, { ...(options.activate || {}), isOff: options.activate === false, env, home, signal }),
    options.dotenv === undefined ? null : readDotenv(options.dotenv, cwd),
  ]);
  const plan = makePlan(entry, {
    cwd,
    env,
    platform: process.platform,
    home,
    runBase: options.stays?.directory ?? tmpdir(),
    parentPid: options.stays === undefined ? process.pid : null,
    activation,
    dotenv,
    ...(overrides && { overrides }),
    ...(transport && { transport }),
    ...(sessionName !== undefined && { sessionName }),
  });
  return withProgram(plan);
}

/** Carries a plan out and gives the client, with the host that runs it. @throws KernelStartError, AbortedError */
export async function startPlan(
  plan: LaunchPlan | Promise<LaunchPlan>,
  options: LaunchOptions & HostOptions = {},
): Promise<StartedKernel> {
  const launched = await launch(await plan, options);
  const host = new RawHost(launched, options);
  return { kernel: new Kernel(host), host };
}
