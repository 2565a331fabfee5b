import { expect, test } from 'vitest';
import { describeKernel } from '../../../../testing/support/index.js';
import { planKernel, startPlan } from '../../src/index.js';
import { groupRuns } from '../../src/process/group.js';
import { faultyEntry, printed, realEntry } from '../support.js';

const AT_ONCE = 50;

test.each(['tcp', 'ipc'] as const)(
  `${AT_ONCE} starts at once succeed, each on its own kernel, and leave nothing (%s)`,
  async (transport) => {
    const started = await Promise.all(
      Array.from({ length: AT_ONCE }, () => startPlan(planKernel(faultyEntry(), { transport }))),
    );
    const pids = started.map(({ host }) => host.launched.process.pid);
    try {
      const results = await Promise.all(
        started.map(({ kernel }, i) => kernel.execute(JSON.stringify([['stream', `${i}`], ['reply'], ['idle']]))),
      );
      expect(results.map(printed)).toEqual(results.map((_, i) => `${i}`));
    } finally {
      await Promise.all(started.map(({ kernel }) => kernel.close()));
    }
    expect(new Set(pids).size).toBe(AT_ONCE);
    for (const pid of pids) expect(await groupRuns(pid)).toBe(false);
  },
  180_000,
);

describeKernel('xpython-raw', () => {
  test('real kernels that cannot fill in ports themselves, 20 at once over tcp', async () => {
    const started = await Promise.all(
      Array.from({ length: 20 }, () => startPlan(planKernel(realEntry('xpython-raw'), { transport: 'tcp' }))),
    );
    await Promise.all(started.map(({ kernel }) => kernel.close()));
    expect(started).toHaveLength(20);
  }, 180_000);
});
