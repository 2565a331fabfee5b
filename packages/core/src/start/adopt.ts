import { rm } from 'node:fs/promises';
import {
  DEFAULT_START_TIMEOUT,
  type LaunchedKernel,
  type LaunchOptions,
  type Staying,
  type StayingKernel,
} from '../launch/index.js';
import { AdoptedProcess } from '../process/index.js';
import { readConnectionFile } from './connection-file.js';
import { join } from './join.js';
import { type HostOptions, RawHost } from './raw-host.js';

/** A kernel that was started to stay, and whose owner has ended. */
export interface AdoptedKernel extends StayingKernel {
  id: string;
  startTime: string;
  started: Date;
  /** Until when its output was read. */
  since: Date;
}

const NO_TIMINGS = { activated: null, spawned: null, connected: null, replied: null, ready: null, failed: null };

/**
 * Takes a running kernel over, busy or not: from now on it is interrupted, restarted, watched and ended as one that this process started. Answers
 * that are still to come reach us where `session` is that of the owner before, and the kernel takes a second connection under it.
 *
 * @throws ConnectionFileError, KernelUnreachableError, AbortedError; the kernel is left as it is
 */
export async function adopt(
  kernel: AdoptedKernel,
  options: LaunchOptions & HostOptions & { stays: Staying },
): Promise<RawHost> {
  const { id, plan, argv, pid, startTime, started, connectionFile, runDir, since } = kernel;
  const info = await readConnectionFile(connectionFile);
  const { timeout = DEFAULT_START_TIMEOUT } = options;
  const { session, ...others } = options;
  const own = plan.quirks.handsOver && session !== undefined ? { session } : {};
  const { raw, caughtUp, ...joined } = await join(info, connectionFile, { ...others, ...own, timeout });
  const child = new AdoptedProcess({ pid, startTime, argv, started, output: options.stays.output });
  raw.listen({
    notice: ({ kind }) => {
      if (kind === 'disconnected') child.lookSoon();
    },
    // by us: it is somebody else's from now on
    gone: ({ kind }) => {
      if (kind === 'closed') child.forget();
    },
  });
  const launched: LaunchedKernel = {
    ...{ id, plan, process: child, channels: raw, connection: info, connectionFile, info: joined.info },
    ...{ timings: NO_TIMINGS, interruptEvent: null },
    async end(term) {
      const exit = await child.end(term);
      await raw.close(0);
      await rm(runDir, { recursive: true, force: true, maxRetries: 3 });
      return exit;
    },
  };
  const host = new RawHost(launched, options, { ...joined, adopted: { since, caughtUp } });
  // after the caller has had a chance to listen
  setTimeout(() => joined.channels.release(), 0);
  return host;
}
