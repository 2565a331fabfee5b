import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KernelStartError, startPlan } from '@kernelkit/core';
import type { Bench, BenchContext } from '../harness/bench.js';
import { planFor } from '../harness/kernel.js';
import { atMost, exactly, type Row } from '../harness/rows.js';
import { summarise } from '../harness/stats.js';

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
      rows.push(...(await startMany(context, name, transport)));
    }
    return rows;
  },
};

async function startMany(context: BenchContext, name: string, transport: 'ipc' | 'tcp'): Promise<Row[]> {
  const count = context.quick ? 5 : 50;
  const plan = await planFor(context.kernels.kernelspec(name), { transport });
  const began = performance.now();
  const started = await Promise.allSettled(Array.from({ length: count }, () => startPlan(plan, { timeout: 240_000 })));
  const ms = performance.now() - began;
  const kernels = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const reasons = started.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
  const answers = await Promise.allSettled(kernels.map(({ kernel }) => kernel.execute('print(6 * 7)')));
  const right = answers.filter((answer) => answer.status === 'fulfilled' && answer.value.status === 'ok').length;
  const places = new Set(
    kernels.map(({ host }) => `${host.launched.connection.ip}:${host.launched.connection.shell_port}`),
  );
  const pids = kernels.map(({ host }) => host.launched.process.pid);
  const directories = kernels.map(({ host }) => dirname(host.launched.connectionFile));
  await Promise.all(kernels.map(({ kernel }) => kernel.close()));
  const left = directories.filter((directory) => existsSync(directory));
  const alive = pids.filter((pid) => existsSync(`/proc/${pid}`));
  const what = `${count} starts at once (${name}, ${transport})`;
  const side = { name: 'until the last is ready', ...summarise([ms]) };
  const clash = kernels.length - places.size;
  return [
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
}
