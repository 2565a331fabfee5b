import { type Kernel, startServerKernel } from '@kernelkit/core';
import type { Bench } from '../harness/bench.js';
import { paced } from '../harness/executions.js';
import { startGateway } from '../harness/gateway.js';
import { exactly } from '../harness/rows.js';
import { quantile, summarise } from '../harness/stats.js';
import { cpuSecondsOf, memoryOf } from '../harness/usage.js';

const KERNEL = 'xpython-raw';
const PER_SECOND = 10;
/** Starts side by side. */
const AT_ONCE = 4;

/** A hundred kernels that all work, behind one gateway. */
export const gatewayMany: Bench = {
  name: 'gateway-many',
  async run(context) {
    const count = context.quick ? 20 : 100;
    const seconds = context.quick ? 4 : 20;
    await using gateway = await startGateway([KERNEL]);
    const { pid } = gateway.running;
    const kernels: Kernel[] = [];
    try {
      while (kernels.length < count) {
        const more = Array.from({ length: Math.min(AT_ONCE, count - kernels.length) }, () =>
          startServerKernel(gateway.settings, { name: KERNEL }),
        );
        kernels.push(...(await Promise.all(more)));
      }
      await paced(kernels, { perSecond: 2, seconds: 2 });
      const before = await cpuSecondsOf(pid);
      const began = performance.now();
      const { sent, taken } = await paced(kernels, { perSecond: PER_SECOND, seconds });
      const share = ((await cpuSecondsOf(pid)) - before) / ((performance.now() - began) / 1000);
      const { pssMB } = await memoryOf(pid);
      const what = `${count} kernels (${KERNEL}), ${PER_SECOND} executions a second each, one gateway`;
      const sides = [{ name: 'from when each was due to reply and idle', ...summarise(taken) }];
      const ms = (q: number) => ({ figure: quantile(taken, q), unit: 'ms', mark: null, measured: 'ms', sides });
      return [
        {
          what: `${what}: not answered`,
          figure: sent - taken.length,
          unit: 'executions',
          mark: exactly(0),
          measured: 'ms',
          sides,
          note: `of ${sent.toLocaleString('en')}; the gateway took ${(share * 100).toFixed(0)} % of a processor and ${pssMB.toFixed(0)} MB; the client runs on the same machine`,
        },
        { what: `${what}: p50`, ...ms(0.5) },
        { what: `${what}: p99`, ...ms(0.99) },
      ];
    } finally {
      await Promise.all(kernels.map((kernel) => kernel.close()));
    }
  },
};
