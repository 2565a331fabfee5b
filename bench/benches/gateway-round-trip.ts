import { KernelHub, launch, RawHost, startPlan, startServerKernel } from '@kernelkit/core';
import type { Bench } from '../harness/bench.js';
import { once, timed } from '../harness/executions.js';
import { startGateway } from '../harness/gateway.js';
import { hubChannels } from '../harness/hub-channels.js';
import { interleave } from '../harness/interleave.js';
import { connectKernel, planFor } from '../harness/kernel.js';
import { atMost, type Row, type RowSide, ratio } from '../harness/rows.js';
import { startServer } from '../harness/server.js';
import { connectServices } from '../harness/services.js';
import { median, quantile, type Summary } from '../harness/stats.js';

const RAW = 'kernelkit, raw';
const HUB = 'kernelkit, a hub in the same process';
const GATEWAY = 'kernelkit serve';
const SERVER = 'jupyter_server, the same client';
const GATEWAY_SERVICES = 'kernelkit serve, @jupyterlab/services';
const SERVER_SERVICES = 'jupyter_server, @jupyterlab/services';
const WARM_UPS = 30;

/** One execution after the other on kernels of one kind: alone, behind a hub, behind the gateway, behind jupyter_server. */
export const gatewayRoundTrip: Bench = {
  name: 'gateway-round-trip',
  async run(context) {
    const rows: Row[] = [];
    const times = context.quick ? 40 : 200;
    await using gateway = await startGateway(['ipykernel', 'xpython-raw']);
    await using server = await startServer(['ipykernel', 'xpython-raw']);
    for (const [spec, name] of [
      ['python3', 'ipykernel'],
      ['xpython-raw', 'xpython-raw'],
    ] as const) {
      const plan = await planFor(context.kernels.kernelspec(name));
      const { kernel: raw } = await startPlan(plan);
      await using _raw = raw;
      await using hub = new KernelHub('bench', async (signal) => new RawHost(await launch(plan, { signal }), {}));
      await hub.ready;
      await using behindHub = await connectKernel(hubChannels(hub));
      await using behindGateway = await startServerKernel(gateway.settings, { name: spec });
      await using behindServer = await startServerKernel(server.settings, { name: spec });
      await using services = await connectServices(gateway.running, behindGateway.id, '1 + 1');
      await using serverServices = await connectServices(server.running, behindServer.id, '1 + 1');
      const p99s = new Map<string, number[]>();
      const side = (what: string, execute: () => Promise<void>) => ({
        name: what,
        measure: async () => {
          const taken = await timed(execute, times, WARM_UPS);
          p99s.set(what, [...(p99s.get(what) ?? []), quantile(taken, 0.99)]);
          return median(taken);
        },
      });
      const sides = await interleave(context.quick ? 2 : 7, [
        side(RAW, () => once(raw)),
        side(HUB, () => once(behindHub)),
        side(GATEWAY, () => once(behindGateway)),
        side(GATEWAY_SERVICES, () => services.execute()),
        side(SERVER, () => once(behindServer)),
        side(SERVER_SERVICES, () => serverServices.execute()),
      ]);
      const note = `p99: ${[...p99s].map(([what, each]) => `${what} ${median(each).toFixed(1)} ms`).join('; ')}`;
      const what = `execute round trip (${name}), p50`;
      rows.push(
        { ...added(`${what}: what the gateway adds to raw`, sides, GATEWAY), mark: atMost(1), note },
        added(`${what}: what jupyter_server adds to raw`, sides, SERVER),
        added(`${what}: what jupyter_server adds to raw for @jupyterlab/services`, sides, SERVER_SERVICES),
        ratio(`${what}: a hub ÷ raw`, sides, [HUB, RAW], { measured: 'ms' }),
        ratio(
          `${what}: @jupyterlab/services on the gateway ÷ on jupyter_server`,
          sides,
          [GATEWAY_SERVICES, SERVER_SERVICES],
          {
            measured: 'ms',
          },
        ),
      );
    }
    return rows;
  },
};

function added(what: string, sides: ReadonlyMap<string, Summary>, name: string): Row {
  const both = [name, RAW].map((each): RowSide => ({ name: each, ...sides.get(each)! })) as [RowSide, RowSide];
  return { what, figure: both[0].median - both[1].median, unit: 'ms', mark: null, measured: 'ms', sides: both };
}
