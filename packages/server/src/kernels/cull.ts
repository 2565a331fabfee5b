import type { Hub } from '@kernelkit/core';

/** Jupyter Server's `MappingKernelManager.cull_*`. */
export interface CullOptions {
  /** Seconds that a kernel may be idle; 0: it is never culled. Default 0. A kernelspec's `metadata.cull_idle_timeout` comes before. */
  readonly idleTimeout?: number;
  /** Seconds between two looks. Default 300. */
  readonly interval?: number;
  /** Also one that is busy. Default: not. */
  readonly busy?: boolean;
  /** Also one that somebody is connected to. Default: not. */
  readonly connected?: boolean;
}

/** Whether a kernel's time is over. */
export function isToBeCulled(
  hub: Pick<Hub, 'state' | 'connections' | 'lastActivity'>,
  metadata: Readonly<Record<string, unknown>>,
  options: CullOptions,
  now: number,
): boolean {
  const own = metadata.cull_idle_timeout;
  const timeout = typeof own === 'number' && Number.isFinite(own) ? own : (options.idleTimeout ?? 0);
  if (!(timeout > 0)) return false;
  if (now - hub.lastActivity.getTime() <= timeout * 1000) return false;
  // what is dead does nobody good, whoever looks at it
  if (hub.state === 'dead') return true;
  if (hub.state !== 'idle' && options.busy !== true) return false;
  return hub.connections === 0 || options.connected === true;
}
