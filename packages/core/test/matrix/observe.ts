/** Looks what a kernel does, whatever its row says of it. */
import {
  type CatalogEntry,
  type Execution,
  type Kernel,
  KernelkitError,
  type OutputEvent,
  planKernel,
  type Rung,
  type StartedKernel,
  startPlan,
} from '../../src/index.js';
import { printed, resultText } from '../support.js';
import type { Code, Facts } from './row.js';

/** Asks that much of a kernel whose row says that it does what is asked. */
export const LONG_MS = 45_000;

export interface Started extends StartedKernel {
  /** What the process writes outside the protocol. */
  readonly noise: () => string;
}

/** Started over this rung of the ladder, and no other, whatever quirks.ts thinks of it. */
export async function startOver(entry: CatalogEntry, rung: Rung, timeout = LONG_MS): Promise<Started> {
  const plan = await planKernel(entry, { transport: rung === 'ipc' ? 'ipc' : 'tcp' });
  const noise: string[] = [];
  const started = await startPlan(
    { ...plan, rung, problem: plan.problem?.kind === 'transport-unavailable' ? null : plan.problem },
    { timeout, onOutput: (_, chunk) => noise.push(chunk.toString()) },
  );
  return { ...started, noise: () => noise.join('') };
}

/** Whether it starts over this rung, and answers. */
export async function takes(entry: CatalogEntry, rung: Rung, timeout: number): Promise<boolean> {
  try {
    const { kernel } = await startOver(entry, rung, timeout);
    await kernel.close();
    return true;
  } catch (error) {
    if (error instanceof KernelkitError) return false;
    throw error;
  }
}

/** Resolves at the first output of an execution. */
export async function firstOutput(execution: Execution): Promise<OutputEvent> {
  for await (const output of execution) return output;
  throw new Error('the execution ended without output');
}

/** Resolves with null when `ms` have passed. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** What became of a cell that never ends by itself. */
export type LoopEnd = Exclude<Facts['interrupted'], null> | 'died' | 'ran on';

/** Starts the loop, does what shall stop it, and looks for `ms` what becomes of it. */
export async function interruptWith(kernel: Kernel, code: Code, stop: () => unknown, ms: number): Promise<LoopEnd> {
  // Old ipykernels abort whatever comes within a moment of an error, if the request said so.
  const execution = kernel.execute(code.loop, { stopOnError: false });
  const ended = execution.then(
    ({ status }): LoopEnd => status,
    (error: KernelkitError): LoopEnd => {
      // 'kernel-closed': it ran on until the kernel was taken away
      if (error.kind === 'kernel-died' || error.kind === 'channels-gone') return 'died';
      return 'ran on';
    },
  );
  await firstOutput(execution);
  await stop();
  return (await within(ended, ms)) ?? 'ran on';
}

/** Whether what onInput gives reaches the code that asks. */
export async function isAnswered(kernel: Kernel, ask: string): Promise<boolean> {
  const result = await kernel.execute(ask, { onInput: () => 'me' });
  return printed(result).includes('hello me');
}

export async function whenInputIsRefused(kernel: Kernel, ask: string): Promise<Facts['stdinRefused']> {
  try {
    return (await kernel.execute(ask, { stopOnError: false })).status === 'error' ? 'error' : 'empty';
  } catch (error) {
    if ((error as KernelkitError).kind === 'input-not-allowed') return 'asks';
    throw error;
  }
}

/** False where the kernel does not know the request, answers with an error, or with nothing. */
async function orFalse(asked: Promise<boolean>): Promise<boolean> {
  try {
    return await asked;
  } catch (error) {
    const { kind } = error as KernelkitError;
    if (kind === 'no-reply' || kind === 'reply-error') return false;
    throw error;
  }
}

export async function completes(kernel: Kernel, { before, code, match }: Code['complete']): Promise<boolean> {
  if (before !== undefined) await kernel.execute(before);
  return orFalse(
    kernel.complete(code, code.length).then(({ matches }) => matches.some((each) => each.includes(match))),
  );
}

export async function inspects(kernel: Kernel, { before, code, at, text }: Code['inspect']): Promise<boolean> {
  if (before !== undefined) await kernel.execute(before);
  return orFalse(
    kernel.inspect(code, at ?? code.length).then(({ found, data }) => found && JSON.stringify(data).includes(text)),
  );
}

export async function saysComplete(kernel: Kernel, code: string): Promise<Facts['isComplete'] | string> {
  try {
    return (await kernel.isComplete(code)).status;
  } catch (error) {
    if ((error as KernelkitError).kind === 'no-reply') return null;
    throw error;
  }
}

/** Whether a cell shows HTML as such. */
export async function displays(kernel: Kernel, code: string | null): Promise<boolean> {
  if (code === null) return false;
  const { outputs } = await kernel.execute(code);
  return outputs.some((output) => 'data' in output && String(output.data['text/html']).includes('<b>hi</b>'));
}

/** Whether ten million characters arrive, all of them, and nothing else. */
export async function floods(kernel: Kernel, code: string): Promise<boolean> {
  const text = printed(await kernel.execute(code))
    .replaceAll('\n', '')
    .replaceAll('\r', '');
  return text.length === 10_000_000 && text === 'x'.repeat(text.length);
}

/** The message that brought the value of an expression, and whether the code was echoed. */
export async function howResultsCome(
  kernel: Kernel,
  [code, text]: Code['sum'],
): Promise<Pick<Facts, 'executeInput'> & { result: string | undefined }> {
  const types = new Set<string>();
  const result = await kernel.execute(code, { onMessage: ({ header }) => types.add(header.msg_type) });
  if (resultText(result) !== text) throw new Error(`${code} gave ${JSON.stringify(resultText(result))}`);
  return { result: result.outputs[0]?.output_type, executeInput: types.has('execute_input') };
}

/** How a cell that fails ends. */
export async function howErrorsCome(kernel: Kernel, code: string): Promise<Facts['errors'] | 'half'> {
  const { status, error, outputs } = await kernel.execute(code, { stopOnError: false });
  if (status === 'ok' && outputs.every((output) => output.output_type === 'stream')) return 'text';
  const isWhole = status === 'error' && Boolean(error?.ename) && outputs.at(-1)?.output_type === 'error';
  return isWhole ? 'error' : 'half';
}

/** The value of a variable, as the kernel shows it; no text where there is no such variable. */
export async function shownValue(kernel: Kernel, use: string): Promise<string> {
  const result = await kernel.execute(use, { stopOnError: false });
  const text = resultText(result);
  return result.status === 'ok' && !text.startsWith('error:') ? text : '';
}
