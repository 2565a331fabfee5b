import { type Kernel, launch, RawChannels } from '@kernelkit/core';
import type { Bench } from '../harness/bench.js';
import { interleave, type Side } from '../harness/interleave.js';
import { connectKernel, planFor } from '../harness/kernel.js';
import { Peer } from '../harness/peer.js';
import { sourceOf } from '../harness/places.js';
import { atMost, type Row, ratio } from '../harness/rows.js';
import { median } from '../harness/stats.js';
import { NativeChannels } from '../native-channels.js';

const CODE = '1 + 1';
const WARM_UPS = 50;
const OURS = 'kernelkit, reply and idle';
const OURS_REPLY = 'kernelkit, reply';
const ON_MAIN = "kernelkit, iopub: 'main', reply and idle";
const NATIVE = 'the same client over native zeromq, reply and idle';
const CLIENT = 'jupyter_client, reply and idle (execute_interactive)';
const CLIENT_REPLY = 'jupyter_client, reply (execute(reply=True))';

/**
 * One execution after the other, on xpython-raw (ipykernel takes so long that it hides the client). All clients talk to one
 * and the same kernel process, in turn: each connects, warms up, measures and disconnects.
 */
export const roundTrip: Bench = {
  name: 'round-trip',
  async run(context) {
    const rows: Row[] = [];
    const times = context.quick ? 50 : 300;
    for (const transport of ['tcp', 'ipc'] as const) {
      const plan = await planFor(context.kernels.kernelspec('xpython-raw'), { transport });
      const kernel = await launch(plan);
      await using peer = new Peer([context.kernels.python('peer'), sourceOf('client.py')]);
      try {
        await kernel.channels.close();
        const ours = (name: string, connect: () => RawChannels | NativeChannels, once: typeof whole): Side => ({
          name,
          measure: async () => {
            await using client = await connectKernel(connect());
            return await p50(client, once, times);
          },
        });
        const theirs = (name: string, reply_only: boolean): Side => ({
          name,
          measure: async () => {
            await peer.ask('connect', { file: kernel.connectionFile });
            const taken = await peer.ask<number[]>('execute', { code: CODE, times, reply_only, warm_ups: WARM_UPS });
            await peer.ask('stop');
            return median(taken);
          },
        });
        const sides = await interleave(context.quick ? 2 : 8, [
          ours(OURS, () => new RawChannels(kernel.connection), whole),
          ours(NATIVE, () => new NativeChannels(kernel.connection), whole),
          ours(ON_MAIN, () => new RawChannels(kernel.connection, { iopub: 'main' }), whole),
          theirs(CLIENT, false),
          ours(OURS_REPLY, () => new RawChannels(kernel.connection), replyOnly),
          theirs(CLIENT_REPLY, true),
        ]);
        const what = `execute round trip, p50 (${transport})`;
        rows.push(
          ratio(`${what} ÷ jupyter_client's`, sides, [OURS, CLIENT], { measured: 'ms', mark: atMost(0.6) }),
          ratio(`${what} ÷ the same over native zeromq`, sides, [OURS, NATIVE], {
            measured: 'ms',
            mark: atMost(1),
            note: 'ours reads iopub in the worker thread, as by default',
          }),
          ratio(`${what}, iopub on the calling thread ÷ the same over native zeromq`, sides, [ON_MAIN, NATIVE], {
            measured: 'ms',
          }),
          ratio(`${what}, reply only ÷ jupyter_client's`, sides, [OURS_REPLY, CLIENT_REPLY], { measured: 'ms' }),
        );
      } finally {
        await kernel.end();
      }
    }
    return rows;
  },
};

async function whole(kernel: Kernel): Promise<void> {
  const { status } = await kernel.execute(CODE);
  if (status !== 'ok') throw new Error(`the execution ended with ${status}`);
}

async function replyOnly(kernel: Kernel): Promise<void> {
  await kernel.request('execute_request', {
    code: CODE,
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: true,
  });
}

async function p50(kernel: Kernel, once: (kernel: Kernel) => Promise<void>, times: number): Promise<number> {
  const taken: number[] = [];
  for (let i = -WARM_UPS; i < times; i++) {
    const began = performance.now();
    await once(kernel);
    if (i >= 0) taken.push(performance.now() - began);
  }
  return median(taken);
}
