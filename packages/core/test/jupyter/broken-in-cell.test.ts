/** A cell runs, and its connection breaks again and again, or its server is started anew. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FaultyProxy } from '../../../../testing/proxy/index.js';
import { describeServer, jupyterServer } from '../../../../testing/servers/index.js';
import { startServerKernel } from '../../src/jupyter/server-kernel.js';
import { firstOutput } from '../matrix/observe.js';
import { printed, resultText } from '../support.js';
import { noticesOf, PRINT_I, settingsOf, unlimitedServer } from './kernel-support.js';

const LINES = 1500;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describeServer('jupyter-server', () => {
  test('reset at random moments: nothing twice, nothing out of order, and what is missing is told', async () => {
    await using server = await unlimitedServer();
    for (const seed of [1, 2, 3]) {
      const random = numbers(seed);
      await using proxy = await FaultyProxy.to(server.port);
      const settings = settingsOf({ url: proxy.through(server.url), token: server.token });
      await using kernel = await startServerKernel(settings, { reconnect: { delay: 20, longest: 100 } });
      const notices = noticesOf(kernel);
      const code = `import time\nfor i in range(${LINES}):\n  ${PRINT_I}\n  time.sleep(0.002)`;
      const running = kernel.execute(code);
      await firstOutput(running);
      let isOver = false;
      const result = running.done.finally(() => {
        isOver = true;
      });
      for (let cuts = 0; cuts < 6 && !isOver; cuts++) {
        await sleep(random() * 700);
        proxy.reset();
      }
      expect((await result).status, `seed ${seed}`).toBe('ok');
      const lines = printed(await result)
        .trim()
        .split('\n')
        .map(Number);
      expect(lines, `seed ${seed}`).toEqual([...new Set(lines)].sort((a, b) => a - b));
      const lost = notices.filter((notice) => notice.kind === 'lost');
      if (lines.length < LINES)
        expect(lost.length, `seed ${seed}: ${lines.length} of ${LINES} lines`).toBeGreaterThan(0);
      const counted = lost.reduce((sum, { messages }) => sum + (messages ?? LINES), 0);
      // a kernel that is short of time puts two lines into one message
      expect(counted, `seed ${seed}`).toBeGreaterThanOrEqual((LINES - lines.length) / 2);
      expect(resultText(await kernel.execute('1 + 1'))).toBe('2');
    }
  });

  test('the server is killed in a cell and comes back without the kernel: a typed end', async () => {
    await using server = await jupyterServer();
    await using kernel = await startServerKernel(settingsOf(server), { reconnect: { delay: 20, longest: 200 } });
    const running = kernel.execute('import time\nprint("runs", flush=True)\ntime.sleep(600)');
    await firstOutput(running);
    await server.kill();
    await server.restart();
    await expect(Promise.resolve(running)).rejects.toMatchObject({
      kind: expect.stringMatching(/^(kernel|channels)-/),
    });
    expect(kernel.status).toBe('dead');
  });
});
