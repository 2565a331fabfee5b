import { describe, expect, test } from 'vitest';
import { describeKernel, tempDir } from '../../../../testing/support/index.js';
import { type Kernel, type KernelEvents, planKernel, startPlan } from '../../src/index.js';
import { faultyEntry, printed, processAlive, startReal } from '../support.js';

type Told = KernelEvents['revival'];

/** What a kernel tells of its revivals; `next` waits for one of that kind. */
function revivals(kernel: Kernel): { all: Told[]; next: (kind: Told['kind']) => Promise<Told> } {
  const all: Told[] = [];
  kernel.on('revival', (revival) => all.push(revival));
  return {
    all,
    next: (kind) =>
      new Promise((resolve) => {
        const stop = kernel.on('revival', (revival) => {
          if (revival.kind !== kind) return;
          stop();
          resolve(revival);
        });
      }),
  };
}

const exit = '[["exit", 9]]';

describe('a kernel that is started again when it dies', () => {
  test('what waited is told of the death, and what comes next runs on the new one', async () => {
    const { kernel, host } = await startPlan(planKernel(faultyEntry()), { autoRestart: { delay: 20 } });
    const first = host.launched.process.pid;
    const told = revivals(kernel);
    const restarted = told.next('restarted');
    const died = new Promise<{ willRestart: boolean }>((resolve) => kernel.on('died', resolve));
    await expect(kernel.execute(exit)).rejects.toMatchObject({
      kind: 'kernel-died',
      death: { code: 9, willRestart: true, argv: expect.arrayContaining([expect.stringContaining('faulty')]) },
    });
    expect((await died).willRestart).toBe(true);
    expect(kernel.status).toBe('restarting');
    await restarted;
    expect(kernel.status).toBe('idle');
    expect(host.launched.process.pid).not.toBe(first);
    expect(printed(await kernel.execute('[["stream", "again"], ["reply"], ["idle"]]'))).toBe('again');
    expect(told.all).toEqual([{ kind: 'restarting', attempt: 1, limit: 5, delayMs: 20 }, { kind: 'restarted' }]);
    await kernel.close();
  });

  test('one that cannot start any more: so often, ever later, then given up with the failure', async () => {
    await using dir = await tempDir();
    // the first makes the file, and the others end because of it
    const entry = faultyEntry({ dies: dir.join('started') });
    const { kernel } = await startPlan(planKernel(entry), { autoRestart: { limit: 3, delay: 10 } });
    const told = revivals(kernel);
    const over = told.next('given-up');
    await expect(kernel.execute(exit)).rejects.toMatchObject({ kind: 'kernel-died' });
    expect(await over).toMatchObject({ error: { kind: 'process-exited' } });
    expect(told.all.map((each) => (each.kind === 'restarting' ? each.delayMs : each.kind))).toEqual([
      10,
      20,
      40,
      'given-up',
    ]);
    expect(kernel.status).toBe('dead');
    await expect(kernel.execute('')).rejects.toMatchObject({ kind: 'process-exited' });
    await kernel.close();
  });

  test('one that lives for long begins a new row', async () => {
    const { kernel } = await startPlan(planKernel(faultyEntry()), { autoRestart: { limit: 1, delay: 1, settled: 0 } });
    for (let round = 0; round < 3; round++) {
      const restarted = revivals(kernel).next('restarted');
      await expect(kernel.execute(exit)).rejects.toMatchObject({ kind: 'kernel-died' });
      await restarted;
    }
    await kernel.close();
  });

  test('closing it, and restarting it, while it waits to be started: nothing is left, and one kernel is', async () => {
    const options = { autoRestart: { delay: 60_000 } };
    const one = await startPlan(planKernel(faultyEntry()), options);
    const waiting = revivals(one.kernel).next('restarting');
    await expect(one.kernel.execute(exit)).rejects.toMatchObject({ kind: 'kernel-died' });
    await waiting;
    await one.kernel.close();
    expect(processAlive(one.host.launched.process.pid)).toBe(false);

    const two = await startPlan(planKernel(faultyEntry()), options);
    const again = revivals(two.kernel).next('restarting');
    await expect(two.kernel.execute(exit)).rejects.toMatchObject({ kind: 'kernel-died' });
    await again;
    await two.kernel.restart();
    expect((await two.kernel.execute('')).status).toBe('ok');
    await two.kernel.close();
  });

  test('closing it from the news of its death', async () => {
    const { kernel } = await startPlan(planKernel(faultyEntry()), { autoRestart: { delay: 0 } });
    const told = revivals(kernel);
    const closed = new Promise<void>((resolve) => kernel.on('died', () => resolve(kernel.close())));
    await expect(kernel.execute(exit)).rejects.toMatchObject({ kind: 'kernel-died' });
    await closed;
    expect(told.all).toEqual([]);
    expect(kernel.status).toBe('closed');
  });

  test('not unless it is asked for', async () => {
    const { kernel } = await startPlan(planKernel(faultyEntry()));
    await expect(kernel.execute(exit)).rejects.toMatchObject({ death: { willRestart: false } });
    expect(kernel.status).toBe('dead');
    await kernel.close();
  });
});

describeKernel('ipykernel', () => {
  test('killed from outside: what ran, how it ended, and that memory may be why', async () => {
    await using kernel = await startReal('ipykernel', { autoRestart: { delay: 10 } });
    const restarted = revivals(kernel).next('restarted');
    const code = 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)';
    const error = await kernel.execute(code).done.catch((error: unknown) => error);
    expect(error).toMatchObject({
      kind: 'kernel-died',
      death: { cause: 'out-of-memory', signal: 'SIGKILL', code: null, stderr: expect.any(String) },
      fix: expect.stringContaining('memory'),
    });
    await restarted;
    expect(printed(await kernel.execute('print("fresh", "os" in dir())'))).toBe('fresh False\n');
  });

  test('every request that waits ends at once, of whatever kind', async () => {
    await using kernel = await startReal('ipykernel');
    const running = kernel.execute('import os, time; time.sleep(0.3); os._exit(7)');
    const outputs = (async () => {
      for await (const _output of running);
    })();
    const waiting = [
      running.done,
      outputs,
      kernel.execute('1').done,
      kernel.complete('a', 1),
      kernel.kernelInfo(),
      kernel.history({ hist_access_type: 'tail', n: 1, output: false, raw: true } as never),
    ];
    const began = Promise.allSettled(waiting);
    const exited = new Promise<number>((resolve) => kernel.on('died', () => resolve(performance.now())));
    const results = await began;
    const told = performance.now();
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { kind: 'kernel-died' } });
    expect(Math.abs(told - (await exited))).toBeLessThan(1000);
  });
});
