/** The network between us and a real Jupyter server, broken on purpose. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FaultyProxy } from '../../../../testing/proxy/index.js';
import { describeServer, type RunningJupyter } from '../../../../testing/servers/index.js';
import type { ChannelNotice } from '../../src/channels/index.js';
import { backOff } from '../../src/jupyter/reconnect.js';
import { connectServerKernel, startServerKernel } from '../../src/jupyter/server-kernel.js';
import type { Kernel } from '../../src/kernel/index.js';
import { firstOutput } from '../matrix/observe.js';
import { printed, resultText } from '../support.js';
import { noticed, noticesOf, PRINT_I, settingsOf, unlimitedServer } from './kernel-support.js';

const LINES = 10_000;
/** Long enough that a cut falls into it. */
const PRINT = `import time\nfor i in range(${LINES}):\n  ${PRINT_I}\n  if i % 10 == 0: time.sleep(0.002)`;

const lost = (notices: ChannelNotice[]) => notices.filter((notice) => notice.kind === 'lost');
/** How many were lost, as it was told. */
const lostMessages = (notices: ChannelNotice[]): number =>
  lost(notices).reduce((sum, notice) => sum + (notice.kind === 'lost' ? (notice.messages ?? Number.NaN) : 0), 0);

/** The numbers that a cell printed are in order; returns how many of all are missing. */
function missing(text: string): number {
  const numbers = text.trim().split('\n').map(Number);
  for (const [index, number] of numbers.entries()) if (index > 0) expect(number).toBeGreaterThan(numbers[index - 1]!);
  return LINES - numbers.length;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('tries come apart, and not all clients at once', () => {
  expect(backOff(0)).toBe(0);
  expect(backOff(1, {}, 0)).toBe(100);
  expect(backOff(1, {}, 1)).toBe(200);
  expect(backOff(20, {}, 1)).toBe(5000);
});

/** None is lost in silence. Messages that are no line of the cell's (a status of the probes) may be among those that are told. */
function expectTold(told: number, gone: number): void {
  expect(told).toBeGreaterThanOrEqual(gone);
  expect(told).toBeLessThanOrEqual(gone + 50);
}

describeServer('jupyter-server', () => {
  let server: RunningJupyter;

  beforeAll(async () => {
    server = await unlimitedServer();
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  async function throughProxy(
    body: (kernel: Kernel, proxy: FaultyProxy, notices: ChannelNotice[]) => Promise<void>,
    options: Parameters<typeof startServerKernel>[1] = {},
  ): Promise<void> {
    await using proxy = await FaultyProxy.to(server.port);
    const kernel = await startServerKernel(
      settingsOf({ url: proxy.through(server.url), token: server.token }),
      options,
    );
    try {
      await body(kernel, proxy, noticesOf(kernel));
    } finally {
      proxy.restore();
      await kernel.close();
    }
  }

  test('hung up for 5 s in a cell of 10,000 lines: it comes, and what does not is told', async () => {
    await throughProxy(async (kernel, proxy, notices) => {
      const running = kernel.execute(PRINT);
      await firstOutput(running);
      proxy.hangUp();
      await noticed(kernel, 'disconnected');
      await pause(5000);
      proxy.restore();
      const result = await running;
      expect(result.status).toBe('ok');
      expectTold(lostMessages(notices), missing(printed(result)));
      expect(notices.map(({ kind }) => kind)).toContain('reconnected');
      expect(resultText(await kernel.execute('1 + 1'))).toBe('2');
    });
  });

  test('cut for 5 s in a cell of 10,000 lines: what is missing is told, to the message', async () => {
    await throughProxy(async (kernel, proxy, notices) => {
      const running = kernel.execute(PRINT);
      await firstOutput(running);
      proxy.cut();
      await pause(5000);
      proxy.restore();
      const result = await running;
      expect(result.status).toBe('ok');
      expectTold(lostMessages(notices), missing(printed(result)));
    });
  });

  test('another client keeps the server from buffering: exactly what was lost is told', async () => {
    await throughProxy(async (kernel, proxy, notices) => {
      await using _ = await connectServerKernel(settingsOf(server), kernel.id);
      const running = kernel.execute(PRINT);
      await firstOutput(running);
      proxy.cut();
      await pause(1000);
      proxy.restore();
      const result = await running;
      const gone = missing(printed(result));
      expect(gone).toBeGreaterThan(0);
      expectTold(lostMessages(notices), gone);
      expect(lost(notices)[0]).toMatchObject({ requests: expect.arrayContaining([running.id]) });
    });
  });

  test('the end of a cell that is lost does not keep its caller', async () => {
    await throughProxy(async (kernel, proxy, notices) => {
      await using _ = await connectServerKernel(settingsOf(server), kernel.id);
      const running = kernel.execute('import time; print(1, flush=True); time.sleep(1)');
      await firstOutput(running);
      proxy.cut();
      await pause(3000);
      proxy.restore();
      const result = await running;
      expect(printed(result)).toBe('1\n');
      expect(lost(notices).length).toBeGreaterThan(0);
      expect(resultText(await kernel.execute('1 + 1'))).toBe('2');
    });
  });

  test('a stalled network is noticed, and the kernel reached again', async () => {
    await throughProxy(
      async (kernel, proxy) => {
        proxy.stall();
        await noticed(kernel, 'disconnected');
        const back = noticed(kernel, 'reconnected');
        proxy.restore();
        await back;
        expect(resultText(await kernel.execute('1 + 1'))).toBe('2');
      },
      { ping: { interval: 300, timeout: 1000 } },
    );
  });

  test('a stalled network gives no beat, and keeps nobody who asks for one', async () => {
    await throughProxy(async (kernel, proxy) => {
      proxy.stall();
      expect(await kernel.probe(300)).toMatchObject({ state: 'silent', heartbeat: null });
      proxy.restore();
      expect((await kernel.probe()).heartbeat).not.toBeNull();
    });
  });

  test('half-open: the server goes on to send to nobody', async () => {
    await throughProxy(async (kernel, proxy, notices) => {
      const running = kernel.execute(`import time\nfor i in range(100): ${PRINT_I}; time.sleep(0.02)`);
      await firstOutput(running);
      proxy.halfOpen();
      const result = await running;
      expect(result.status).toBe('ok');
      expect(100 - printed(result).trim().split('\n').length).toBe(lostMessages(notices));
    });
  });

  test('a slow network is none that is broken', async () => {
    await throughProxy(
      async (kernel, proxy, notices) => {
        proxy.slow(400);
        expect(resultText(await kernel.execute('1 + 1'))).toBe('2');
        expect(notices).toEqual([]);
      },
      { ping: { interval: 300, timeout: 3000 } },
    );
  });

  test('a server that does not come back ends what waits, with a type', async () => {
    await throughProxy(
      async (kernel, proxy) => {
        const running = kernel.execute('import time; print(1, flush=True); time.sleep(60)');
        await firstOutput(running);
        proxy.cut();
        await expect(running).rejects.toMatchObject({ kind: 'channels-gone' });
        expect(kernel.status).toBe('dead');
      },
      { reconnect: { within: 1500 } },
    );
  });
});
