import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { describeKernel } from '../../../../testing/support/index.js';
import { type Kernel, planKernel, startPlan } from '../../src/index.js';
import { faultyEntry, printed, processAlive, realEntry, startReal } from '../support.js';

/** Resolves when the kernel prints that text. */
function prints(kernel: Kernel, wanted: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const stop = kernel.on('iopub', ({ header, content }) => {
      if (header.msg_type !== 'stream') return;
      text += (content as { text: string }).text;
      if (!text.includes(wanted)) return;
      stop();
      resolve(text);
    });
  });
}

/** Resolves when the process has ended; the test's own deadline bounds it. One that nobody has reaped has ended too. */
async function gone(pid: number): Promise<void> {
  while (processAlive(pid) && !hasState(pid, 'Z')) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** By proc(5): its state is what follows the name in parentheses. */
function hasState(pid: number, state: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith(state);
  } catch {
    return false;
  }
}

describeKernel('ipykernel', () => {
  test.each([
    [
      'subprocess',
      'import subprocess; p = subprocess.Popen(["sleep", "1000"]); print("pid", p.pid, flush=True); p.wait()',
    ],
    ['os.system', 'import os; os.system("echo pid $$; exec sleep 1000")'],
    ['a pipeline of the shell', 'get_ipython().system("echo pid $$; exec sleep 1000 | cat")'],
  ])('what a cell started stops with it: %s', async (_what, code) => {
    await using kernel = await startReal('ipykernel');
    const running = kernel.execute(code, { collect: false });
    running.done.catch(() => {});
    const pid = Number(/pid (\d+)/.exec(await prints(kernel, 'pid '))?.[1]);
    expect(await kernel.interruptUntilIdle()).toBe('idle');
    await running;
    await gone(pid);
    expect(printed(await kernel.execute('print("well")'))).toBe('well\n');
  });

  test('again and again, the state stays', async () => {
    await using kernel = await startReal('ipykernel');
    await kernel.execute('count = 0');
    for (let round = 0; round < 5; round++) {
      const running = kernel.execute('count += 1\nimport time\nprint("in", flush=True)\ntime.sleep(1000)');
      await prints(kernel, 'in');
      // now and then ipykernel loses one while it flushes what was printed
      expect(await kernel.interruptUntilIdle()).toBe('idle');
      expect(await running).toMatchObject({ status: 'error', error: { ename: 'KeyboardInterrupt' } });
    }
    expect(printed(await kernel.execute('print(count)'))).toBe('5\n');
  });

  test('code that catches the first is interrupted again', async () => {
    await using kernel = await startReal('ipykernel');
    const code = `import time
for _ in range(2):
    try:
        print("in", flush=True)
        time.sleep(1000)
    except KeyboardInterrupt:
        pass
print("done")`;
    const running = kernel.execute(code);
    await prints(kernel, 'in');
    expect(await kernel.interruptUntilIdle({ patience: 300, attempts: 5 })).toBe('idle');
    expect(printed(await running)).toContain('done');
  });

  test('code that heeds none: unheeded, and a restart helps', async () => {
    await using kernel = await startReal('ipykernel');
    const code = `import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(1000)`;
    const running = kernel.execute(code);
    running.done.catch(() => {});
    await prints(kernel, 'deaf');
    expect(await kernel.interruptUntilIdle({ patience: 200, attempts: 2 })).toBe('unheeded');
    await kernel.restart();
    expect(printed(await kernel.execute('print("fresh")'))).toBe('fresh\n');
  });

  test('nothing runs: nothing is sent', async () => {
    await using kernel = await startReal('ipykernel');
    expect(await kernel.interruptUntilIdle()).toBe('idle');
    expect((await kernel.execute('1')).status).toBe('ok');
  });

  test.skipIf(process.platform !== 'linux')(
    'a kernel that is busy, and one that has been stopped: told apart',
    async () => {
      const { kernel, host } = await startPlan(planKernel(realEntry('ipykernel')));
      expect(await kernel.probe()).toMatchObject({ state: 'responsive', heartbeat: expect.any(Number) });
      const running = kernel.execute('print("in", flush=True)\nwhile True: pass');
      running.done.catch(() => {});
      await prints(kernel, 'in');
      const busy = await kernel.probe();
      expect(busy.heartbeat).not.toBeNull();
      expect(['responsive', 'busy']).toContain(busy.state);
      // asking on control does not make a busy kernel look idle
      expect(kernel.status).toBe('busy');
      host.launched.process.signal('SIGSTOP');
      // a signal lands when the process is next scheduled
      while (!hasState(host.launched.process.pid, 'T')) await setImmediate();
      expect(await kernel.probe(300)).toEqual({ state: 'silent', heartbeat: null, control: null });
      host.launched.process.signal('SIGCONT');
      await kernel.interruptUntilIdle();
      await kernel.close();
      expect((await kernel.probe()).state).toBe('dead');
    },
  );
});

describe('a kernel that answers nothing', () => {
  test('while it should be idle is silent, though its heart beats', async () => {
    await using kernel = (await startPlan(planKernel(faultyEntry()), { shutdown: { request: 100, term: 100 } })).kernel;
    const running = kernel.execute('[["wait", 100000]]');
    running.done.catch(() => {});
    const { state, heartbeat } = await kernel.probe(500);
    expect([state === 'silent' || state === 'busy' || state === 'responsive', heartbeat !== null]).toEqual([
      true,
      true,
    ]);
  });
});
