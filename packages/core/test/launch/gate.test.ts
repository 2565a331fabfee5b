import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Gate } from '../../src/launch/gate.js';

test('never more inside than it lets in, whoever gives up, and in the order in which they came', async () => {
  const step = fc.record({ abort: fc.boolean(), turns: fc.integer({ min: 0, max: 4 }) });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 20 }), async (size, steps) => {
      const gate = new Gate(size);
      const entered: number[] = [];
      let inside = 0;
      await Promise.all(
        steps.map(async ({ abort, turns }, at) => {
          const controller = new AbortController();
          const turn = gate.enter(controller.signal);
          if (abort) queueMicrotask(() => controller.abort(new Error('given up')));
          const leave = await turn.catch((error: Error) => expect(error.message).toBe('given up'));
          if (typeof leave !== 'function') return;
          entered.push(at);
          inside++;
          expect(inside).toBeLessThanOrEqual(size);
          for (let left = turns; left > 0; left--) await Promise.resolve();
          inside--;
          leave();
          // twice is once
          leave();
        }),
      );
      expect(entered).toEqual([...entered].sort((a, b) => a - b));
      expect(gate.most).toBeLessThanOrEqual(size);
      // nothing is lost: all of it is free again
      const again = await Promise.all(Array.from({ length: size }, () => gate.enter()));
      for (const leave of again) leave();
    }),
  );
});
