import type { JupyterMessage } from '@kernelkit/protocol';
import { describe, expect, test } from 'vitest';
import { describeKernel } from '../../../../testing/support/index.js';
import { planKernel, startPlan } from '../../src/index.js';
import { faultyEntry, printed, realEntry, resultText } from '../support.js';

describeKernel('ipykernel', () => {
  test.each(['ipc', 'tcp'] as const)(
    'the heart beats, also while a cell runs, and not after the end (%s)',
    async (transport) => {
      const { kernel, host } = await startPlan(planKernel(realEntry('ipykernel'), { transport }));
      const { channels } = host.launched;
      try {
        expect(await channels.heartbeat()).toBeGreaterThan(0);
        const busy = kernel.execute('import time; time.sleep(0.5)');
        await channels.heartbeat();
        expect(kernel.status).not.toBe('dead');
        await busy;
      } finally {
        await kernel.close();
      }
      await expect(channels.heartbeat()).rejects.toMatchObject({ kind: 'channels-gone' });
    },
  );

  test.each(['worker', 'main'] as const)(
    'a question comes after what was printed before it, whoever reads that (%s)',
    async (iopub) => {
      const { kernel } = await startPlan(planKernel(realEntry('ipykernel')), { iopub });
      try {
        for (let round = 0; round < 30; round++) {
          const came: string[] = [];
          const onMessage = ({ header }: JupyterMessage) => void came.push(header.msg_type);
          const result = await kernel.execute('print("before"); input("?")', { onMessage, onInput: () => 'x' });
          expect(result.status).toBe('ok');
          // the line may come in two
          const own = came.filter((type) => type === 'stream' || type === 'input_request');
          expect([own[0], own.indexOf('input_request')]).toEqual(['stream', own.length - 1]);
        }
      } finally {
        await kernel.close();
      }
    },
  );

  test('history tells what was executed, with outputs where they are asked for', async () => {
    const { kernel } = await startPlan(planKernel(realEntry('ipykernel')));
    try {
      await kernel.execute('6 * 7');
      await kernel.execute('unheard = 1', { storeHistory: false });
      await kernel.execute('"of"');
      const { history } = await kernel.history({
        hist_access_type: 'range',
        raw: true,
        output: true,
        session: 0,
        start: 1,
        stop: 3,
      });
      expect(history).toEqual([
        [0, 1, ['6 * 7', '42']],
        [0, 2, ['"of"', "'of'"]],
      ]);
    } finally {
      await kernel.close();
    }
  });

  test('user expressions are evaluated after the code, and one that fails fails alone', async () => {
    const { kernel } = await startPlan(planKernel(realEntry('ipykernel')));
    try {
      const { status, reply } = await kernel.execute('x = 6', { userExpressions: { good: 'x * 7', bad: '1 / 0' } });
      expect(status).toBe('ok');
      expect(reply?.content).toMatchObject({
        user_expressions: {
          good: { status: 'ok', data: { 'text/plain': '42' } },
          bad: { status: 'error', ename: 'ZeroDivisionError' },
        },
      });
    } finally {
      await kernel.close();
    }
  });
});

describe('without a worker', () => {
  describeKernel('ipykernel', () => {
    test.each(['ipc', 'tcp'] as const)('everything is the same (%s)', async (transport) => {
      const { kernel } = await startPlan(planKernel(realEntry('ipykernel'), { transport }), { iopub: 'main' });
      try {
        const result = await kernel.execute('for i in range(1000): print(i)\n6 * 7');
        expect(printed(result)).toBe(Array.from({ length: 1000 }, (_, i) => `${i}\n`).join(''));
        expect(resultText({ ...result, outputs: result.outputs.slice(-1) })).toBe('42');
      } finally {
        await kernel.close();
      }
    });
  });

  test('the last words of a kernel that dies come before the news of it', async () => {
    const { kernel } = await startPlan(planKernel(faultyEntry()), { iopub: 'main' });
    try {
      const seen: string[] = [];
      const execution = kernel.execute(
        JSON.stringify([
          ['stream', 'last words'],
          // What has not left the kernel when it exits is lost in it.
          ['wait', 50],
          ['exit', 1],
        ]),
      );
      const read = (async () => {
        for await (const output of execution) if (output.output_type === 'stream') seen.push(output.text);
      })();
      await expect(read).rejects.toMatchObject({ kind: 'kernel-died' });
      expect(seen).toEqual(['last words']);
    } finally {
      await kernel.close();
    }
  });
});
