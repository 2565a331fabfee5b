/**
 * The quirks of kernels (reference/testbed.md §1, by its numbers) as the table in channels/quirks.ts has them, and those that no
 * provided kernel shows, played by the faulty one.
 */
import type { JupyterMessage } from '@kernelkit/protocol';
import { describe, expect, test } from 'vitest';
import { normalise } from '../../src/channels/normalise.js';
import { type Kernel, planKernel, quirksOfArgv, quirksOfImplementation, start, startPlan } from '../../src/index.js';
import { entryOf, faultyEntry, printed, processAlive } from '../support.js';
import { firstOutput } from './observe.js';

const script = (...steps: unknown[][]): string => JSON.stringify(steps);
const startFaulty = (fault: Record<string, unknown> = {}): Promise<Kernel> =>
  start(faultyEntry(fault), { timeout: 20_000, shutdown: { request: 500, term: 500 } });
/** As a kernelspec that says nothing of interrupts has it. */
const planOf = (argv: string[], spec = {}, options = {}) =>
  planKernel(entryOf({ argv, interrupt_mode: 'signal', ...spec }), options);

describe('1. a heartbeat is not readiness', () => {
  test('a kernel that beats is ready only when it has answered on shell', async () => {
    const { kernel, host } = await startPlan(planKernel(faultyEntry({ bind: { shell: 1000 } })), {
      shutdown: { request: 500 },
    });
    await using _ = kernel;
    expect(host.launched.timings.ready).toBeGreaterThan(1000);
    expect(printed(await kernel.execute(script(['stream', 'x'], ['reply'], ['idle'])))).toBe('x');
  });

  test('one that beats and never answers has not started', async () => {
    const starting = start(faultyEntry({ silent: true }), { timeout: 1500 });
    await expect(starting).rejects.toMatchObject({ kind: 'start-timeout' });
  });
});

describe('2. how a kernel is interrupted whose kernelspec says nothing', () => {
  const jjava = ['/opt/jdk/bin/java', '--add-opens', 'jdk.jshell/jdk.jshell=ALL-UNNAMED', '-jar', '/k/jjava.jar'];
  test.each([
    ['deno', ['/usr/bin/deno', 'jupyter', '--kernel', '--conn', '{connection_file}'], 'message'],
    ['JJava', [...jjava, '{connection_file}'], 'message'],
    ['evcxr', ['/home/me/.cargo/bin/evcxr_jupyter', '--control_file', '{connection_file}'], 'message'],
    ['ipykernel', ['python3', '-m', 'ipykernel_launcher', '-f', '{connection_file}'], 'signal'],
    ['terminal', ['python', '-m', 'octave_kernel', '-f', '{connection_file}'], 'signal'],
    ['IRkernel', ['R', '--slave', '-e', 'IRkernel::main()', '--args', '{connection_file}'], 'signal'],
    ['unknown', ['tslab', 'kernel', '--config-path', '{connection_file}'], 'signal'],
  ] as const)('%s', async (family, argv, interrupt) => {
    const plan = await planOf([...argv]);
    expect(plan.quirks.family).toBe(family);
    expect(plan.interrupt).toBe(interrupt);
  });

  test('a kernelspec that says message is believed', async () => {
    const argv = ['/usr/bin/xpython', '-f', '{connection_file}'];
    expect((await planOf(argv, { interrupt_mode: 'message' })).interrupt).toBe('message');
    expect(quirksOfArgv(argv).interrupt).toBe('none');
  });

  test.each([
    ['JJava', 'message'],
    ['Deno kernel', 'message'],
    ['evcxr_jupyter', 'message'],
    ['xeus-python', 'none'],
    ['ipython', null],
    ['tslab', null],
  ])('%s, by what it calls itself', (implementation, interrupt) => {
    expect(quirksOfImplementation(implementation).interrupt).toBe(interrupt);
  });
});

describe('3. an execution that is never answered', () => {
  // It shows something, and then neither replies nor becomes idle.
  const unanswered = script(['stream', 'x'], ['hang']);

  test('ends when the kernel dies', async () => {
    const { kernel, host } = await startPlan(planKernel(faultyEntry()));
    await using _ = kernel;
    const execution = kernel.execute(unanswered);
    const rejected = expect(execution).rejects.toMatchObject({ kind: 'kernel-died' });
    await firstOutput(execution);
    process.kill(-host.launched.process.pid, 'SIGKILL');
    await rejected;
  });

  test('ends with a restart, and with the end of the client', async () => {
    await using kernel = await startFaulty();
    for (const [kind, end] of [
      ['kernel-restarted', () => kernel.restart()],
      ['kernel-closed', () => kernel.close()],
    ] as const) {
      const execution = kernel.execute(unanswered);
      const rejected = expect(execution).rejects.toMatchObject({ kind });
      await firstOutput(execution);
      await end();
      await rejected;
    }
  });

  test('ends a while after the kernel went idle', async () => {
    await using kernel = await startFaulty();
    expect(await kernel.execute(script(['stream', 'x'], ['idle']))).toMatchObject({ status: 'ok', reply: null });
    await expect(kernel.execute(script(['idle']))).rejects.toMatchObject({ kind: 'no-reply' });
  });
});

describe('4. and 6. what an execution may come with', () => {
  test('the status "abort" is "aborted"', async () => {
    await using kernel = await startFaulty();
    expect(await kernel.execute(script(['reply', 'abort'], ['idle']))).toMatchObject({ status: 'aborted' });
  });

  test('no execute_input, and a result as a stream', async () => {
    await using kernel = await startFaulty();
    const types = new Set<string>();
    const result = await kernel.execute(script(['stream', '42\n'], ['reply'], ['idle']), {
      onMessage: ({ header }) => types.add(header.msg_type),
    });
    expect(types).not.toContain('execute_input');
    expect(result).toMatchObject({ status: 'ok', executionCount: 1, outputs: [{ text: '42\n' }] });
  });
});

describe('5. and 7. replies that lack what they must have', () => {
  const read = (type: string, content: object): unknown =>
    normalise({ header: { msg_type: type }, content } as JupyterMessage).content;

  test('kernel_info_reply without a status, its version a list', () => {
    const content = { implementation_version: [0, 32, 0], language_info: { name: 'octave' } };
    expect(read('kernel_info_reply', content)).toEqual({
      status: 'ok',
      implementation: '',
      implementation_version: '0.32.0',
      language_info: { name: 'octave' },
    });
    expect(read('kernel_info_reply', {})).toMatchObject({ status: 'ok', language_info: { name: '' } });
  });

  test.each(['shutdown_reply', 'interrupt_reply', 'execute_reply'])('%s without anything', (type) => {
    expect(read(type, {})).toEqual({ status: 'ok' });
  });
});

describe('7. a shutdown that is ignored', () => {
  test.each([
    ['shutdown', ['shutdown'], 'SIGTERM'],
    ['shutdown and SIGTERM', ['shutdown', 'SIGTERM'], 'SIGKILL'],
  ])('%s', async (_, ignore, signal) => {
    const { kernel, host } = await startPlan(planKernel(faultyEntry({ ignore })), {
      shutdown: { request: 300, term: 300 },
    });
    await kernel.close();
    expect(host.launched.process.exit).toMatchObject({ signal });
    expect(processAlive(host.launched.process.pid)).toBe(false);
  });
});

describe('10. Unix sockets', () => {
  const deno = ['deno', 'jupyter', '--kernel', '--conn', '{connection_file}'];
  const java = ['java', '-jar', '/k/jjava.jar', '{connection_file}'];

  test.each([
    ['deno', deno],
    ['JJava', java],
  ])('%s, which takes none, is not left waiting for them', async (_, argv) => {
    expect((await planOf(argv)).transport).toBe('tcp');
    const plan = await planOf(argv, {}, { transport: 'ipc' });
    expect(plan.problem).toMatchObject({ kind: 'transport-unavailable', fix: 'use tcp' });
  });

  test('a kernel that nobody looked at gets them where they are asked for, and only there', async () => {
    const argv = ['new-kernel', '{connection_file}'];
    // that it does not exist is another matter
    expect(await planOf(argv)).toMatchObject({ transport: 'tcp' });
    expect(await planOf(argv, {}, { transport: 'ipc' })).toMatchObject({ transport: 'ipc' });
  });
});

test('an interpreter on a terminal is started on one that has no line editor, unless its kernelspec wants one', async () => {
  for (const module of ['octave_kernel', 'm2_kernel', 'metakernel_bash']) {
    const argv = ['/usr/bin/python3', '-m', module, '-f', '{connection_file}'];
    const plan = await planOf(argv);
    expect(plan.environment.TERM).toBe('dumb');
    expect(plan.changes).toContainEqual(expect.objectContaining({ name: 'TERM', value: 'dumb' }));
    expect((await planOf(argv, { env: { TERM: 'vt100' } })).environment.TERM).toBe('vt100');
  }
});
