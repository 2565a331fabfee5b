/** What every kernel must do through us, on the real ones, over every transport that they take. */
import { afterEach, expect, test, vi } from 'vitest';
import { describeKernel, type KernelName } from '../../../../testing/support/index.js';
import { type Execution, type Kernel, type OutputEvent, outputEvent, planKernel, startPlan } from '../../src/index.js';
import { printed, processAlive, realEntry, resultText, startReal } from '../support.js';

interface Language {
  print: (text: string) => string;
  sum: [string, string];
  fail: string;
  loop: string;
  /** A prefix that has completions, and one of them. */
  complete: [string, string];
  isComplete: 'complete' | 'unknown';
  /** How long after the start of the loop it can be interrupted: printed first. */
  transports: ('ipc' | 'tcp')[];
}

const python: Language = {
  print: (text) => `print("${text}")`,
  sum: ['6 * 7', '42'],
  fail: '1 / 0',
  loop: 'import time\nprint("looping", flush=True)\nwhile True: time.sleep(0.01)',
  complete: ['import os\nos.getc', 'getcwd'],
  isComplete: 'complete',
  transports: ['ipc', 'tcp'],
};
const kernels: Partial<Record<KernelName, Language>> = {
  ipykernel: python,
  ipykernel6: python,
  xpython: python,
  'xpython-raw': python,
  ir: {
    print: (text) => `cat("${text}\\n")`,
    sum: ['6 * 7', '[1] 42'],
    fail: 'stop("no")',
    loop: 'cat("looping\\n"); flush.console(); while (TRUE) Sys.sleep(0.01)',
    complete: ['Sys.getenv', 'Sys.getenv'],
    isComplete: 'complete',
    transports: ['ipc', 'tcp'],
  },
  deno: {
    print: (text) => `console.log("${text}")`,
    sum: ['6 * 7', '42'],
    fail: 'throw new Error("no")',
    loop: 'console.log("looping"); while (true) {}',
    complete: ['const abc = 1;\nMath.ma', 'Math.max'],
    isComplete: 'unknown',
    transports: ['tcp'],
  },
};

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Resolves at the first message on iopub from now on. */
function firstMessage(kernel: Kernel): Promise<void> {
  return new Promise((resolve) => {
    const stop = kernel.on('iopub', () => {
      stop();
      resolve();
    });
  });
}

/** Resolves at the first output of an execution. */
async function firstOutput(execution: Execution): Promise<OutputEvent> {
  for await (const output of execution) return output;
  throw new Error('the execution ended without output');
}

for (const [name, language] of Object.entries(kernels) as [KernelName, Language][]) {
  describeKernel(name, () => {
    test.each(language.transports)('starts, runs code and goes, over %s', async (transport) => {
      // The suite's own is too long for xeus: quirks.ts.
      if (name.startsWith('xpython')) vi.stubEnv('TMPDIR', '/tmp');
      const { kernel, host } = await startPlan(planKernel(realEntry(name), { transport }), {});
      const { pid } = host.launched.process;
      const first = await kernel.execute(language.print('hello'));
      expect(first.status).toBe('ok');
      expect(printed(first)).toBe('hello\n');
      const second = await kernel.execute(language.sum[0]);
      expect(resultText(second)).toBe(language.sum[1]);
      expect(second.executionCount).toBe(2);
      const third = await kernel.execute(language.fail);
      expect(third.status).toBe('error');
      expect(third.error?.ename).not.toBe('');
      expect(third.outputs.at(-1)?.output_type).toBe('error');
      await kernel.close();
      expect(processAlive(pid)).toBe(false);
      expect(kernel.status).toBe('closed');
    });

    test('keeps the order of what it prints, and runs what was queued in order', async () => {
      await using kernel = await startReal(name);
      const executions = Array.from({ length: 20 }, (_, i) => kernel.execute(language.print(`line ${i}`)));
      const results = await Promise.all(executions);
      expect(results.map(printed)).toEqual(results.map((_, i) => `line ${i}\n`));
    });

    // xeus-python 0.14 ends on SIGINT, and takes no interrupt_request: testbed.md, quirk 2.
    test.skipIf(name.startsWith('xpython'))('is interrupted in the way that it takes, and goes on', async () => {
      await using kernel = await startReal(name);
      const controller = new AbortController();
      // Old ipykernels abort whatever comes within a moment of an error, if the request said so.
      const execution = kernel.execute(language.loop, { signal: controller.signal, stopOnError: false });
      expect(await firstOutput(execution)).toMatchObject({ output_type: 'stream' });
      controller.abort();
      const result = await execution;
      expect(result.status).not.toBe('ok');
      expect(resultText(await kernel.execute(language.sum[0]))).toBe(language.sum[1]);
    });

    test('restarts under its id, with nothing of before', async () => {
      await using kernel = await startReal(name);
      const { id } = kernel;
      await kernel.execute(language.sum[0]);
      const pending = kernel.execute(language.loop);
      const rejected = expect(pending).rejects.toMatchObject({ kind: 'kernel-restarted' });
      await firstOutput(pending);
      await kernel.restart();
      await rejected;
      expect(kernel.id).toBe(id);
      const result = await kernel.execute(language.sum[0]);
      expect(result.executionCount).toBe(1);
      expect(resultText(result)).toBe(language.sum[1]);
    });

    test('completes, inspects and says whether code is complete', async () => {
      await using kernel = await startReal(name);
      const [code, expected] = language.complete;
      if (name !== 'deno') {
        // Variables exist only once the line before was run, in some kernels.
        await kernel.execute(code.split('\n').slice(0, -1).join('\n'));
        const reply = await kernel.complete(code, code.length);
        expect(reply).toMatchObject({ status: 'ok' });
        expect(reply.matches.some((match) => match.includes(expected))).toBe(true);
      }
      if (language.isComplete === 'complete') {
        expect(await kernel.isComplete(language.sum[0])).toMatchObject({ status: 'complete' });
      }
      expect((await kernel.kernelInfo()).implementation).toBe(kernel.info.implementation);
    });

    test('late output of a silent execution does not leak into the next', async () => {
      await using kernel = await startReal(name);
      const silent = await kernel.execute(language.sum[0], { silent: true });
      expect(silent.status).toBe('ok');
      const result = await kernel.execute(language.sum[0]);
      expect(result.executionCount).toBe(1);
    });
  });
}

describeKernel('ipykernel', () => {
  test('asks for input, plain and hidden', async () => {
    await using kernel = await startReal('ipykernel');
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
    await using kernel = await startReal('ipykernel');
    const result = await kernel.execute('input("name? ")');
    expect(result.status).toBe('error');
    expect(result.error?.ename).toBe('StdinNotImplementedError');
  });

  test('an onInput that fails ends the execution with its error, and the kernel goes on', async () => {
    await using kernel = await startReal('ipykernel');
    const failed = kernel.execute('input("name? ")', {
      onInput: () => {
        throw new Error('nobody there');
      },
    });
    await expect(failed).rejects.toThrow('nobody there');
    expect(printed(await kernel.execute('print(1)'))).toBe('1\n');
  });

  test('stop_on_error aborts what is queued behind an error; without it the queue goes on', async () => {
    await using kernel = await startReal('ipykernel');
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
    await using kernel = await startReal('ipykernel');
    expect(resultText(await kernel.execute('1', { storeHistory: false }))).toBe('1');
    expect((await kernel.execute('2', { silent: true })).outputs).toEqual([]);
    expect((await kernel.execute('3')).executionCount).toBe(1);
    const history = await kernel.history({ hist_access_type: 'tail', n: 5, output: false, raw: true } as never);
    expect(history.history.map(([, , code]) => code)).toContain('3');
  });

  test('display updates and clear_output change what a cell shows', async () => {
    await using kernel = await startReal('ipykernel');
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
    await using kernel = await startReal('ipykernel');
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
    await using kernel = await startReal('ipykernel');
    await kernel.execute('import os');
    const code = '"😀😀"; os.getcw';
    const reply = await kernel.complete(code, code.length);
    expect(code.slice(reply.cursor_start ?? 0, reply.cursor_end ?? 0)).toMatch(/getcw$/);
  });

  test('output of a thread that outlives its cell arrives as late output', async () => {
    await using kernel = await startReal('ipykernel');
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
    await using kernel = await startReal('ipykernel');
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 1000);
    await expect(
      kernel.request('no_such_request' as never, {} as never, { signal: controller.signal }),
    ).rejects.toThrow();
  });
});

describeKernel('ipykernel', () => {
  test('an abort interrupts the execution that it is of, and no other', async () => {
    await using kernel = await startReal('ipykernel');
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
    await using kernel = await startReal('ipykernel');
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
    await using kernel = await startReal('ipykernel');
    await expect(kernel.execute('print(1)', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'aborted',
    });
    expect((await kernel.execute('1')).executionCount).toBe(1);
  });
});

describeKernel('deno', () => {
  test('what is queued behind an error is aborted, as other kernels do themselves', async () => {
    await using kernel = await startReal('deno');
    const results = await Promise.all([
      kernel.execute('throw new Error("no")'),
      kernel.execute('1'),
      kernel.execute('2'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['error', 'aborted', 'aborted']);
    expect((await kernel.execute('3')).status).toBe('ok');
  });
});

describeKernel('ir', () => {
  test('IRkernel asks for input although it may not: a clear error, and it goes on', async () => {
    await using kernel = await startReal('ir');
    for (let i = 0; i < 5; i++) {
      await expect(kernel.execute('readline("name? ")')).rejects.toMatchObject({ kind: 'input-not-allowed' });
    }
    expect(resultText(await kernel.execute('6 * 7'))).toBe('[1] 42');
  });
});
