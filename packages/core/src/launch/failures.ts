import type { LaunchPlan } from '../plan/index.js';
import type { ProcessExit } from '../process/index.js';
import { describeExit, fixFor, lastWords } from './diagnose.js';
import { KernelStartError, type StartTimings } from './errors.js';

/** The process ended before the kernel was ready. */
export function exitError(
  plan: LaunchPlan,
  argv: readonly string[],
  exit: ProcessExit,
  timings: StartTimings,
): KernelStartError {
  const words = lastWords(exit.stderr);
  const message = `${plan.entry.displayName} ${describeExit(exit)} before it was ready, ${Math.round(exit.lived)} ms after its start`;
  return new KernelStartError('process-exited', words === '' ? message : `${message}: ${words}`, {
    plan,
    argv,
    timings,
    exit,
    fix: fixFor(exit, argv),
  });
}

/** The process runs, but the kernel is not ready in time: says how far it got. */
export function timeoutError(
  plan: LaunchPlan,
  argv: readonly string[],
  timings: StartTimings,
  stderr: string,
  unreadable: string[],
  timeout: number,
): KernelStartError {
  const stuck =
    timings.connected === null
      ? 'it never opened its sockets'
      : timings.replied === null
        ? 'it opened its sockets but never answered kernel_info'
        : 'it answered kernel_info, but nothing came on its iopub socket';
  const noise = unreadable.length === 0 ? '' : `; ${unreadable.length} messages could not be read (${unreadable[0]})`;
  return new KernelStartError(
    'start-timeout',
    `${plan.entry.displayName} was not ready after ${timeout / 1000} s: ${stuck}${noise}`,
    {
      plan,
      argv,
      timings,
      stderr,
      fix: 'see what it wrote to standard error, or allow more time',
    },
  );
}
