import {
  attach,
  type CatalogEntry,
  isServerEntry,
  type Kernel,
  type LaunchPlan,
  type PlanKernelOptions,
  planKernel,
  startPlan,
} from '@kernelkit/core';
import type { FoundKernels } from './choose.js';
import { UsageError } from './errors.js';
import type { ModeFlags } from './options.js';
import { quoted } from './report.js';
import type { Session } from './session.js';
import { sweepOrphans } from './sweep-orphans.js';

/**
 * Starts a kernel, or joins one that runs, and says with --verbose what is started, how long it took, and what its process writes.
 * @throws KernelStartError, KernelUnreachableError, AbortedError; of a server's kernel ServerError, WebSocketFailedError
 */
export async function startKernel(
  session: Session,
  found: FoundKernels,
  entry: CatalogEntry,
  options: PlanKernelOptions,
  mode: ModeFlags = {},
): Promise<Kernel> {
  const { screen, signal } = session;
  const settings = found.servers?.settingsOf(entry) ?? (isServerEntry(entry) ? entry.remote.settings : null);
  if (settings && mode.mode === 'raw') {
    const what = `--mode raw was given, and ${entry.displayName} is a kernel of ${entry.server?.url ?? 'a server'}`;
    throw new UsageError(what, 'leave the mode out, or name a kernel of this machine');
  }
  if (settings) return (await import('./servers/start.js')).startOnServer(session, settings, entry, options);
  if (entry.source === 'running' && entry.file !== null) {
    const kernel = await attach(entry.file, { signal });
    screen.detail(`joined the kernel of ${entry.file}: ${kernel.status}`);
    return kernel;
  }
  sweepOrphans(session);
  if (mode.mode === 'jupyter') return (await import('./mode.js')).startThroughJupyter(session, entry, options, mode);
  const plan = await planKernel(entry, { ...options, signal });
  for (const line of activationWarnings(plan)) screen.warn(`${screen.paintErr('yellow', 'warning:')} ${line}`);
  screen.detail(`starting ${plan.argv.map(quoted).join(' ')} in ${plan.cwd} (${plan.transport})`);
  const { kernel, host } = await startPlan(plan, {
    signal,
    onProblem: ({ message }) => screen.detail(message),
    ...(screen.verbose && {
      onOutput: (stream, chunk) => {
        for (const line of chunk.toString('utf8').trimEnd().split('\n')) screen.detail(`kernel's ${stream}: ${line}`);
      },
    }),
  });
  const { timings } = host.launched;
  screen.detail(`ready after ${Math.round(timings.ready ?? 0)} ms: process ${host.launched.process.pid}`);
  return kernel;
}

/** What of an activation its user has to know: that it is less than it should be, or was come by in another way. None of it is silent. */
export function activationWarnings({ activation }: Pick<LaunchPlan, 'activation'>): string[] {
  if (activation === null) return [];
  const { problem, fallbacks, notes } = activation;
  const ways = fallbacks.map(({ method, because, failure }) => {
    return `the environment was activated by its ${method}, because ${because}${failure === null ? '' : `, and that failed: ${failure}`}`;
  });
  return [...notes.map(({ message }) => message), ...ways, ...(problem === null ? [] : [problem.message])];
}
