import { connectServerKernel, type Kernel, startPlan, startServerKernel } from '@kernelkit/core';
import type { Bench } from '../harness/bench.js';
import { interleave, type Side } from '../harness/interleave.js';
import { planFor } from '../harness/kernel.js';
import { atMost, type Row, ratio } from '../harness/rows.js';
import { type BenchServer, startServer } from '../harness/server.js';
import { connectServices } from '../harness/services.js';
import { median, quantile, type Summary, summarise } from '../harness/stats.js';

const CODE = '1 + 1';
const WARM_UPS = 20;
const OURS = 'kernelkit, reply and idle';
const WITHOUT = 'kernelkit, quickAck: false';
const SERVICES = '@jupyterlab/services, done (reply and idle)';

/** One execution after the other through a real jupyter_server; all clients use the same kernel behind it, in turn. */
export const serverRoundTrip: Bench = {
  name: 'server-round-trip',
  async run(context) {
    const rows: Row[] = [];
    const times = context.quick ? 20 : 150;
    await using server = await startServer(['ipykernel', 'xpython-raw']);
    for (const [spec, name] of [
      ['python3', 'ipykernel'],
      ['xpython-raw', 'xpython-raw'],
    ] as const) {
      await using owner = await startServerKernel(server.settings, { name: spec });
      const p99s = new Map<string, number[]>();
      const sides = await interleave(context.quick ? 2 : 6, [
        side(OURS, p99s, times, () => ours(server, owner.id, true)),
        side(SERVICES, p99s, times, () => connectServices(server.running, owner.id, CODE)),
        side(WITHOUT, p99s, times, () => ours(server, owner.id, false)),
      ]);
      const what = `execute round trip through jupyter_server (${name}), p50`;
      const tail = new Map([...p99s].map(([each, values]) => [each, summarise(values)]));
      rows.push(
        ratio(`${what} ÷ @jupyterlab/services on the same server`, sides, [OURS, SERVICES], {
          measured: 'ms',
          mark: atMost(0.3),
          note: tails(tail),
        }),
        ratio(`${what} ÷ without the pong for each message`, sides, [OURS, WITHOUT], { measured: 'ms' }),
      );
    }
    return rows;
  },
};

/** From nothing to the first result of a cell: the kernel alone, and with a server in between that has to start first. */
export const coldServer: Bench = {
  name: 'cold-server',
  async run(context) {
    const RAW = 'kernelkit, raw: start to first result';
    const SERVER = 'jupyter_server started, a kernel on it, first result';
    const plan = await planFor(context.kernels.kernelspec('ipykernel'));
    const ready: number[] = [];
    const sides = await interleave(context.quick ? 2 : 10, [
      {
        name: RAW,
        measure: async () => {
          const began = performance.now();
          const { kernel } = await startPlan(plan);
          return await firstResult(kernel, began);
        },
      },
      {
        name: SERVER,
        measure: async () => {
          const began = performance.now();
          await using server = await startServer(['ipykernel']);
          ready.push(performance.now() - began);
          return await firstResult(await startServerKernel(server.settings, { name: 'python3' }), began);
        },
      },
    ]);
    return [
      ratio(
        'raw: start to first result ÷ the same through a cold jupyter_server 2.x (ipykernel 7)',
        sides,
        [RAW, SERVER],
        {
          measured: 'ms',
          mark: atMost(0.2),
          note: `the server's own start, to its open port: ${median(ready).toFixed(0)} ms; the same client on both sides`,
        },
      ),
    ];
  },
};

interface Client extends AsyncDisposable {
  execute(): Promise<void>;
}

async function ours({ settings }: BenchServer, id: string, quickAck: boolean): Promise<Client> {
  const kernel = await connectServerKernel(settings, id, { quickAck });
  return { execute: () => once(kernel), [Symbol.asyncDispose]: () => kernel.close() };
}

async function once(kernel: Kernel): Promise<void> {
  const { status } = await kernel.execute(CODE);
  if (status !== 'ok') throw new Error(`the execution ended with ${status}`);
}

async function firstResult(kernel: Kernel, began: number): Promise<number> {
  await once(kernel);
  const ms = performance.now() - began;
  await kernel.close();
  return ms;
}

/** Connects, warms up, measures and leaves. */
function side(name: string, p99s: Map<string, number[]>, times: number, connect: () => Promise<Client>): Side {
  return {
    name,
    measure: async () => {
      await using client = await connect();
      const taken: number[] = [];
      for (let i = -WARM_UPS; i < times; i++) {
        const began = performance.now();
        await client.execute();
        if (i >= 0) taken.push(performance.now() - began);
      }
      p99s.set(name, [...(p99s.get(name) ?? []), quantile(taken, 0.99)]);
      return median(taken);
    },
  };
}

function tails(sides: ReadonlyMap<string, Summary>): string {
  return `p99: ${[...sides].map(([name, { median: p99 }]) => `${name} ${p99.toFixed(1)} ms`).join('; ')}`;
}
