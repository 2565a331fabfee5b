import { existsSync, readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../../../testing/support/index.js';
import { AbortedError, KernelStartError, planKernel, startPlan } from '../../src/index.js';
import { entryOf, faultyEntry, processAlive } from '../support.js';

/** A start that is expected to fail; gives its error. */
async function failure(
  entry: ReturnType<typeof faultyEntry>,
  options: Parameters<typeof startPlan>[1] = {},
): Promise<KernelStartError> {
  try {
    const { kernel } = await startPlan(planKernel(entry), options);
    await kernel.close();
  } catch (error) {
    expect(error).toBeInstanceOf(KernelStartError);
    return error as KernelStartError;
  }
  throw new Error('the kernel started');
}

describe('a kernel that does not start', () => {
  // Run directories are made here, and have to be gone after every failure.
  let temporary: TempDir;
  const usual = process.env.TMPDIR;
  beforeEach(async () => {
    temporary = await tempDir();
    process.env.TMPDIR = temporary.path;
  });
  afterEach(async () => {
    if (usual === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usual;
    const left = readdirSync(temporary.path);
    await temporary[Symbol.asyncDispose]();
    expect(left).toEqual([]);
  });

  it('says that its program does not exist', async () => {
    const error = await failure(entryOf({ argv: ['/no/such/program', '{connection_file}'] }));
    expect(error.kind).toBe('program-not-found');
    expect(error.message).toContain('/no/such/program');
    expect(error.fix).not.toBeNull();
  });

  it('says that its directory does not exist', async () => {
    const plan = planKernel(faultyEntry(), { cwd: '/no/such/directory' });
    await expect(startPlan(plan)).rejects.toMatchObject({
      kind: 'directory-gone',
      message: expect.stringContaining('/no/such/directory does not exist'),
      fix: expect.any(String),
    });
  });

  it('gives exit status, standard error and the time that it lived', async () => {
    const error = await failure(faultyEntry({ exit: 3, stderr: 'first line\nValueError: no good\n' }));
    expect(error.kind).toBe('process-exited');
    expect(error.exit).toMatchObject({ code: 3, signal: null });
    expect(error.stderr).toBe('first line\nValueError: no good\n');
    expect(error.message).toContain('exited with status 3');
    expect(error.message).toContain('ValueError: no good');
    expect(error.argv[2]).toContain('faulty-kernel');
    expect(error.timings).toMatchObject({
      connected: null,
      replied: null,
      ready: null,
      spawned: expect.any(Number),
      failed: expect.any(Number),
    });
  });

  it('keeps the last 64 KiB of a long standard error', async () => {
    const stderr = `${'x'.repeat(99)}\n`.repeat(1000);
    const error = await failure(faultyEntry({ exit: 1, stderr: `FIRST\n${stderr}LAST\n` }));
    expect(error.stderr).not.toContain('FIRST');
    expect(error.stderr.endsWith('LAST\n')).toBe(true);
    expect(error.stderr.length).toBeLessThanOrEqual(64 * 1024);
    expect(error.stderr.length).toBeGreaterThan(60 * 1024);
  });

  it('names the module that is missing', async () => {
    const error = await failure(
      faultyEntry({ exit: 1, stderr: '/usr/bin/python3: No module named ipykernel_launcher\n' }),
    );
    expect(error.fix).toContain('pip install ipykernel');
  });

  it.each(['tcp', 'ipc'] as const)('ends when what is on its sockets is not ZMTP (%s)', async (transport) => {
    const plan = planKernel(faultyEntry({ garbage: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' }), { transport });
    const error = await startPlan(plan).then(
      () => null,
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(KernelStartError);
    expect((error as KernelStartError).kind).toBe('protocol-violated');
  });

  it('times out when nobody answers, and says how far it got', async () => {
    const error = await failure(faultyEntry({ silent: true }), { timeout: 6000 });
    expect(error.kind).toBe('start-timeout');
    expect(error.message).toContain('never answered kernel_info');
    expect(error.timings.connected).toBeGreaterThan(0);
    expect(error.timings.replied).toBeNull();
  });

  it('is not ready while its iopub says nothing', async () => {
    const error = await failure(faultyEntry({ mute: true }), { timeout: 6000 });
    expect(error.kind).toBe('start-timeout');
    expect(error.message).toContain('iopub');
    expect(error.timings.replied).toBeGreaterThan(0);
  });

  it('an abort wins over the wait, and nothing is left', async () => {
    const controller = new AbortController();
    const plan = planKernel(faultyEntry({ silent: true }));
    const starting = startPlan(plan, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('changed my mind')), 300);
    const error = await starting.then(
      () => null,
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(AbortedError);
    expect((error as AbortedError).cause).toEqual(new Error('changed my mind'));
  });

  it.each([0, 1, 2, 5, 20])('an abort %i ms after the call wins as well', async (ms) => {
    const controller = new AbortController();
    const starting = startPlan(planKernel(faultyEntry({ silent: true })), { signal: controller.signal });
    if (ms === 0) controller.abort();
    else setTimeout(() => controller.abort(), ms);
    await expect(starting).rejects.toBeInstanceOf(AbortedError);
  });

  describe('while it has yet to fill in its ports', () => {
    const entry = faultyEntry({ silent: true });
    // By its argv it is of the family that does.
    const plan = () =>
      planKernel({ ...entry, argv: [...entry.argv, '-m', 'ipykernel_launcher'] }, { transport: 'tcp' });

    it('a time-out is a time-out', async () => {
      expect((await plan()).rung).toBe('zero-ports');
      await expect(startPlan(plan(), { timeout: 500 })).rejects.toMatchObject({ kind: 'start-timeout' });
    });

    it('an abort is an abort', async () => {
      await expect(startPlan(plan(), { signal: AbortSignal.timeout(500) })).rejects.toBeInstanceOf(AbortedError);
    });
  });

  it('an endless time-out is none', async () => {
    const { kernel } = await startPlan(planKernel(faultyEntry()), { timeout: Number.POSITIVE_INFINITY });
    await kernel.close();
  });

  it('an abort before the start starts nothing', async () => {
    await expect(startPlan(planKernel(faultyEntry()), { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(
      AbortedError,
    );
  });

  it('an entry that is not startable says what the entry says', async () => {
    const entry = {
      ...faultyEntry(),
      startable: false,
      problem: { kind: 'program-not-found', message: 'no such thing', fix: 'get it' },
    };
    await expect(startPlan(planKernel(entry))).rejects.toMatchObject({
      kind: 'program-not-found',
      message: 'A test kernel did not start: no such thing',
      fix: 'get it',
    });
  });

  it('runs nothing that is not trusted', async () => {
    await using directory = await tempDir();
    const entry = { ...faultyEntry({ dies: directory.join('ran') }), specFile: '/from/elsewhere/kernel.json' };
    const trust = async (plan: { entry: { specFile: string | null } }) => plan.entry.specFile === '/mine/kernel.json';
    const error = await failure(entry, { trust });
    expect(error.failure).toMatchObject({ kind: 'untrusted-spec', specFile: '/from/elsewhere/kernel.json' });
    expect(error.fix).toContain('trust');
    expect(existsSync(directory.join('ran'))).toBe(false);
    const { kernel } = await startPlan(planKernel(faultyEntry()), { trust: () => true });
    await kernel.close();
  });

  it('starts where its entry cannot be made in the journal, and says so', async () => {
    const problems: string[] = [];
    // the fallback lies in the temporary directory: a file is in its place
    const taken = join(temporary.path, `kernelkit.${process.getuid?.()}`);
    await writeFile(taken, '');
    try {
      const { kernel } = await startPlan(planKernel(faultyEntry()), { onProblem: ({ kind }) => problems.push(kind) });
      await kernel.close();
    } finally {
      await rm(taken);
    }
    expect(problems).toEqual([expect.stringMatching(/^journal-/)]);
  });

  it.each([true, 'alive'])('tries other ports when one was taken in between (%s)', async (taken) => {
    await using directory = await tempDir();
    const once = directory.join('tried');
    const { kernel, host } = await startPlan(planKernel(faultyEntry({ taken, once }), { transport: 'tcp' }));
    expect(existsSync(once)).toBe(true);
    const { pid } = host.launched.process;
    await kernel.close();
    expect(processAlive(pid)).toBe(false);
  });
});
