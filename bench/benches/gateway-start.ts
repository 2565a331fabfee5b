import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from '../harness/bench.js';
import { startGateway } from '../harness/gateway.js';
import { interleave, type Side } from '../harness/interleave.js';
import { atMost, ratio } from '../harness/rows.js';
import { type ServerProcess, startServer } from '../harness/server.js';

const GATEWAY = 'kernelkit serve';
const SERVER = 'jupyter_server';
const LOOK_MS = 3;

/** From the start of the process to its first answer to a request. */
export const gatewayStart: Bench = {
  name: 'gateway-start',
  async run(context) {
    await using gateway = await startGateway(['ipykernel']);
    await using server = await startServer(['ipykernel']);
    const sides = await interleave(context.quick ? 2 : 10, [
      side(GATEWAY, gateway.running),
      side(SERVER, server.running),
    ]);
    return [
      ratio('start of the gateway to its first answer ÷ jupyter_server 2.x', sides, [GATEWAY, SERVER], {
        measured: 'ms',
        mark: atMost(0.2),
        note: 'asked for /api every few milliseconds from the spawn on',
      }),
    ];
  },
};

function side(name: string, running: ServerProcess): Side {
  return {
    name,
    measure: async () => {
      await running.kill();
      const began = performance.now();
      const restarted = running.restart();
      // told below, if it is what fails
      restarted.catch(() => {});
      await firstAnswer(running, restarted);
      const ms = performance.now() - began;
      await restarted;
      return ms;
    },
  };
}

async function firstAnswer({ url, token }: ServerProcess, begun: Promise<void>): Promise<void> {
  let isOver = false;
  begun.catch(() => {
    isOver = true;
  });
  while (!isOver) {
    const answer = await fetch(`${url}api`, { headers: { Authorization: `token ${token}` } }).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await delay(LOOK_MS);
  }
}
