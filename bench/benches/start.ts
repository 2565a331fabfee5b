import { spawn } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillArgv, type LaunchPlan, startPlan } from '@kernelkit/core';
import { Dealer } from 'zeromq';
import type { Bench } from '../harness/bench.js';
import { interleave } from '../harness/interleave.js';
import { jupyterEnvironment, planFor } from '../harness/kernel.js';
import { Peer } from '../harness/peer.js';
import { sourceOf } from '../harness/places.js';
import { atMost, type Row, ratio } from '../harness/rows.js';

const OURS = 'kernelkit, ready';
const OWN = 'bare process, first kernel_info_reply';
const CLIENT = 'jupyter_client.start_new_kernel';

/** How soon a kernel can be used, against what the kernel itself needs and against jupyter_client. */
export const start: Bench = {
  name: 'start',
  async run(context) {
    const rows: Row[] = [];
    for (const name of ['ipykernel', 'xpython-raw']) {
      const marked = name === 'ipykernel';
      const kernelspec = context.kernels.kernelspec(name);
      const plan = await planFor(kernelspec);
      // ipykernel's own environment holds a jupyter_client too, which then starts the very same ipykernel.
      const python = context.kernels.get(name)?.python ?? context.kernels.python('peer');
      await using client = new Peer([python, sourceOf('client.py')], jupyterEnvironment(kernelspec));
      const kernel = kernelspec.replace(/^.*[\\/]/, '');
      const sides = await interleave(context.quick ? 2 : 15, [
        { name: OWN, measure: () => bareStart(plan) },
        { name: OURS, measure: () => ourStart(plan) },
        {
          name: CLIENT,
          measure: async () => {
            const ms = await client.ask<number>('start', { kernel });
            await client.ask('stop');
            return ms;
          },
        },
      ]);
      const mark = (value: number) => (marked ? { mark: atMost(value) } : {});
      rows.push(
        ratio(`start to ready (${name}) ÷ the kernel's own time to its first reply`, sides, [OURS, OWN], {
          measured: 'ms',
          ...mark(1.05),
          note: `${plan.transport}; the kernel's own time is taken by native zeromq, connecting again every 1 to 2 ms`,
        }),
        ratio(`start to ready (${name}) ÷ jupyter_client`, sides, [OURS, CLIENT], {
          measured: 'ms',
          ...mark(0.75),
          note: `each as it comes: ${plan.transport} against tcp; the same kernel in the same environment`,
        }),
      );
    }
    return rows;
  },
};

async function ourStart(plan: LaunchPlan): Promise<number> {
  const began = performance.now();
  const { kernel } = await startPlan(plan);
  const ms = performance.now() - began;
  await kernel.close();
  return ms;
}

/** The least that a start can be: spawn, one socket, one request, one reply. Nothing of ours takes part but the plan. */
export async function bareStart(plan: LaunchPlan): Promise<number> {
  // Short: xeus takes no Unix socket with a path of more than 25 bytes.
  const directory = await mkdtemp(join(tmpdir(), 'kb-'));
  const file = join(directory, 'c.json');
  const key = randomBytes(32).toString('hex');
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
  const ip = join(directory, 'k');
  await writeFile(file, JSON.stringify({ transport: 'ipc', ip, ...ports, key, signature_scheme: 'hmac-sha256' }));
  const [program, ...args] = fillArgv(plan.argv, { connection_file: file }, null);
  // Signed beforehand, by hand.
  const header = {
    msg_id: '1',
    session: randomUUID(),
    username: '',
    date: new Date().toISOString(),
    msg_type: 'kernel_info_request',
    version: '5.3',
  };
  const parts = [JSON.stringify(header), '{}', '{}', '{}'];
  const signature = createHmac('sha256', key).update(parts.join('')).digest('hex');
  const socket = new Dealer({ linger: 0, reconnectInterval: 1 });
  const began = performance.now();
  const child = spawn(program ?? '', args, { cwd: plan.cwd, env: plan.environment, stdio: 'ignore' });
  const exited = once(child, 'exit');
  try {
    socket.connect(`ipc://${ip}-1`);
    await socket.send(['<IDS|MSG>', signature, ...parts]);
    const reply = await Promise.race([socket.receive(), exited]);
    const ms = performance.now() - began;
    if (!String(reply).includes('kernel_info_reply')) throw new Error(`the bare kernel answered ${String(reply)}`);
    return ms;
  } finally {
    socket.close();
    child.kill('SIGKILL');
    await exited;
    await rm(directory, { recursive: true, force: true });
  }
}
