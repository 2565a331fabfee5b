import { dirname } from 'node:path';
import {
  adopt,
  type CatalogEntry,
  type HubStart,
  type LaunchOptions,
  type LaunchPlan,
  launch,
  type PlanKernelOptions,
  planKernel,
  RawHost,
} from '@kernelkit/core';
import type { KeptKernel } from '../keep/index.js';

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
  /** Hears what runs it, after each start but a restart, which the same host does. */
  readonly onHost?: (host: RawHost) => void;
}

export interface StartSettings extends Pick<LaunchOptions, 'timeout' | 'trust'> {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a kernel that dies is started again. */
  readonly autoRestart: boolean;
}

/** As much as a hub keeps for a client that is there. */
const IOPUB_BYTES = 512 * 1024 * 1024;

/**
 * How a hub gets the kernel of an entry. Planned anew each time: what was mended since a failed start counts.
 * @param kept it is to outlive its gateway; what an earlier one left is adopted
 */
export function startRaw(what: KernelStart, settings: StartSettings, kept: KeptKernel | null = null): HubStart {
  const { id, entry, cwd, overrides, env = settings.env, activate, dotenv, sessionName, onPlan, onHost } = what;
  const { autoRestart, timeout, trust } = settings;
  const options = {
    // what comes faster than it can be passed on waits, as for a client that does not read
    ...{ relay: true, iopubLimit: IOPUB_BYTES },
    ...{ id, autoRestart, ...(timeout !== undefined && { timeout }), ...(trust && { trust }) },
    ...(kept !== null && { session: kept.record.session }),
  };
  const told = (host: RawHost): RawHost => {
    onHost?.(host);
    return host;
  };
  return async (signal) => {
    const found = kept?.found() ?? null;
    if (kept !== null && found !== null) {
      onPlan?.(found.plan);
      return told(await adopt(found, { ...options, stays: kept.staying, signal }));
    }
    // one that could not be reached
    await kept?.end();
    const plan = await planKernel(entry, {
      ...{ cwd, env, overrides, signal },
      ...(activate !== undefined && { activate }),
      ...(dotenv !== undefined && { dotenv }),
      ...(sessionName !== undefined && { sessionName }),
      ...(kept !== null && { stays: { directory: dirname(kept.directory) } }),
    });
    onPlan?.(plan);
    const all = { ...options, ...(kept !== null && { stays: kept.staying }) };
    return told(new RawHost(await launch(plan, { ...all, signal }), all));
  };
}
