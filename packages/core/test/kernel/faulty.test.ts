import { rm } from 'node:fs/promises';
import { describe, expect, it, test } from 'vitest';
import { tempDir } from '../../../../testing/support/index.js';
import {
  type ChannelNotice,
  type Kernel,
  KernelDiedError,
  type OutputEvent,
  planKernel,
  RawChannels,
  type StartOptions,
  startPlan,
} from '../../src/index.js';
import { groupRuns } from '../../src/process/group.js';
import { faultyEntry, processAlive } from '../support.js';

type Step = [string, unknown?];
const script = (...steps: Step[]): string => JSON.stringify(steps);

/** Blocks this thread, as a program that computes does. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

async function using<T>(
  start: Record<string, unknown>,
  body: (kernel: Kernel, pid: number, notices: ChannelNotice[]) => Promise<T>,
  options: StartOptions = {},
): Promise<T> {
  const { kernel, host } = await startPlan(planKernel(faultyEntry(start), options), options);
  const notices: ChannelNotice[] = [];
  kernel.on('notice', (notice) => notices.push(notice));
  const { pid } = host.launched.process;
  try {
    return await body(kernel, pid, notices);
  } finally {
    await kernel.close();
    expect(processAlive(pid)).toBe(false);
  }
}

describe('messages that cannot be read cost no other', () => {
  it.each([
    ['bad-signature', 'signature'],
    ['no-signature', 'signature'],
    ['bad-json', 'JSON'],
    ['no-delimiter', '<IDS|MSG>'],
    ['empty', '<IDS|MSG>'],
  ])('%s', async (step, reason) => {
    await using({}, async (kernel, _, notices) => {
      const result = await kernel.execute(script(['stream', 'a'], [step, 'BAD'], ['stream', 'b'], ['reply'], ['idle']));
      expect(result.outputs).toEqual([{ output_type: 'stream', name: 'stdout', text: 'ab' }]);
      expect(notices).toHaveLength(1);
      expect(notices[0]).toMatchObject({ kind: 'invalid', channel: 'iopub' });
      expect((notices[0] as { reason: string }).reason.toLowerCase()).toContain(reason.toLowerCase());
    });
  });

  it('not even at the start: the request is repeated', async () => {
    await using({ 'bad-first': 'signature' }, async (kernel) => {
      expect(kernel.info.implementation).toBe('faulty');
    });
  });
});

test('a kernel of the 4.x days is spoken to in its own protocol', async () => {
  await using({ old: true }, async (kernel) => {
    expect(kernel.info).toMatchObject({ protocol_version: '4.1', language_info: { name: 'steps' } });
    const result = await kernel.execute(
      script(
        ['publish', ['stream', { name: 'stdout', data: 'printed' }]],
        ['publish', ['pyout', { execution_count: 1, data: { 'text/plain': '42' }, metadata: {} }]],
        ['publish', ['pyerr', { ename: 'E', evalue: 'v', traceback: [] }]],
        ['reply', 'error'],
        ['idle'],
      ),
    );
    expect(result.outputs).toMatchObject([
      { output_type: 'stream', text: 'printed' },
      { output_type: 'execute_result', data: { 'text/plain': '42' } },
      { output_type: 'error', ename: 'E' },
    ]);
  });
});

describe('an execution is done on reply and idle', () => {
  it.each([
    ['reply, then idle', [['stream', 'x'], ['reply'], ['idle']]],
    ['idle, then reply', [['stream', 'x'], ['idle'], ['reply']]],
  ] as [string, Step[]][])('%s', async (_, steps) => {
    await using({}, async (kernel) => {
      const result = await kernel.execute(script(...steps));
      expect(result.status).toBe('ok');
      expect(result.outputs).toHaveLength(1);
    });
  });

  it('without a reply it ends a bounded time after idle', async () => {
    await using({}, async (kernel) => {
      const result = await kernel.execute(script(['stream', 'x'], ['idle']));
      expect(result).toMatchObject({ status: 'ok', reply: null });
    });
  });

  it('but code that was never run is no success', async () => {
    await using({}, async (kernel) => {
      await expect(kernel.execute(script(['idle']))).rejects.toMatchObject({ kind: 'no-reply' });
    });
  });

  it('without an idle it ends a bounded time after the reply', async () => {
    await using({}, async (kernel) => {
      const result = await kernel.execute(script(['stream', 'x'], ['reply']));
      expect(result).toMatchObject({ status: 'ok', outputs: [{ text: 'x' }] });
    });
  });

  it('a deadline does not pass because this thread was busy: what has arrived is read first', async () => {
    await using({}, async (kernel) => {
      const result = await kernel.execute(script(['reply'], ['wait', 300], ['stream', 'x'], ['idle']), {
        onMessage: ({ header }) => {
          // Longer than the wait for an idle that never comes.
          if (header.msg_type === 'execute_reply') setImmediate(() => block(6000));
        },
      });
      expect(result.outputs).toMatchObject([{ text: 'x' }]);
    });
  });

  it('what comes afterwards is late output, not lost', async () => {
    await using({}, async (kernel) => {
      const late = new Promise((resolve) => {
        void kernel.execute(script(['reply'], ['idle'], ['wait', 200], ['stream', 'late']), { onLateOutput: resolve });
      });
      await expect(late).resolves.toMatchObject({ output_type: 'stream', text: 'late' });
    });
  });
});

describe('a kernel that dies', () => {
  it('rejects what runs, at once, with how it ended', async () => {
    await using({}, async (kernel) => {
      const execution = kernel.execute(script(['stream', 'x'], ['stderr', 'last words\n'], ['wait', 50], ['exit', 7]));
      const seen: unknown[] = [];
      const error = await (async () => {
        for await (const output of execution) seen.push(output);
      })().catch((error: unknown) => error);
      expect(error).toBeInstanceOf(KernelDiedError);
      expect((error as KernelDiedError).death).toMatchObject({ code: 7, signal: null, stderr: 'last words\n' });
      expect(seen).toMatchObject([{ text: 'x' }]);
      await expect(execution).rejects.toBe(error);
      expect(kernel.status).toBe('dead');
      await expect(kernel.execute('[]')).rejects.toBe(error);
      await expect(kernel.kernelInfo()).rejects.toBe(error);
    });
  });

  it('has all that it printed before delivered first, however busy this thread was', async () => {
    await using({}, async (kernel) => {
      const execution = kernel.execute(script(['flood', 3000], ['wait', 100], ['kill', 'SIGKILL']));
      const seen: OutputEvent[] = [];
      const ended = (async () => {
        for await (const output of execution) seen.push(output);
      })();
      await new Promise((resolve) => setImmediate(resolve));
      block(1500);
      await expect(ended).rejects.toBeInstanceOf(KernelDiedError);
      expect(seen).toHaveLength(3000);
    });
  });

  it('can be restarted under its id', async () => {
    await using({}, async (kernel) => {
      const { id } = kernel;
      await expect(kernel.execute(script(['kill', 'SIGKILL']))).rejects.toMatchObject({ death: { signal: 'SIGKILL' } });
      await kernel.restart();
      expect(kernel.id).toBe(id);
      expect(await kernel.execute(script(['reply'], ['idle']))).toMatchObject({ status: 'ok', executionCount: 1 });
    });
  });
});

describe('restart', () => {
  it('of a kernel that is closed meanwhile leaves nothing behind', async () => {
    const { kernel, host } = await startPlan(planKernel(faultyEntry()));
    const restarting = expect(kernel.restart()).rejects.toMatchObject({
      kind: expect.stringMatching(/closed|aborted/),
    });
    await kernel.close();
    await restarting;
    expect(kernel.status).toBe('closed');
    expect(processAlive(host.launched.process.pid)).toBe(false);
  });

  it('closed by a listener that is told of it leaves nothing behind either', async () => {
    const { kernel, host } = await startPlan(planKernel(faultyEntry()));
    const closed = new Promise<void>((resolve) => {
      kernel.on('status', (status) => {
        if (status === 'restarting') resolve(kernel.close());
      });
    });
    await expect(kernel.restart()).rejects.toMatchObject({ kind: expect.stringMatching(/closed|aborted/) });
    await closed;
    expect(processAlive(host.launched.process.pid)).toBe(false);
    expect(kernel.status).toBe('closed');
  });

  it('that failed can be tried again', async () => {
    await using directory = await tempDir();
    const once = directory.join('started');
    await using({ dies: once }, async (kernel) => {
      await expect(kernel.restart()).rejects.toMatchObject({ kind: 'process-exited' });
      expect(kernel.status).toBe('dead');
      await rm(once);
      await kernel.restart();
      expect(await kernel.execute(script(['reply'], ['idle']))).toMatchObject({ status: 'ok' });
    });
  });

  it('is one at a time', async () => {
    await using({}, async (kernel) => {
      const first = kernel.restart();
      await expect(kernel.restart()).rejects.toMatchObject({ kind: 'kernel-restarted' });
      await first;
      expect(kernel.status).toBe('idle');
    });
  });

  it('who is told of it can already ask nothing of the old kernel', async () => {
    await using({}, async (kernel) => {
      let asked: Promise<unknown> | null = null;
      kernel.on('status', (status) => {
        if (status === 'restarting') asked = kernel.execute('[]').catch((error: unknown) => error);
      });
      await kernel.restart();
      expect(await asked).toMatchObject({ kind: 'kernel-restarted' });
    });
  });
});

describe('one kernel', () => {
  it('with an address that is none costs no other', async () => {
    await using({}, async (kernel) => {
      const info = { transport: 'tcp', ip: '*', key: '', signature_scheme: 'hmac-sha256' } as const;
      const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
      expect(() => new RawChannels({ ...info, ...ports })).toThrow(/tcp:\/\/\*:/);
      expect(await kernel.execute(script(['reply'], ['idle']))).toMatchObject({ status: 'ok' });
    });
  });
});

describe('input', () => {
  it('is asked of onInput', async () => {
    await using({}, async (kernel) => {
      const result = await kernel.execute(script(['input', 'name? '], ['reply'], ['idle']), {
        onInput: ({ prompt, password }) => `${prompt}${password}`,
      });
      expect(result.outputs).toMatchObject([{ text: 'answer: name? false' }]);
    });
  });
});

describe('input that nobody gives', () => {
  it('ends the execution with a clear error, even on a kernel that asks although it may not', async () => {
    await using({}, async (kernel) => {
      const asked = kernel.execute(script(['input', 'name? '], ['reply'], ['idle']));
      await expect(asked).rejects.toMatchObject({
        kind: 'input-not-allowed',
        message: expect.stringContaining('name? '),
      });
      expect(await kernel.execute(script(['reply'], ['idle']))).toMatchObject({ status: 'ok' });
    });
  });
});

describe('shutdown', () => {
  it('a kernel that heeds neither request nor SIGTERM is killed', async () => {
    await using({ deaf: true }, async () => {}, { shutdown: { request: 100, term: 100 } });
  });

  it('takes the children of the kernel with it', async () => {
    const { kernel, host } = await startPlan(planKernel(faultyEntry({ child: true })));
    const group = host.launched.process.pid;
    expect(await groupRuns(group)).toBe(true);
    await kernel.close();
    expect(await groupRuns(group)).toBe(false);
  });

  it('closing twice is closing once', async () => {
    const { kernel } = await startPlan(planKernel(faultyEntry()));
    await Promise.all([kernel.close(), kernel.close()]);
    expect(kernel.status).toBe('closed');
    await expect(kernel.execute('[]')).rejects.toMatchObject({ kind: 'kernel-closed' });
  });
});
