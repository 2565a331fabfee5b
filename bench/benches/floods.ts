import { type Kernel, startPlan } from '@kernelkit/core';
import type { Bench } from '../harness/bench.js';
import { startBoth } from '../harness/both.js';
import { interleave } from '../harness/interleave.js';
import { jupyterEnvironment, planFor } from '../harness/kernel.js';
import { Peer } from '../harness/peer.js';
import { sourceOf } from '../harness/places.js';
import { atMost, exactly, type Row, type RowSide } from '../harness/rows.js';
import { median, summarise } from '../harness/stats.js';

const KERNEL = 'ipykernel';

/** Prints the numbers below `count`, and keeps the time that the loop took. */
function printing(count: number, how: string): string {
  return `import time\nbegan = time.perf_counter()\nfor i in range(${count}):\n    print(i${how})\ntook = (time.perf_counter() - began) * 1000`;
}

interface Printed {
  ms: number;
  lines: number;
  in_order: boolean;
  ended?: boolean;
}

async function print(kernel: Kernel, code: string): Promise<Printed> {
  const began = performance.now();
  const { outputs, status } = await kernel.execute(code);
  const ms = performance.now() - began;
  if (status !== 'ok') throw new Error(`the loop ended with ${status}`);
  const text = outputs.map((output) => (output.output_type === 'stream' ? output.text : '')).join('');
  const numbers = text.split('\n').slice(0, -1).map(Number);
  return { ms, lines: numbers.length, in_order: numbers.every((number, at) => at === 0 || number > numbers[at - 1]!) };
}

async function textOf(kernel: Kernel, code: string): Promise<string> {
  const { outputs } = await kernel.execute(code);
  return outputs.map((output) => (output.output_type === 'stream' ? output.text : '')).join('');
}

function whole(what: string, { lines, in_order }: Printed, count: number): void {
  if (lines !== count || !in_order)
    throw new Error(`${what}: ${lines} of ${count} lines, ${in_order ? '' : 'not '}in order`);
}

/** 100,000 lines, which the kernel gathers into few large messages. */
export const plainLines: Bench = {
  name: 'lines-plain',
  async run(context) {
    const count = context.quick ? 20_000 : 100_000;
    await using both = await startBoth(context);
    const { kernel, client } = both;
    const code = printing(count, '');
    // Each client's time is set against the loop of that very run.
    const ratios = { ours: [] as number[], theirs: [] as number[] };
    const sides = await interleave(context.quick ? 3 : 15, [
      {
        name: 'kernelkit',
        measure: async () => {
          const printed = await print(kernel, code);
          whole('kernelkit', printed, count);
          ratios.ours.push(printed.ms / Number(await textOf(kernel, 'print(took)')));
          return printed.ms;
        },
      },
      {
        name: 'jupyter_client',
        measure: async () => {
          const printed = await client.ask<Printed>('printed', { code, timeout: 100 });
          whole('jupyter_client', printed, count);
          ratios.theirs.push(printed.ms / Number(await client.ask<string>('text_of', { code: 'print(took)' })));
          return printed.ms;
        },
      },
    ]);
    const all = [...sides].map(([name, summary]): RowSide => ({ name, ...summary }));
    const what = `${count.toLocaleString('en')} lines plain ÷ the time of the loop inside the kernel`;
    return [
      {
        what,
        figure: median(ratios.ours.slice(1)),
        unit: '÷',
        mark: atMost(1.05),
        measured: 'ms',
        sides: all.slice(0, 1),
      },
      {
        what: `${what}: jupyter_client`,
        figure: median(ratios.theirs.slice(1)),
        unit: '÷',
        mark: null,
        measured: 'ms',
        sides: all.slice(1),
      },
    ];
  },
};

/** 100,000 messages: what a kernel drops when its reader stalls is gone. */
export const flushedLines: Bench = {
  name: 'lines-flushed',
  async run(context) {
    const count = context.quick ? 5000 : 100_000;
    await using both = await startBoth(context);
    const { kernel, client } = both;
    const code = printing(count, ', flush=True');
    const lost = { ours: [] as number[], theirs: [] as number[] };
    let unended = 0;
    let dropped = 0;
    kernel.on('notice', (notice) => {
      if (notice.kind === 'overflow') dropped += notice.messages;
    });
    const sides = await interleave(
      context.quick ? 1 : 2,
      [
        {
          name: 'kernelkit',
          measure: async () => {
            const { ms, lines, in_order } = await print(kernel, code);
            if (!in_order) throw new Error('kernelkit: lines came out of order');
            lost.ours.push(count - lines);
            return ms;
          },
        },
        {
          name: 'jupyter_client',
          measure: async () => {
            const { ms, lines, ended } = await client.ask<Printed>('printed', { code, timeout: 100 });
            lost.theirs.push(count - lines);
            if (ended === false) unended++;
            return ms;
          },
        },
      ],
      0,
    );
    const all = [...sides].map(([name, summary]): RowSide => ({ name, ...summary }));
    const what = `${count.toLocaleString('en')} lines flushed one by one`;
    const worst = (values: number[]): number => Math.max(...values);
    return [
      {
        what: `${what}: lost`,
        figure: worst(lost.ours),
        unit: 'lines',
        mark: exactly(0),
        measured: 'ms',
        sides: all.slice(0, 1),
        note: `the worst run; by run: ${lost.ours.join(', ')}; dropped on our side, with a notice: ${dropped}`,
      },
      {
        what: `${what}: lost by jupyter_client`,
        figure: worst(lost.theirs),
        unit: 'lines',
        mark: null,
        measured: 'ms',
        sides: all.slice(1),
        note: `the worst run; by run: ${lost.theirs.join(', ')}; the end of the cell was lost as well in ${unended}`,
      },
    ];
  },
};

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Display messages while the program does something else for ten seconds. */
export const blocked: Bench = {
  name: 'blocked',
  async run(context) {
    const count = context.quick ? 2000 : 20_000;
    const seconds = context.quick ? 1 : 10;
    const code = `from IPython.display import display\nfor i in range(${count}):\n    display({"text/plain": str(i)}, raw=True)`;
    const rows: Row[] = [];
    const row = (who: string, ms: number, lost: number, ours: boolean, note?: string): Row => ({
      what: `${count.toLocaleString('en')} displays, the reader blocked for ${seconds} s: lost (${who})`,
      figure: lost,
      unit: 'messages',
      mark: ours ? exactly(0) : null,
      measured: 'ms',
      sides: [{ name: who, ...summarise([ms]) }],
      ...(note === undefined ? {} : { note }),
    });
    const kernelspec = context.kernels.kernelspec(KERNEL);
    for (const [transport, iopub] of [
      ['ipc', 'worker'],
      ['tcp', 'worker'],
      ['ipc', 'main'],
    ] as const) {
      const { kernel } = await startPlan(await planFor(kernelspec, { transport }), { iopub });
      try {
        const began = performance.now();
        const shown: number[] = [];
        for await (const output of kernel.execute(code)) {
          if (output.output_type === 'display_data') shown.push(Number(output.data['text/plain']));
          if (shown.length === 1) block(seconds * 1000);
        }
        if (shown.some((number, at) => at > 0 && number <= shown[at - 1]!))
          throw new Error('messages came out of order');
        const name = iopub === 'worker' ? `kernelkit, ${transport}` : `kernelkit, ${transport}, iopub: 'main'`;
        rows.push(row(name, performance.now() - began, count - shown.length, iopub === 'worker'));
      } finally {
        await kernel.close();
      }
    }
    await using client = new Peer(
      [context.kernels.python(KERNEL), sourceOf('client.py')],
      jupyterEnvironment(kernelspec),
    );
    await client.ask('start', { kernel: kernelspec.replace(/^.*[\\/]/, '') });
    const { ms, lines, ended } = await client.ask<Printed>('printed', {
      code,
      timeout: seconds + 30,
      block_after_first: seconds,
    });
    rows.push(
      row(
        'jupyter_client, tcp',
        ms,
        count - lines,
        false,
        ended === false ? 'the end of the cell was lost too' : undefined,
      ),
    );
    return rows;
  },
};
