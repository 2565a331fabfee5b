/** Output is never lost because the program was busy (zmtp.md, "Event-loop stalls"). */
import { expect, test } from 'vitest';
import { describeKernel } from '../../../../testing/support/index.js';
import { planKernel, startPlan } from '../../src/index.js';
import { realEntry } from '../support.js';

const DISPLAYS = 20_000;
const STALL_MS = 10_000;

/** Blocks this thread, as a program that computes does: nothing of its event loop runs. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describeKernel('ipykernel', () => {
  test.each(['ipc', 'tcp'] as const)(
    `${DISPLAYS} display messages with this thread blocked for ${STALL_MS / 1000} s arrive complete and in order (%s)`,
    async (transport) => {
      const { kernel } = await startPlan(planKernel(realEntry('ipykernel'), { transport }));
      try {
        const notices: unknown[] = [];
        kernel.on('notice', (notice) => notices.push(notice));
        const execution = kernel.execute(
          `from IPython.display import display\nfor i in range(${DISPLAYS}): display({"application/json": i}, raw=True)`,
        );
        await new Promise((resolve) => setImmediate(resolve));
        block(STALL_MS);
        const { outputs, status } = await execution;
        expect(status).toBe('ok');
        expect(outputs.map((output) => (output as { data: Record<string, unknown> }).data['application/json'])).toEqual(
          Array.from({ length: DISPLAYS }, (_, i) => i),
        );
        expect(notices).toEqual([]);
      } finally {
        await kernel.close();
      }
    },
    120_000,
  );

  test('more than the bound on memory is dropped with a notice that counts it, and the cell still ends', async () => {
    const { kernel } = await startPlan(planKernel(realEntry('ipykernel')), { iopubLimit: 1024 * 1024 });
    try {
      let dropped = 0;
      kernel.on('notice', (notice) => {
        if (notice.kind === 'overflow') dropped += notice.messages;
      });
      const execution = kernel.execute(
        // slower than the kernel could: its own queue, of 1,000, must not be what drops
        'import time\nfrom IPython.display import display\nfor i in range(3000):\n    display({"text/plain": "x" * 2000}, raw=True)\n    if i % 100 == 0: time.sleep(.03)',
      );
      await new Promise((resolve) => setImmediate(resolve));
      block(5000);
      const { outputs } = await execution;
      expect(dropped).toBeGreaterThan(0);
      expect(outputs.length).toBeLessThan(3000);
      expect(outputs.length + dropped).toBeGreaterThanOrEqual(3000);
    } finally {
      await kernel.close();
    }
  });
});
