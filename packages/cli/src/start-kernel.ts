import { type CatalogEntry, type Kernel, type PlanKernelOptions, planKernel, startPlan } from '@kernelkit/core';
import { quoted } from './report.js';
import type { Session } from './session.js';

/**
 * Starts a kernel, and says with --verbose what is started, how long it took, and what its process writes.
 * @throws KernelStartError, AbortedError
 */
export async function startKernel(
  { screen, signal, cache }: Session,
  entry: CatalogEntry,
  options: PlanKernelOptions,
): Promise<Kernel> {
  const plan = await planKernel(entry, { ...options, signal, ...(!cache && { activate: { cache: false } }) });
  const problem = plan.activation?.problem;
  if (problem) screen.warn(`${screen.paintErr('yellow', 'warning:')} ${problem.message}`);
  screen.detail(`starting ${plan.argv.map(quoted).join(' ')} in ${plan.cwd} (${plan.transport})`);
  const { kernel, host } = await startPlan(plan, {
    signal,
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
