import type { ExecuteResult, Execution } from '@kernelkit/core';
import { printed, resultText } from '../../packages/core/test/support.js';
import { must, rejects, SOON_MS, within } from './invariants.js';
import type { Life } from './life.js';

/** What goes by way of a terminal has its line ends. */
const plain = (text: string): string => text.replaceAll('\r\n', '\n');

let printedTexts = 0;

/** A text that nobody printed before comes back, and a sum is right: what every action must leave the kernel able to. */
export async function answers({ kernel, row: { code } }: Life): Promise<void> {
  printedTexts += 1;
  const text = `soak ${printedTexts}`;
  const [first, second] = await Promise.all([
    done('print', kernel.execute(code.print(text))),
    done('sum', kernel.execute(code.sum[0])),
  ]);
  must(first.status === 'ok', `a cell that prints ended with ${describe(first)}`);
  must(plain(printed(first)) === `${text}\n`, `expected was ${JSON.stringify(text)}, came ${describe(first)}`);
  must(resultText(second) === code.sum[1], `expected was ${JSON.stringify(code.sum[1])}, came ${describe(second)}`);
}

/** A million characters, all of them. */
export async function megabyte({ kernel, row: { code } }: Life): Promise<void> {
  // the matrix prints ten, in a hundred steps
  const result = await done('a megabyte', kernel.execute(code.flood.replace(/\b100\b/, '10')));
  const text = printed(result).replace(/[\r\n]/g, '');
  must(result.status === 'ok', `a megabyte ended with ${result.status}`);
  must(text.length === 1_000_000, `of a million characters ${text.length} came`);
  must(!/[^x]/.test(text), 'a megabyte came with something else in it');
}

export async function fails({ kernel, row }: Life): Promise<void> {
  const { status, error } = await done('a failing cell', kernel.execute(row.code.fail, { stopOnError: false }));
  const expected = row.facts.errors === 'text' ? 'ok' : 'error';
  must(status === expected, `a cell that fails ended with ${status}`);
  must(expected === 'ok' || Boolean(error?.ename), 'a cell that fails has no error');
}

/** A cell that never ends, once it runs. Not the execution itself, which would be waited for by who waits for this. */
export async function loops({ kernel, row }: Life): Promise<{ done: Promise<ExecuteResult> }> {
  const execution = kernel.execute(row.code.loop);
  execution.done.catch(() => {});
  await within('the first output of a long cell', SOON_MS, firstOutput(execution));
  return { done: execution.done };
}

/** A long cell is ended by an interrupt, where the kernel can be interrupted; where it cannot, that is said, and it is restarted. */
export async function interrupted(life: Life): Promise<void> {
  const { kernel, row } = life;
  const { facts } = row;
  const running = await loops(life);
  if (facts.interrupt === 'refused') {
    await rejects('an interrupt', kernel.interruptUntilIdle(), 'interrupt-unsupported');
    await within('restart', SOON_MS, kernel.restart());
    await rejects('the cell that ran', running.done, 'kernel-restarted');
    return;
  }
  const how = await within('interruptUntilIdle', SOON_MS, kernel.interruptUntilIdle({ attempts: 8, patience: 5000 }));
  must(how === 'idle', 'interrupts were not heeded');
  const { status } = await done('the interrupted cell', running);
  must(status === facts.interrupted, `an interrupted cell ended with ${status}, not ${facts.interrupted}`);
}

function done(what: string, execution: Pick<Execution, 'done'>): Promise<ExecuteResult> {
  return within(what, SOON_MS, execution.done);
}

async function firstOutput(execution: Execution): Promise<void> {
  for await (const _ of execution) return;
  throw new Error('it ended without any');
}

function describe(result: ExecuteResult): string {
  return JSON.stringify({ status: result.status, error: result.error?.evalue, outputs: result.outputs }).slice(0, 500);
}
