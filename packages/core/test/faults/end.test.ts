/** Faults of a kernel that shall stop, or end: it stops, or whoever asked learns that it does not; and it always ends. */
import { describe, expect, test } from 'vitest';
import { AbortedError } from '../../src/index.js';
import { type Fault, isWell, on, type Step, script, soon, within } from './support.js';

/** How long a kernel may take to answer an interrupt_request: see kernel/interrupt.ts. */
const INTERRUPT_MS = 10_000;
/** How long a kernel may leave an aborted cell lying: see kernel/execution.ts. */
const NOT_BEGUN_MS = 5000;

const signal = { spec: { interrupt_mode: 'signal' } } as const;

describe('interrupt', () => {
  const sleeps = script(['stream', 'x'], ['wait', 20_000], ['reply'], ['idle']);

  /** Aborts as soon as the cell has printed something. */
  const abortable = (code: string, kernel: Parameters<Parameters<typeof on>[1]>[0]) => {
    const stop = new AbortController();
    const execution = kernel.execute(code, { signal: stop.signal });
    void (async () => {
      for await (const _ of execution) stop.abort();
    })().catch(() => {});
    return execution;
  };

  test('SIGINT ends a cell', () =>
    on(
      { interruptible: true },
      async (kernel) => {
        const result = await within(1000, () => abortable(sleeps, kernel));
        expect(result).toMatchObject({ status: 'error', error: { ename: 'E' }, outputs: [{ text: 'x' }] });
        await isWell(kernel);
      },
      signal,
    ));

  test('interrupt_request ends a cell', () =>
    on({ interruptible: true }, async (kernel) => {
      const result = await within(1000, () => abortable(sleeps, kernel));
      expect(result).toMatchObject({ status: 'error', error: { ename: 'E' }, outputs: [{ text: 'x' }] });
      await isWell(kernel);
    }));

  test('a kernel that ignores SIGINT goes on: the cell ends as it would have', () =>
    on(
      { ignore: ['SIGINT'] },
      async (kernel) => {
        const code = script(['stream', 'x'], ['wait', 500], ['stream', 'y'], ['reply'], ['idle']);
        expect(await abortable(code, kernel)).toMatchObject({ status: 'ok', outputs: [{ text: 'xy' }] });
      },
      signal,
    ));

  test.concurrent('a kernel that does not look at its shell channel any more: an aborted cell ends', () =>
    on({}, async (kernel) => {
      await kernel.execute(script(['reply'], ['idle'], ['hang']));
      const stop = new AbortController();
      const execution = kernel.execute(sleeps, { signal: stop.signal });
      stop.abort();
      await within(NOT_BEGUN_MS, () => expect(execution).rejects.toBeInstanceOf(AbortedError));
    }));

  test.concurrent('a cell that is aborted while it is queued behind a long one is interrupted when it begins', () =>
    on({ interruptible: true }, async (kernel) => {
      const long = kernel.execute(script(['wait', NOT_BEGUN_MS + 1000], ['stream', 'first'], ['reply'], ['idle']));
      const stop = new AbortController();
      const queued = kernel.execute(sleeps, { signal: stop.signal });
      stop.abort();
      expect(await long).toMatchObject({ status: 'ok', outputs: [{ text: 'first' }] });
      expect(await within(1000, () => queued)).toMatchObject({ status: 'error', error: { ename: 'E' } });
    }));

  test.concurrent.each([
    ['ignores interrupt_request', { ignore: ['interrupt'] }],
    ['holds the control channel', { hold: 'control' }],
  ] as [string, Fault][])('a kernel that %s: the cell fails, and says so', (_, fault) =>
    on(fault, async (kernel) => {
      await within(INTERRUPT_MS, () =>
        expect(abortable(sleeps, kernel)).rejects.toMatchObject({ kind: 'interrupt-timeout' }),
      );
    }),
  );
});

describe('close', () => {
  const faults: [string, Fault][] = [
    ['ignores shutdown_request', { ignore: ['shutdown'] }],
    ['ignores SIGINT and SIGTERM', { ignore: ['SIGINT', 'SIGTERM'] }],
    ['ignores shutdown_request, SIGINT and SIGTERM', { deaf: true }],
    ['holds the control channel', { hold: 'control' }],
    ['holds the control channel, and ignores signals', { hold: 'control', ignore: ['SIGINT', 'SIGTERM'] }],
    ['never goes idle', { answers: ['busy', 'reply'] }],
    ['has a child', { child: true }],
  ];
  const cells: [string, Step[] | null][] = [
    ['idle', null],
    [
      'with a cell that runs',
      [
        ['stream', 'x'],
        ['wait', 20_000],
      ],
    ],
    ['with a child that keeps its sockets', [['fork'], ['stream', 'x'], ['wait', 20_000]]],
  ];
  describe.each(cells)('%s', (_, steps) => {
    // on() itself expects that close() is quick, and that nothing is left.
    test.each(faults)('a kernel that %s', (_, fault) =>
      on(
        fault,
        async (kernel) => {
          if (steps === null) return;
          const execution = kernel.execute(script(...steps));
          const ended = expect(execution).rejects.toMatchObject({ kind: 'kernel-closed' });
          for await (const _ of execution) break;
          void kernel.close();
          await ended;
        },
        soon,
      ),
    );
  });
});

test('restart: a kernel that heeds nothing is replaced', () =>
  on({ deaf: true }, async (kernel) => {
    const { id } = kernel;
    await within(1500, () => kernel.restart());
    expect(kernel.id).toBe(id);
    await isWell(kernel);
  }));
