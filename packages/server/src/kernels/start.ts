import {
  type CatalogEntry,
  type HubStart,
  type LaunchOptions,
  type LaunchPlan,
  launch,
  type PlanKernelOptions,
  planKernel,
  RawHost,
} from '@kernelkit/core';

/** What a kernel of the gateway is started with. */
export interface KernelStart extends Pick<PlanKernelOptions, 'activate' | 'dotenv'> {
  readonly id: string;
  readonly entry: CatalogEntry;
  readonly cwd: string;
  /** Laid over the kernel's environment. */
  readonly overrides: Readonly<Record<string, string | null>>;
  /** What its environment is made from. Default: the gateway's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The session's path: what Jupyter gives kernels as JPY_SESSION_NAME. */
  readonly sessionName?: string;
  /** Hears how it will be started, each time. */
  readonly onPlan?: (plan: LaunchPlan) => void;
}

export interface StartSettings extends Pick<LaunchOptions, 'timeout' | 'trust'> {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a kernel that dies is started again. */
  readonly autoRestart: boolean;
}

/** How a hub gets the kernel of an entry. Planned anew each time: what was mended since a failed start counts. */
export function startRaw(what: KernelStart, settings: StartSettings): HubStart {
  const { id, entry, cwd, overrides, env = settings.env, activate, dotenv, sessionName, onPlan } = what;
  const { autoRestart, timeout, trust } = settings;
  return async (signal) => {
    const plan = await planKernel(entry, {
      ...{ cwd, env, overrides, signal },
      ...(activate !== undefined && { activate }),
      ...(dotenv !== undefined && { dotenv }),
      ...(sessionName !== undefined && { sessionName }),
    });
    onPlan?.(plan);
    const options = { id, ...(timeout !== undefined && { timeout }), ...(trust && { trust }) };
    return new RawHost(await launch(plan, { ...options, signal }), { ...options, autoRestart });
  };
}
