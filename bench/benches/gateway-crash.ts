import { type Kernel, startServerKernel } from '@kernelkit/core';
import type { Bench } from '../harness/bench.js';
import { startGateway } from '../harness/gateway.js';
import { interleave } from '../harness/interleave.js';
import { atMost, type RowSide } from '../harness/rows.js';
import { type BenchServer, startServer } from '../harness/server.js';

const GATEWAY = 'kernelkit serve';
const SERVER = 'jupyter_server';
/** Tells who it is, and goes on. */
const CODE = 'import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(100)';

/** A kernel that is killed in the middle of a cell: how soon its client's call fails. */
export const gatewayCrash: Bench = {
  name: 'gateway-crash',
  async run(context) {
    await using gateway = await startGateway(['ipykernel']);
    await using server = await startServer(['ipykernel']);
    const side = (name: string, { settings }: BenchServer) => ({
      name,
      measure: async () => {
        const kernel = await startServerKernel(settings, { name: 'python3' });
        const ms = await crash(kernel);
        // jupyter_server cannot always end what it is about to start again; it all goes with the server
        await kernel.close().catch(() => {});
        return ms;
      },
    });
    const sides = await interleave(context.quick ? 2 : 8, [side(GATEWAY, gateway), side(SERVER, server)]);
    const each = [...sides].map(([name, summary]): RowSide => ({ name, ...summary }));
    const what = "a kernel that is killed in a cell: to the client's error";
    return [
      { what, figure: each[0]!.median, unit: 'ms', mark: atMost(50), measured: 'ms', sides: each.slice(0, 1) },
      {
        what: `${what}, through jupyter_server`,
        figure: each[1]!.median,
        unit: 'ms',
        mark: null,
        measured: 'ms',
        sides: each.slice(1),
      },
    ];
  },
};

async function crash(kernel: Kernel): Promise<number> {
  let killed = Number.NaN;
  const cell = kernel.execute(CODE);
  const ended = cell.then(
    ({ status }) => status,
    () => 'error' as const,
  );
  for await (const output of cell) {
    if (output.output_type !== 'stream' || !Number.isNaN(killed)) continue;
    killed = performance.now();
    process.kill(Number(output.text), 'SIGKILL');
    break;
  }
  const how = await ended;
  const ms = performance.now() - killed;
  if (how !== 'error') throw new Error(`the cell of a kernel that was killed ended with ${how}`);
  return ms;
}
