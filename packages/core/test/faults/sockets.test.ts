/** Faults of the connections to a kernel that goes on running: nothing waits for ever, and what can go on does. */
import { describe, expect, test } from 'vitest';
import type { Kernel, StartOptions } from '../../src/index.js';
import { isWell, on, type Step, script, within } from './support.js';

/** How long a channel that the kernel closed may stay away: see raw/channels.ts. */
const away = 500;
/** How long a request whose connection broke may be without a sign: see kernel/execution.ts and kernel/requests.ts. */
const LOST_MS = 5000;

describe('a socket is closed in the middle of a cell', () => {
  test.each(['shell', 'iopub', 'control'])('%s: what waits learns it, and the kernel is ended', (channel) =>
    on(
      {},
      async (kernel, { notices }) => {
        const running = kernel.execute(
          script(['stream', 'x'], ['close', channel], ['wait', 3000], ['reply'], ['idle']),
        );
        const gone = { kind: 'channels-gone', message: expect.stringContaining(`${channel} socket`) };
        await within(away, () => expect(running).rejects.toMatchObject(gone));
        expect(notices).toMatchObject([{ kind: 'disconnected', channel }]);
        expect(kernel.status).toBe('dead');
        await expect(kernel.execute('')).rejects.toMatchObject(gone);
        await kernel.close();
        expect(notices).toHaveLength(1);
      },
      { reconnect: away },
    ),
  );

  test.each(['stdin', 'hb'])('%s: cells do not need it', (channel) =>
    on(
      {},
      async (kernel, { host }) => {
        await kernel.execute(script(['close', channel], ['wait', away * 2], ['reply'], ['idle']));
        await isWell(kernel);
        if (channel === 'hb') {
          const beat = host.launched.channels.heartbeat(AbortSignal.timeout(500));
          await within(500, () => expect(beat).rejects.toThrow());
        }
      },
      { reconnect: away },
    ),
  );

  test('a kernel that is lost in this way can be restarted', () =>
    on(
      {},
      async (kernel) => {
        await expect(kernel.execute(script(['close', 'shell']))).rejects.toMatchObject({ kind: 'channels-gone' });
        await kernel.restart();
        await isWell(kernel);
      },
      { reconnect: away },
    ));
});

describe('a connection breaks off that had just taken a request', () => {
  const lost = { kind: 'channels-gone', message: expect.stringMatching(/shell connection broke/) };

  /** Until the connection is closed whose successor takes one request, and loses it. */
  const swallowing = async (kernel: Kernel): Promise<void> => {
    const closed = new Promise<void>((resolve) => kernel.on('notice', () => resolve()));
    await kernel.execute(script(['reply'], ['idle'], ['swallow', 'shell']));
    await closed;
  };

  test.concurrent('a cell fails, and the next is well', () =>
    on({}, async (kernel) => {
      await swallowing(kernel);
      await within(LOST_MS, () => expect(kernel.execute('')).rejects.toMatchObject(lost));
      await isWell(kernel);
    }));

  test.concurrent('and so does every connection from then on', () =>
    on({}, async (kernel) => {
      const closed = new Promise<void>((resolve) => kernel.on('notice', () => resolve()));
      await kernel.execute(script(['reply'], ['idle'], ['flap', 'shell']));
      await closed;
      await within(LOST_MS, () => expect(kernel.execute('')).rejects.toMatchObject(lost));
      await within(LOST_MS, () => expect(kernel.isComplete('')).rejects.toMatchObject(lost));
    }));

  test.concurrent('another request fails, and the next is well', () =>
    on({}, async (kernel) => {
      await swallowing(kernel);
      await within(LOST_MS, () => expect(kernel.kernelInfo()).rejects.toMatchObject(lost));
      expect(await kernel.kernelInfo()).toMatchObject({ implementation: 'faulty' });
    }));

  test.concurrent('a cell that runs goes on', () =>
    on({}, async (kernel) => {
      const steps: Step[] = [
        ['wait', 300],
        ['tear', 'shell'],
        ['wait', LOST_MS + 1000],
        ['stream', 'x'],
        ['reply'],
        ['idle'],
      ];
      const result = await within(LOST_MS + 2000, () => kernel.execute(script(...steps)));
      expect(result).toMatchObject({ status: 'ok', outputs: [{ text: 'x' }] });
    }));
});

describe('a connection breaks off in the middle of a frame, and comes back', () => {
  const ways: [channel: string, options: StartOptions][] = [
    ['shell', { transport: 'tcp' }],
    ['shell', { transport: 'ipc' }],
    ['iopub', { transport: 'tcp' }],
    ['iopub', { transport: 'ipc' }],
    ['iopub', { transport: 'tcp', iopub: 'main' }],
  ];
  test.each(ways)('%s (%o)', (channel, options) =>
    on(
      { welcome: true },
      async (kernel, { notices }) => {
        // What has not left the kernel when the connection ends is lost.
        const steps: Step[] = [['stream', 'a'], ['wait', 100], ['tear', channel], ['stream', 'b'], ['reply'], ['idle']];
        const result = await within(1000, () => kernel.execute(script(...steps)));
        expect(result).toMatchObject({ status: 'ok', outputs: [{ text: 'ab' }] });
        const lost = { kind: 'disconnected', channel };
        expect(notices).toMatchObject([lost, lost]);
        await isWell(kernel);
      },
      options,
    ),
  );
});
