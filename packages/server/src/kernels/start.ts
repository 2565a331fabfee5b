import { type CatalogEntry, type HubStart, type LaunchOptions, launch, planKernel, RawHost } from '@kernelkit/core';

/** What a kernel of the gateway is started with. */
export interface KernelStart {
  readonly id: string;
  readonly entry: CatalogEntry;
  readonly cwd: string;
  /** Laid over the kernel's environment. */
  readonly overrides: Readonly<Record<string, string>>;
  /** The session's path: what Jupyter gives kernels as JPY_SESSION_NAME. */
  readonly sessionName?: string;
}

export interface StartSettings extends Pick<LaunchOptions, 'timeout' | 'trust'> {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a kernel that dies is started again. */
  readonly autoRestart: boolean;
}

/** How a hub gets the kernel of an entry. Planned anew each time: what was mended since a failed start counts. */
export function startRaw(what: KernelStart, settings: StartSettings): HubStart {
  const { id, entry, cwd, overrides, sessionName } = what;
  const { env, autoRestart, timeout, trust } = settings;
  return async (signal) => {
    const plan = await planKernel(entry, {
      ...{ cwd, env, overrides, signal },
      ...(sessionName !== undefined && { sessionName }),
    });
    const options = { id, ...(timeout !== undefined && { timeout }), ...(trust && { trust }) };
    return new RawHost(await launch(plan, { ...options, signal }), { ...options, autoRestart });
  };
}
