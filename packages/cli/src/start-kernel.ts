import { type CatalogEntry, type Kernel, type PlanKernelOptions, planKernel, startPlan } from '@kernelkit/core';
import { quoted } from './report.js';
import type { Screen } from './screen.js';

/**
 * Starts a kernel, and says with --verbose what is started, how long it took, and what its process writes.
 * @throws KernelStartError, AbortedError
 */
export async function startKernel(
  screen: Screen,
  entry: CatalogEntry,
  options: PlanKernelOptions & { signal: AbortSignal },
): Promise<Kernel> {
  const { signal, ...planned } = options;
  const plan = planKernel(entry, planned);
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
