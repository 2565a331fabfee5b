/** What the acceptance does not ask of every kernel: the protocol in full, on the kernel that speaks most of it. */
import { expect, test } from 'vitest';
import { type Kernel, outputEvent } from '../../src/index.js';
import { printed, resultText } from '../support.js';
import type { OpenWay } from './ways.js';

/** Resolves at the first message on iopub from now on. */
function firstMessage(kernel: Kernel): Promise<void> {
  return new Promise((resolve) => {
    const stop = kernel.on('iopub', () => {
      stop();
      resolve();
    });
  });
}

export function describeProtocol(open: () => OpenWay): void {
  test('asks for input, plain and hidden', async () => {
    await using kernel = await open().start();
    const asked: unknown[] = [];
    const result = await kernel.execute(
      'import getpass\na = input("name? ")\nb = getpass.getpass("secret? ")\nprint(a, b)',
      {
        onInput: (request) => {
          asked.push(request);
          return request.password ? 'pass' : 'me';
        },
      },
    );
    expect(asked).toEqual([
      { prompt: 'name? ', password: false },
      { prompt: 'secret? ', password: true },
    ]);
    expect(printed(result)).toContain('me pass\n');
  });

  test('without onInput, code that asks for input gets an error', async () => {
    await using kernel = await open().start();
    const result = await kernel.execute('input("name? ")');
    expect(result.status).toBe('error');
    expect(result.error?.ename).toBe('StdinNotImplementedError');
  });

  test('an onInput that fails ends the execution with its error, and the kernel goes on', async () => {
    await using kernel = await open().start();
    const failed = kernel.execute('input("name? ")', {
      onInput: () => {
        throw new Error('nobody there');
      },
    });
    await expect(failed).rejects.toThrow('nobody there');
    expect(printed(await kernel.execute('print(1)'))).toBe('1\n');
  });

  test('stop_on_error aborts what is queued behind an error; without it the queue goes on', async () => {
    await using kernel = await open().start();
    const [failing, behind] = await Promise.all([
      kernel.execute('import time; time.sleep(0.2); 1/0'),
      kernel.execute('print(2)'),
    ]);
    expect([failing.status, behind.status]).toEqual(['error', 'aborted']);
    const [again, other] = await Promise.all([
      kernel.execute('import time; time.sleep(0.2); 1/0', { stopOnError: false }),
      kernel.execute('print(2)'),
    ]);
    expect([again.status, other.status]).toEqual(['error', 'ok']);
  });

  test('silent and store_history', async () => {
    await using kernel = await open().start();
    expect(resultText(await kernel.execute('1', { storeHistory: false }))).toBe('1');
    expect((await kernel.execute('2', { silent: true })).outputs).toEqual([]);
    expect((await kernel.execute('3')).executionCount).toBe(1);
    const history = await kernel.history({ hist_access_type: 'tail', n: 5, output: false, raw: true } as never);
    expect(history.history.map(([, , code]) => code)).toContain('3');
  });

  test('display updates and clear_output change what a cell shows', async () => {
    await using kernel = await open().start();
    const result = await kernel.execute(
      [
        'from IPython.display import display, clear_output',
        'h = display("first", display_id=True)',
        'h.update("second")',
        'print("gone")',
        'clear_output(wait=True)',
        'print("kept")',
      ].join('\n'),
    );
    expect(result.outputs).toEqual([{ output_type: 'stream', name: 'stdout', text: 'kept\n' }]);
    const updated = await kernel.execute('h = display("first", display_id=True)\nh.update("second")');
    expect(updated.outputs).toMatchObject([{ output_type: 'display_data', data: { 'text/plain': "'second'" } }]);
  });

  test('comms carry data and buffers both ways, opened by either side', async () => {
    await using kernel = await open().start();
    await kernel.execute(
      [
        'from ipykernel.comm import Comm',
        'def opened(comm, msg):',
        '    @comm.on_msg',
        '    def echo(msg):',
        '        comm.send({"got": msg["content"]["data"]}, buffers=[bytes(b)[::-1] for b in msg["buffers"]])',
        'get_ipython().kernel.comm_manager.register_target("echo", opened)',
      ].join('\n'),
    );
    const comm = await kernel.openComm('echo');
    const echoed = new Promise<{ data: unknown; buffers: Uint8Array[] }>((resolve) => {
      comm.onMessage = resolve;
    });
    const large = new Uint8Array(3_000_000).fill(7);
    large[0] = 1;
    await comm.send({ n: 1 }, [new Uint8Array([1, 2, 3]), new Uint8Array(0), large]);
    const { data, buffers } = await echoed;
    expect(data).toEqual({ got: { n: 1 } });
    expect(Array.from(buffers[0]!)).toEqual([3, 2, 1]);
    expect(buffers[1]!.byteLength).toBe(0);
    expect(buffers[2]!.byteLength).toBe(3_000_000);
    expect(buffers[2]!.at(-1)).toBe(1);
    expect(await kernel.commInfo('echo')).toMatchObject({
      comms: { [comm.id]: { target_name: 'echo' } },
    });

    const fromKernel = new Promise((resolve) =>
      kernel.registerCommTarget('here', (_, message) => resolve(message.data)),
    );
    await kernel.execute('c = Comm(target_name="here", data={"x": 5})');
    expect(await fromKernel).toEqual({ x: 5 });

    const refused = await kernel.openComm('nobody');
    await new Promise<void>((resolve) => {
      refused.onClose = () => resolve();
    });
    expect(refused.closed).toBe(true);
    await expect(refused.send({})).rejects.toMatchObject({ kind: 'comm-closed' });
    await kernel.restart();
    expect(comm.closed).toBe(true);
  });

  test('cursor positions are counted in UTF-16 units here', async () => {
    await using kernel = await open().start();
    await kernel.execute('import os');
    const code = '"😀😀"; os.getcw';
    const reply = await kernel.complete(code, code.length);
    expect(code.slice(reply.cursor_start ?? 0, reply.cursor_end ?? 0)).toMatch(/getcw$/);
  });

  test('output of a thread that outlives its cell arrives as late output', async () => {
    await using kernel = await open().start();
    const late = new Promise((resolve) => {
      void kernel.execute('import threading\nthreading.Timer(0.3, lambda: print("late", flush=True)).start()', {
        onLateOutput: resolve,
      });
    });
    const everything: unknown[] = [];
    kernel.on('iopub', (message) => everything.push(outputEvent(message)));
    await expect(late).resolves.toMatchObject({ output_type: 'stream', text: expect.stringContaining('late') });
  });

  test('an unknown request is not waited for for ever', async () => {
    await using kernel = await open().start();
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 1000);
    await expect(
      kernel.request('no_such_request' as never, {} as never, { signal: controller.signal }),
    ).rejects.toThrow();
  });

  test('an abort interrupts the execution that it is of, and no other', async () => {
    await using kernel = await open().start();
    const controller = new AbortController();
    const first = kernel.execute('import time\ntime.sleep(1)\nprint("slept")');
    const second = kernel.execute('time.sleep(60)', { signal: controller.signal, stopOnError: false });
    const third = kernel.execute('print("third")');
    await firstMessage(kernel);
    controller.abort();
    expect(printed(await first)).toBe('slept\n');
    // KeyboardInterrupt, or aborted where the interrupt met IPython just before the code.
    expect(['error', 'aborted']).toContain((await second).status);
    expect(printed(await third)).toBe('third\n');
  });

  test('a restart just after the code was sent does not wait for its end', async () => {
    await using kernel = await open().start();
    const lost = expect(kernel.execute('import time\ntime.sleep(300)')).rejects.toMatchObject({
      kind: 'kernel-restarted',
    });
    const began = performance.now();
    await kernel.restart();
    await lost;
    // Well below the five seconds after which it would be ended by force, with room for a slow machine's start.
    expect(performance.now() - began).toBeLessThan(4500);
  });

  test('an execution whose signal is aborted already is never sent', async () => {
    await using kernel = await open().start();
    await expect(kernel.execute('print(1)', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'aborted',
    });
    expect((await kernel.execute('1')).executionCount).toBe(1);
  });
}
