import { randomUUID } from 'node:crypto';
import type { KernelSpec } from '@kernelkit/protocol';
import { expect } from 'vitest';
import { processesOf } from '../../../../testing/suite/processes.js';
import {
  type ChannelNotice,
  type Kernel,
  KernelStartError,
  planKernel,
  type StartedKernel,
  type StartOptions,
  startPlan,
} from '../../src/index.js';
import { faultyEntry } from '../support.js';

/** What goes wrong, in the words of testing/faulty-kernel.py. */
export type Fault = Record<string, unknown>;

export type Step = [name: string, argument?: unknown];
export const script = (...steps: Step[]): string => JSON.stringify(steps);

/** How a start fails, in the words of these tests. */
export type StartFailure = 'exited' | 'timed-out' | 'not-a-kernel';

/** The one place that knows what kernelkit calls these failures. */
const kinds: Record<StartFailure, RegExp> = {
  exited: /^process-exited$/,
  'timed-out': /^start-timeout$/,
  'not-a-kernel': /^protocol-violated$/,
};

/** From here on a machine that is busy with other tests may be the reason. */
const SLACK_MS = 3000;
/** What a start may take in these tests, unless it shall fail by that. */
export const START_MS = 20_000;
/** Asked to end, and made to, without the patience that a real kernel deserves. */
export const soon: StartOptions = { shutdown: { request: 1000, term: 500 } };

export interface Started extends StartedKernel {
  readonly notices: ChannelNotice[];
}

/** What `work` gives, and that it took no longer than `ms`, give or take what a busy machine takes. */
export async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  expect(performance.now() - began).toBeLessThan(ms + SLACK_MS);
  return result;
}

/** Runs `body` on a faulty kernel; afterwards none of its processes is left, in its group or not. */
export async function on<T>(
  fault: Fault,
  body: (kernel: Kernel, started: Started) => Promise<T>,
  options: StartOptions & { spec?: Partial<KernelSpec> } = {},
): Promise<T> {
  const mark = randomUUID();
  const { spec, ...rest } = { timeout: START_MS, ...soon, ...options };
  const started = await startPlan(planKernel(faultyEntry({ ...fault, mark }, spec), rest), rest);
  const notices: ChannelNotice[] = [];
  started.kernel.on('notice', (notice) => notices.push(notice));
  try {
    return await body(started.kernel, { ...started, notices });
  } finally {
    await within(3000, () => started.kernel.close());
    nothingRuns(mark);
  }
}

/** Expects that a faulty kernel does not start, in this way and in that time, and that nothing of it is left. */
export async function failsToStart(
  fault: Fault,
  expected: { as: StartFailure; says: RegExp; within: number },
  options: StartOptions = {},
): Promise<KernelStartError> {
  const mark = randomUUID();
  const rest = { timeout: START_MS, ...options };
  const error = await within(expected.within, () =>
    startPlan(planKernel(faultyEntry({ ...fault, mark }), rest), rest).then(
      ({ kernel }) => kernel.close().then(() => null),
      (error: unknown) => error,
    ),
  );
  expect(error).toBeInstanceOf(KernelStartError);
  const { kind, message } = error as KernelStartError;
  expect(kind).toMatch(kinds[expected.as]);
  expect(message).toMatch(expected.says);
  nothingRuns(mark);
  return error as KernelStartError;
}

/** Expects that the kernel runs cells: what it printed is complete and in order. */
export async function isWell(kernel: Kernel, lines = 3): Promise<void> {
  const steps = Array.from({ length: lines }, (_, at): Step => ['stream', `${at}\n`]);
  const result = await within(0, () => kernel.execute(script(...steps, ['result', 'done'], ['reply'], ['idle'])));
  expect(result.status).toBe('ok');
  expect(result.outputs).toMatchObject([
    { output_type: 'stream', text: Array.from({ length: lines }, (_, at) => `${at}\n`).join('') },
    { output_type: 'execute_result', data: { 'text/plain': 'done' } },
  ]);
}

/** The kernel's processes were ended before the call that ended it came back. Elsewhere than on Linux nobody can look. */
function nothingRuns(mark: string): void {
  expect(processesOf({ marker: `KERNELKIT_MARK=${mark}`, root: mark }) ?? []).toEqual([]);
}
