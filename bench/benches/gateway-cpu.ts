import { startPlan, startServerKernel } from '@kernelkit/core';
import type { Bench } from '../harness/bench.js';
import { once, timed } from '../harness/executions.js';
import { startGateway } from '../harness/gateway.js';
import { interleave } from '../harness/interleave.js';
import { planFor } from '../harness/kernel.js';
import { atMost, ratio } from '../harness/rows.js';
import { startServer } from '../harness/server.js';
import { cpuSecondsOf } from '../harness/usage.js';

const RAW = 'kernelkit, raw: the client itself';
const GATEWAY = 'kernelkit serve';
const SERVER = 'jupyter_server';
const UNIT = 'CPU s per 1,000';

/** What an execution costs in processor time: the client alone, and each server (without its client). */
export const gatewayCpu: Bench = {
  name: 'gateway-cpu',
  async run(context) {
    const times = context.quick ? 300 : 1000;
    const { kernel: raw } = await startPlan(await planFor(context.kernels.kernelspec('ipykernel')));
    await using _raw = raw;
    await using gateway = await startGateway(['ipykernel']);
    await using server = await startServer(['ipykernel']);
    await using behindGateway = await startServerKernel(gateway.settings, { name: 'python3' });
    await using behindServer = await startServerKernel(server.settings, { name: 'python3' });
    const side = (name: string, kernel: typeof raw, pid: number) => ({
      name,
      measure: async () => {
        const before = await cpuSecondsOf(pid);
        await timed(() => once(kernel), times);
        return (((await cpuSecondsOf(pid)) - before) / times) * 1000;
      },
    });
    // what runs for days is compiled by then
    for (const kernel of [raw, behindGateway, behindServer]) await timed(() => once(kernel), 1000);
    const sides = await interleave(context.quick ? 1 : 4, [
      side(RAW, raw, process.pid),
      side(GATEWAY, behindGateway, gateway.running.pid),
      side(SERVER, behindServer, server.running.pid),
    ]);
    const what = 'processor time of 1,000 executions (ipykernel)';
    return [
      ratio(`${what}: gateway ÷ jupyter_server`, sides, [GATEWAY, SERVER], { measured: UNIT, mark: atMost(0.5) }),
      ratio(`${what}: gateway ÷ a raw client`, sides, [GATEWAY, RAW], { measured: UNIT }),
    ];
  },
};
