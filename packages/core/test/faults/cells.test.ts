/** Faults of a kernel that answers a cell: the result is right, or a typed error in a bounded time. */
import type { JupyterMessage } from '@kernelkit/protocol';
import { describe, expect, test } from 'vitest';
import { KernelDiedError, NoReplyError } from '../../src/index.js';
import { type Fault, isWell, on, type Step, script, within } from './support.js';

/** How long a cell waits for the half that is missing: see kernel/execution.ts. */
const MISSING_HALF_MS = 5000;

describe.concurrent('reply and idle', () => {
  const cells: [string, Step[], number][] = [
    ['idle is omitted', [['stream', 'x'], ['reply']], MISSING_HALF_MS],
    ['idle comes before the reply', [['stream', 'x'], ['idle'], ['reply']], 0],
    ['idle comes long before the reply', [['stream', 'x'], ['idle'], ['wait', 1000], ['reply']], 1000],
    ['it answers twice', [['stream', 'x'], ['reply'], ['reply', 'error'], ['idle']], 0],
    ['it goes idle twice', [['stream', 'x'], ['idle'], ['reply'], ['idle']], 0],
    ['the reply is omitted', [['stream', 'x'], ['idle']], MISSING_HALF_MS],
    ['the reply has a wrong HMAC', [['stream', 'x'], ['bad-reply', 'signature'], ['idle']], MISSING_HALF_MS],
    ['the reply has no delimiter', [['stream', 'x'], ['bad-reply', 'delimiter'], ['idle']], MISSING_HALF_MS],
  ];
  test.each(cells)('%s', (_, steps, ms) =>
    on({}, async (kernel, { notices }) => {
      const result = await within(ms, () => kernel.execute(script(...steps)));
      expect(result).toMatchObject({ status: 'ok', outputs: [{ output_type: 'stream', text: 'x' }] });
      const unreadable = steps.some(([name]) => name === 'bad-reply') ? 1 : 0;
      expect(notices.map(({ kind, channel }) => [kind, channel])).toEqual(Array(unreadable).fill(['invalid', 'shell']));
      // The second answer is not taken for that of the next cell.
      await isWell(kernel);
    }),
  );

  test('a reply with a wrong HMAC to code that showed nothing is no success', () =>
    on({}, async (kernel) => {
      const done = kernel.execute(script(['bad-reply', 'signature'], ['idle']));
      await within(MISSING_HALF_MS, () => expect(done).rejects.toBeInstanceOf(NoReplyError));
      await isWell(kernel);
    }));

  test('a request that is never answered on control', () =>
    on({ 'no-info': ['control'] }, async (kernel) => {
      const asked = kernel.request('kernel_info_request', {}, { channel: 'control' });
      await within(2000, () => expect(asked).rejects.toBeInstanceOf(NoReplyError));
    }));
});

describe('messages on iopub that cannot be read', () => {
  test.each(['bad-signature', 'no-signature', 'bad-json', 'no-delimiter', 'empty'])('%s', (step) =>
    on({}, async (kernel, { notices }) => {
      const result = await kernel.execute(script(['stream', 'a'], [step, 'BAD'], ['stream', 'b'], ['reply'], ['idle']));
      expect(result.outputs).toMatchObject([{ text: 'ab' }]);
      expect(notices).toMatchObject([{ kind: 'invalid', channel: 'iopub' }]);
    }),
  );
});

describe('much', () => {
  test.each(['tcp', 'ipc'] as const)('two buffers of 50 MB from the kernel (%s)', (transport) =>
    on(
      {},
      async (kernel, { notices }) => {
        const messages: JupyterMessage[] = [];
        kernel.on('iopub', (message) => messages.push(message));
        await within(10_000, () => kernel.execute(script(['buffers', [2, 50_000_000]], ['reply'], ['idle'])));
        const { buffers } = messages.find(({ header }) => header.msg_type === 'comm_msg')!;
        expect(buffers.map((buffer) => buffer.byteLength)).toEqual([50_000_000, 50_000_000]);
        expect(buffers.every((buffer, at) => buffer.every((byte) => byte === at))).toBe(true);
        expect(notices).toEqual([]);
      },
      { transport },
    ),
  );

  test('a buffer of 50 MB to the kernel, and back', () =>
    on({}, async (kernel) => {
      const sent = new Uint8Array(50_000_000).map((_, at) => at % 251);
      const comm = await kernel.openComm('echo');
      const back = new Promise<Uint8Array[]>((resolve) => {
        comm.onMessage = ({ buffers }) => resolve(buffers);
      });
      await within(10_000, async () => {
        await comm.send({}, [sent]);
        expect((await back).map((buffer) => Buffer.compare(buffer, sent))).toEqual([0]);
      });
    }));

  test.each(['tcp', 'ipc'] as const)('100,000 messages a second are complete and in order (%s)', (transport) =>
    on(
      {},
      async (kernel, { notices }) => {
        const count = 200_000;
        const { outputs } = await within(20_000, () =>
          kernel.execute(script(['rate', [100_000, count / 100_000]], ['reply'], ['idle'])),
        );
        expect(outputs).toHaveLength(2);
        const text = outputs[0]?.output_type === 'stream' ? outputs[0].text : '';
        expect(text === Array.from({ length: count }, (_, at) => `${at}\n`).join('')).toBe(true);
        expect(notices).toEqual([]);
      },
      { transport },
    ),
  );
});

describe('dies in the middle of a cell', () => {
  const ends: [string, Step[], object][] = [
    ['by SIGKILL', [['kill', 'SIGKILL']], { code: null, signal: 'SIGKILL' }],
    ['by SIGSEGV', [['kill', 'SIGSEGV']], { code: null, signal: 'SIGSEGV' }],
    ['with status 0', [['exit', 0]], { code: 0, signal: null }],
    [
      'with last words',
      [
        ['stderr', 'the last\n'],
        ['exit', 7],
      ],
      { code: 7, signal: null, stderr: 'the last\n' },
    ],
    [
      'with half of a message sent',
      [
        ['buffers', [1, 50_000_000]],
        ['kill', 'SIGKILL'],
      ],
      { code: null, signal: 'SIGKILL' },
    ],
    ['after it forked a child that keeps the sockets and pipes', [['fork'], ['exit', 5]], { code: 5, signal: null }],
  ];
  test.each(ends)('%s', (_, steps, death) =>
    on({}, async (kernel) => {
      // What has not left the process when it dies is lost with it.
      const execution = kernel.execute(script(['stream', 'before'], ['wait', 100], ...steps));
      const seen: unknown[] = [];
      const read = (async () => {
        for await (const output of execution) seen.push(output);
      })();
      // A child that keeps iopub open makes us wait for what the kernel may have printed.
      const error = await within(1100, () => read.catch((error: unknown) => error));
      expect(error).toBeInstanceOf(KernelDiedError);
      expect(error).toMatchObject({ kind: 'kernel-died', death });
      expect(seen).toMatchObject([{ text: 'before' }]);
      expect(kernel.status).toBe('dead');
      await expect(kernel.execute('')).rejects.toBe(error);
      await kernel.restart();
      await isWell(kernel);
    }),
  );
});

describe('input', () => {
  const asks = script(['input', 'name? '], ['reply'], ['idle']);

  test('is asked for inside a silent execution, and given', () =>
    on({}, async (kernel) => {
      const result = await kernel.execute(asks, { silent: true, onInput: ({ prompt }) => `${prompt}me` });
      expect(result).toMatchObject({ status: 'ok', outputs: [{ text: 'answer: name? me' }] });
    }));

  test('is asked for inside a silent execution that takes none', () =>
    on({}, async (kernel) => {
      const done = kernel.execute(asks, { silent: true });
      await within(2500, () => expect(done).rejects.toMatchObject({ kind: 'input-not-allowed' }));
      await isWell(kernel);
    }));

  test('a question with a wrong HMAC is not put, is told of, and an interrupt ends the wait for its answer', () =>
    on({ interruptible: true }, async (kernel, { notices }) => {
      const stop = new AbortController();
      kernel.on('notice', () => stop.abort());
      const onInput = () => expect.unreachable();
      const execution = kernel.execute(script(['bad-input', 'name? ']), { onInput, signal: stop.signal });
      await within(1000, () => expect(execution).resolves.toMatchObject({ status: 'error' }));
      expect(notices).toMatchObject([{ kind: 'invalid', channel: 'stdin' }]);
      await isWell(kernel);
    }));

  const deaf: [string, Fault, 'signal' | 'message'][] = [
    ['ignores SIGINT', { ignore: ['SIGINT'] }, 'signal'],
    ['ignores interrupt_request', { ignore: ['interrupt'] }, 'message'],
    ['holds the control channel', { hold: 'control' }, 'message'],
  ];
  test.each(deaf)('is asked for although it may not, by a kernel that %s', (_, fault, interrupt_mode) =>
    on(
      fault,
      async (kernel) => {
        const asked = expect(kernel.execute(asks)).rejects.toMatchObject({ kind: 'input-not-allowed' });
        await within(2500, () => asked);
        await isWell(kernel);
      },
      { spec: { interrupt_mode } },
    ),
  );

  test('is asked for inside a silent execution, and SIGINT ends the question', () =>
    on(
      { interruptible: true },
      async (kernel) => {
        const done = kernel.execute(asks, { silent: true });
        await within(1000, () => expect(done).rejects.toMatchObject({ kind: 'input-not-allowed' }));
        await isWell(kernel);
      },
      { spec: { interrupt_mode: 'signal' } },
    ));
});
