import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KernelStartError, startPlan } from '@kernelkit/core';
import { startGate } from '../../packages/core/src/launch/gate.js';
import type { Bench, BenchContext } from '../harness/bench.js';
import { planFor } from '../harness/kernel.js';
import { atMost, exactly, type Row } from '../harness/rows.js';
import { quantile, summarise } from '../harness/stats.js';

const WORDS = 'the-kernel-says-why';

/** A kernel that ends at once: how soon after its end the caller knows, with what it wrote to standard error. */
export const exit: Bench = {
  name: 'exit',
  async run(context) {
    const directory = join(context.directory, 'exits');
    await mkdir(directory, { recursive: true });
    // The last that it does is to say what time it is.
    const code = `import os, sys, time; os.write(2, f"${WORDS} at {time.time() * 1000}\\n".encode()); os._exit(3)`;
    const spec = {
      argv: [context.kernels.python('ipykernel'), '-S', '-c', code, '{connection_file}'],
      display_name: 'Exits',
      language: 'python',
    };
    await writeFile(join(directory, 'kernel.json'), JSON.stringify(spec));
    const plan = await planFor(directory);
    const taken: number[] = [];
    for (let i = -2; i < (context.quick ? 5 : 40); i++) {
      const error = await startPlan(plan).then(
        () => null,
        (reason: unknown) => reason,
      );
      const now = performance.timeOrigin + performance.now();
      if (!(error instanceof KernelStartError) || error.kind !== 'process-exited' || error.exit?.code !== 3) {
        throw new Error(`not the error that was expected: ${String(error)}`);
      }
      const at = new RegExp(`${WORDS} at ([\\d.]+)`).exec(error.stderr)?.[1];
      if (at === undefined) throw new Error(`the error has not what the kernel wrote: ${error.stderr}`);
      if (i >= 0) taken.push(now - Number(at));
    }
    const summary = summarise(taken);
    const side = { name: 'from the last thing that the kernel does to the typed error', ...summary };
    const what = 'a kernel that exits at once: time from its exit to our typed error, with its stderr';
    return [
      { what, figure: summary.median, unit: 'ms', mark: atMost(50), measured: 'ms', sides: [side] },
      { what: `${what}, the worst`, figure: summary.max, unit: 'ms', mark: atMost(50), measured: 'ms', sides: [side] },
    ];
  },
};

/** Many starts in the same moment. */
export const fifty: Bench = {
  name: 'fifty',
  async run(context) {
    const rows: Row[] = [];
    for (const [name, transport] of [
      ['ipykernel', 'ipc'],
      ['ipykernel', 'tcp'],
      ['xpython-raw', 'tcp'],
    ] as const) {
      rows.push(...(await startMany(context, { name, transport, count: context.quick ? 5 : 50 })).rows);
    }
    return rows;
  },
};

/** Many more than run side by side: what the gate makes of them. */
export const twoHundred: Bench = {
  name: 'two-hundred',
  async run(context) {
    const many = { name: 'ipykernel', transport: 'ipc', count: context.quick ? 20 : 200 } as const;
    const { rows, what, turns, calls } = await startMany(context, many);
    const sides = [
      { name: 'from its turn', ...summarise(turns) },
      { name: 'from the call', ...summarise(calls) },
    ];
    const note = `all in all ${(Math.max(...calls) / 1000).toFixed(1)} s; from the call the 99th percentile is ${Math.round(quantile(calls, 0.99))} ms`;
    return [
      ...rows,
      {
        ...{ what: `${what}: the most side by side`, figure: startGate.most, unit: 'starts', mark: null },
        ...{ measured: 'ms', sides: [], note: `the gate lets in ${startGate.size} on this machine` },
      },
      {
        ...{ what: `${what}: one start, the 99th percentile from its turn`, figure: quantile(turns, 0.99), unit: 'ms' },
        ...{ mark: null, measured: 'ms', sides, note },
      },
    ];
  },
};

interface Many {
  name: string;
  transport: 'ipc' | 'tcp';
  count: number;
}

interface Started {
  what: string;
  rows: Row[];
  /** Milliseconds that each start took: from its turn, and from the call. */
  turns: number[];
  calls: number[];
}

async function startMany(context: BenchContext, { name, transport, count }: Many): Promise<Started> {
  const plan = await planFor(context.kernels.kernelspec(name), { transport });
  const calls: number[] = [];
  const began = performance.now();
  const start = async () => {
    const started = await startPlan(plan, { timeout: 240_000 });
    calls.push(performance.now() - began);
    return started;
  };
  const started = await Promise.allSettled(Array.from({ length: count }, start));
  const ms = performance.now() - began;
  const kernels = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const reasons = started.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
  const answers = await Promise.allSettled(kernels.map(({ kernel }) => kernel.execute('print(6 * 7)')));
  const right = answers.filter((answer) => answer.status === 'fulfilled' && answer.value.status === 'ok').length;
  const places = new Set(
    kernels.map(({ host }) => `${host.launched.connection.ip}:${host.launched.connection.shell_port}`),
  );
  const turns = kernels.map(({ host }) => host.launched.timings.ready ?? Number.NaN);
  const pids = kernels.map(({ host }) => host.launched.process.pid);
  const directories = kernels.map(({ host }) => dirname(host.launched.connectionFile));
  await Promise.all(kernels.map(({ kernel }) => kernel.close()));
  const left = directories.filter((directory) => existsSync(directory));
  const alive = pids.filter((pid) => existsSync(`/proc/${pid}`));
  const what = `${count} starts at once (${name}, ${transport})`;
  const side = { name: 'until the last is ready', ...summarise([ms]) };
  const clash = kernels.length - places.size;
  const rows: Row[] = [
    {
      what: `${what}: succeeded and answered`,
      figure: right,
      unit: 'kernels',
      mark: exactly(count),
      measured: 'ms',
      sides: [side],
      ...(reasons.length === 0 ? {} : { note: reasons[0]! }),
    },
    {
      what: `${what}: port clashes, processes and directories left over`,
      figure: clash + alive.length + left.length,
      unit: '',
      mark: exactly(0),
      measured: 'ms',
      sides: [],
      ...(clash + alive.length + left.length === 0
        ? {}
        : { note: `${clash} clashes, ${alive.length} processes, ${left.length} directories` }),
    },
  ];
  return { what, rows, turns, calls };
}
