import { type Kernel, startPlan, startServerKernel } from '@kernelkit/core';
import type { Bench } from '../harness/bench.js';
import { startGateway } from '../harness/gateway.js';
import { interleave } from '../harness/interleave.js';
import { planFor } from '../harness/kernel.js';
import { atLeast, exactly, ratio } from '../harness/rows.js';
import { type BenchServer, startServer } from '../harness/server.js';
import { stalled } from '../harness/stalling-client.js';
import { summarise } from '../harness/stats.js';

const RAW = 'kernelkit, raw';
const GATEWAY = 'kernelkit serve';
const SERVER = 'jupyter_server';
/** jupyter_server throws away what comes faster than 1,000 messages or 1 MB a second, if it is not told to leave that. */
const UNLIMITED = { ZMQChannelsWebsocketConnection: { limit_rate: false } };

/** Display messages while the client does not read. */
export const gatewayStalled: Bench = {
  name: 'gateway-stalled',
  async run(context) {
    const count = context.quick ? 2000 : 20_000;
    const ms = context.quick ? 1000 : 10_000;
    const code = `from IPython.display import display\nfor i in range(${count}):\n    display({"text/plain": str(i)}, raw=True)`;
    const lost = async (name: string, { settings }: BenchServer, ours: boolean) => {
      await using kernel = await startServerKernel(settings, { name: 'python3' });
      const began = performance.now();
      const { numbers, ended } = await stalled(settings, kernel.id, code, ms);
      if (numbers.some((number, at) => at > 0 && number <= numbers[at - 1]!)) throw new Error(`${name}: out of order`);
      return {
        what: `${count.toLocaleString('en')} displays, the client stalled for ${ms / 1000} s: lost (${name})`,
        figure: count - numbers.length,
        unit: 'messages',
        mark: ours ? exactly(0) : null,
        measured: 'ms',
        sides: [{ name, ...summarise([performance.now() - began]) }],
        ...(!ended && { note: 'the end of the cell was lost, too' }),
      };
    };
    await using gateway = await startGateway(['ipykernel']);
    await using server = await startServer(['ipykernel']);
    await using unlimited = await startServer(['ipykernel'], UNLIMITED);
    return [
      await lost(GATEWAY, gateway, true),
      await lost(SERVER, server, false),
      await lost(`${SERVER}, limit_rate: false`, unlimited, false),
    ];
  },
};

/** Much output of one cell, in a few large messages and in many that are larger still. */
export const gatewayOutput: Bench = {
  name: 'gateway-output',
  async run(context) {
    const { kernel: raw } = await startPlan(await planFor(context.kernels.kernelspec('ipykernel')));
    await using _raw = raw;
    await using gateway = await startGateway(['ipykernel']);
    await using server = await startServer(['ipykernel'], UNLIMITED);
    await using behindGateway = await startServerKernel(gateway.settings, { name: 'python3' });
    await using behindServer = await startServerKernel(server.settings, { name: 'python3' });
    const all = [
      [RAW, raw],
      [GATEWAY, behindGateway],
      [SERVER, behindServer],
    ] as const;
    const lines = context.quick ? 20_000 : 100_000;
    const prints = await interleave(
      context.quick ? 2 : 9,
      all.map(([name, kernel]) => ({
        name,
        measure: async () => (lines / (await printed(name, kernel, lines))) * 1000,
      })),
    );
    const count = context.quick ? 50 : 300;
    const displays = await interleave(
      context.quick ? 1 : 5,
      all.map(([name, kernel]) => ({
        name,
        measure: async () => (count / (await displayed(name, kernel, count))) * 1000,
      })),
    );
    const note = 'jupyter_server with limit_rate: false: as it comes, it throws away what is more than 1 MB a second';
    const more = 'better' as const;
    const printing = `${lines.toLocaleString('en')} lines printed`;
    const displaying = `${count} displays of 1 MB`;
    return [
      ratio(`${printing}: gateway ÷ raw`, prints, [GATEWAY, RAW], { measured: 'lines/s', more, mark: atLeast(0.95) }),
      ratio(`${printing}: gateway ÷ jupyter_server`, prints, [GATEWAY, SERVER], { measured: 'lines/s', more }),
      ratio(`${displaying}: gateway ÷ jupyter_server`, displays, [GATEWAY, SERVER], {
        ...{ measured: 'MB/s', more, mark: atLeast(1.5), note },
      }),
      ratio(`${displaying}: gateway ÷ raw`, displays, [GATEWAY, RAW], { measured: 'MB/s', more }),
    ];
  },
};

/** Milliseconds. @throws when anything is missing */
async function printed(name: string, kernel: Kernel, count: number): Promise<number> {
  const began = performance.now();
  const { outputs } = await kernel.execute(`for i in range(${count}):\n    print(i)`);
  const ms = performance.now() - began;
  const text = outputs.map((output) => (output.output_type === 'stream' ? output.text : '')).join('');
  const got = text.split('\n').length - 1;
  if (got !== count) throw new Error(`${name}: ${got} of ${count} lines`);
  return ms;
}

async function displayed(name: string, kernel: Kernel, count: number): Promise<number> {
  const code = `from IPython.display import display\nx = "x" * 1_000_000\nfor i in range(${count}):\n    display({"application/x-bench": x}, raw=True)`;
  const began = performance.now();
  const { outputs } = await kernel.execute(code);
  const ms = performance.now() - began;
  const got = outputs.filter(
    (output) =>
      output.output_type === 'display_data' && String(output.data['application/x-bench']).length === 1_000_000,
  ).length;
  if (got !== count) throw new Error(`${name}: ${got} of ${count} displays`);
  return ms;
}
