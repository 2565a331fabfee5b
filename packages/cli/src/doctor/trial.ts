import { Deadline, type Kernel, type KernelStartError, type LaunchPlan, startPlan } from '@kernelkit/core';
import type { Steps } from './steps.js';

const TAIL_LINES = 12;

/** How long the kernel may take over next to nothing, in milliseconds. */
const EXECUTE_MS = 20_000;

/** Starts the kernel, has it run something, and ends it; whether all of it worked. @throws AbortedError */
export async function tryKernel(
  steps: Steps,
  plan: LaunchPlan,
  options: { signal: AbortSignal; timeout: number | null },
): Promise<boolean> {
  const { signal, timeout } = options;
  let kernel: Kernel;
  try {
    const started = await startPlan(plan, { signal, ...(timeout !== null && { timeout: timeout * 1000 }) });
    kernel = started.kernel;
    const { connected, replied, ready } = started.host.launched.timings;
    const phases = `connected after ${round(connected)}, kernel_info after ${round(replied)}, iopub live after ${round(ready)}`;
    await steps.add('start', 'ok', `ready: process ${started.host.launched.process.pid}`, {
      ms: ready,
      details: [phases],
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const { message, fix = null, stderr = '', argv = [] } = error as Partial<KernelStartError>;
    const tail = stderr.trimEnd().split('\n').slice(-TAIL_LINES);
    await steps.add('start', 'failed', message ?? String(error), {
      fix,
      details: [argv.join(' '), ...tail].filter((line) => line !== ''),
    });
    return false;
  }
  let isFine = false;
  try {
    isFine = await use(steps, plan, kernel, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const { message, fix = null } = error as Partial<KernelStartError>;
    await steps.add('execute', 'failed', message ?? String(error), { fix });
  } finally {
    if (signal.aborted) await kernel.close();
  }
  const begin = performance.now();
  await kernel.close();
  await steps.add('end', 'ok', 'it ended, and nothing is left of it', { ms: performance.now() - begin });
  return isFine;
}

async function use(steps: Steps, plan: LaunchPlan, kernel: Kernel, signal: AbortSignal): Promise<boolean> {
  const { implementation, implementation_version: version, protocol_version: protocol } = await kernel.kernelInfo();
  await steps.add('speaks', 'ok', `${implementation} ${version}, protocol ${protocol}`);
  const { owner, language } = plan.entry;
  const isPython = language.toLowerCase() === 'python';
  const begin = performance.now();
  // in a language that is not known nothing is the one thing that every kernel can run
  using limit = new Deadline(EXECUTE_MS, signal);
  const code = isPython ? "__import__('sys').prefix" : '';
  const result = await kernel.execute(code, { signal: limit.signal, storeHistory: false });
  const ms = performance.now() - begin;
  if (limit.hasPassed) {
    await steps.add('execute', 'failed', `it did not come back within ${EXECUTE_MS / 1000} s`, { ms });
    return false;
  }
  if (result.status !== 'ok') {
    await steps.add('execute', 'failed', `it answered with ${result.status}`, { ms });
    return false;
  }
  const shown = result.outputs
    .flatMap((output) => ('data' in output ? [String(output.data['text/plain'])] : []))
    .join('');
  const prefix = /^'(.*)'$/.exec(shown.trim())?.[1];
  if (!isPython || prefix === undefined || owner === null || owner.kind === 'system') {
    await steps.add('execute', 'ok', 'it runs code', { ms });
  } else if (prefix === owner.prefix || prefix === owner.real) {
    await steps.add('execute', 'ok', `it runs code, in its own environment (sys.prefix is ${prefix})`, { ms });
  } else {
    await steps.add('execute', 'warning', `it runs code, but sys.prefix is ${prefix}, and not ${owner.prefix}`, {
      ms,
      fix: 'Install the kernel again in its environment.',
    });
  }
  return true;
}

function round(ms: number | null): string {
  return ms === null ? '?' : `${Math.round(ms)} ms`;
}
