/** The matrix: what every kernel must do through us, or is known not to. */
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { describeKernel } from '../../../../testing/support/index.js';
import { planKernel, startPlan } from '../../src/index.js';
import { printed, processAlive, resultText } from '../support.js';
import {
  completes,
  displays,
  firstOutput,
  floods,
  howErrorsCome,
  howResultsCome,
  inspects,
  interruptWith,
  isAnswered,
  LONG_MS,
  type Started,
  saysComplete,
  shownValue,
  startOver,
  takes,
  whenInputIsRefused,
} from './observe.js';
import { entryOfRow, type Row } from './row.js';
import { checkOrWriteDocs, isWritingDocs } from './table.js';

/** How long a kernel is watched that is known not to do what it is asked; more where the table is made. */
const WATCHED_MS = isWritingDocs ? 15_000 : 3000;
/** A row that says that a kernel ends only by SIGTERM need not wait for that as long as a user would. */
const QUICK_END_MS = 1500;

/** What goes by way of a terminal has its line ends. */
const plain = (text: string): string => text.replaceAll('\r\n', '\n');

export function describeMatrix(rows: readonly Row[]): void {
  for (const row of rows) describeKernel(row.name, (provided) => describeRow(row, provided));
}

function describeRow(row: Row, provided: Parameters<Parameters<typeof describeKernel>[1]>[0]): void {
  const { code, facts } = row;
  const entry = () => entryOfRow(row, provided);
  const shutdown = facts.shutdown === 'asked' ? {} : { request: isWritingDocs ? 5000 : QUICK_END_MS };
  const fresh = async (): Promise<Started> => {
    const started = await startPlan(planKernel(entry()), { shutdown, timeout: LONG_MS });
    return { ...started, noise: () => '' };
  };
  /** Which the tests use that leave it as they found it. */
  let shared: Started;
  let endedAfterMs: number | null = null;
  /** What a row says that a test has refuted must not get into the table. */
  let isTrue = true;
  const useShortPaths = (): void => {
    if (row.shortPaths) vi.stubEnv('TMPDIR', '/tmp');
  };

  beforeAll(async () => {
    useShortPaths();
    shared = await fresh();
  });
  beforeEach(useShortPaths);
  afterEach(({ task }) => {
    vi.unstubAllEnvs();
    if (task.result?.state === 'fail') isTrue = false;
  });
  afterAll(async () => {
    await shared?.kernel.close();
  });

  test('runs code, gives its result, its error and its count', async () => {
    const { kernel } = await fresh();
    await using _ = kernel;
    // What it prints at once after its start is not lost: testbed.md, quirk 13.
    const first = await kernel.execute(code.print('hello'));
    expect(first.status).toBe('ok');
    expect(plain(printed(first))).toBe('hello\n');
    expect(first.executionCount).toBe(facts.firstCount);
    const second = await kernel.execute(code.sum[0]);
    expect(resultText(second)).toBe(code.sum[1]);
    expect(second.executionCount).toBe(facts.firstCount + 1);
    expect(await howErrorsCome(kernel, code.fail)).toBe(facts.errors);
    expect(resultText(await kernel.execute(code.sum[0]))).toBe(code.sum[1]);
    const count = (await kernel.execute(code.sum[0])).executionCount!;
    expect((await kernel.execute(code.sum[0], { silent: true })).status).toBe('ok');
    // Late output of the silent one does not leak into the next either.
    const after = await kernel.execute(code.sum[0]);
    expect(resultText(after)).toBe(code.sum[1]);
    expect(after.executionCount! - count).toBe(facts.silentCounts ? 2 : 1);
  });

  test('is reached over the transports that it takes, and no others', async () => {
    const takesRung = (rung: 'ipc' | 'zero-ports', isKnownTo: boolean) =>
      takes(entry(), rung, isKnownTo ? LONG_MS : WATCHED_MS);
    const [ipc, zeroPorts] = await Promise.all([takesRung('ipc', facts.ipc), takesRung('zero-ports', facts.zeroPorts)]);
    expect({ ipc, zeroPorts }).toEqual({ ipc: facts.ipc, zeroPorts: facts.zeroPorts });

    // quirks.ts has it so, and a start that leaves the choice to us makes use of it.
    const planned = await planKernel(entry());
    expect(planned.rung).toBe(
      facts.ipc && !planned.quirks.losesOverIpc ? 'ipc' : facts.zeroPorts ? 'zero-ports' : 'reserved-ports',
    );
    const overTcp = await planKernel(entry(), { transport: 'tcp' });
    expect(overTcp.rung).toBe(facts.zeroPorts ? 'zero-ports' : 'reserved-ports');

    // Ports that were chosen for it every kernel takes.
    const { kernel, host } = await startOver(entry(), 'reserved-ports');
    const { connectionFile, process: child } = host.launched;
    expect(statSync(connectionFile).mode & 0o777).toBe(0o600);
    expect(resultText(await kernel.execute(code.sum[0]))).toBe(code.sum[1]);
    await kernel.close();
    expect(processAlive(child.pid)).toBe(false);
    expect(existsSync(dirname(connectionFile))).toBe(false);
    expect(kernel.status).toBe('closed');
  });

  test('keeps the order of what it prints, and runs what was queued in order', async () => {
    const executions = Array.from({ length: 10 }, (_, i) => shared.kernel.execute(code.print(`line ${i}`)));
    const results = await Promise.all(executions);
    expect(results.map((result) => plain(printed(result)))).toEqual(results.map((_, i) => `line ${i}\n`));
  });

  test('gives results, and the echo of the code, in the messages that are known', async () => {
    const { result, executeInput } = await howResultsCome(shared.kernel, code.sum);
    expect({ result, executeInput }).toEqual({ result: facts.result, executeInput: facts.executeInput });
    // Some become idle before their result is out.
    for (let again = 0; again < 10; again++) {
      expect(resultText(await shared.kernel.execute(code.sum[0]))).toBe(code.sum[1]);
    }
  });

  test('completes', async () => {
    expect(await completes(shared.kernel, code.complete)).toBe(facts.complete);
  });

  test('inspects, and says whether code is complete', async () => {
    expect(await inspects(shared.kernel, code.inspect)).toBe(facts.inspect);
    expect(await saysComplete(shared.kernel, code.sum[0])).toBe(facts.isComplete);
    expect((await shared.kernel.kernelInfo()).implementation).toBe(shared.kernel.info.implementation);
  });

  test('displays', async () => {
    expect(await displays(shared.kernel, code.display)).toBe(facts.display);
  });

  test('ten megabytes of output', async () => {
    expect(await floods(shared.kernel, code.flood)).toBe(facts.tenMegabytes);
  });

  test('asks for input, or is told that there is none', async () => {
    if (code.ask === null) {
      expect(facts).toMatchObject({ stdin: false, stdinRefused: null });
      return;
    }
    await using kernel = (await fresh()).kernel;
    expect(await isAnswered(kernel, code.ask)).toBe(facts.stdin);
    expect(await whenInputIsRefused(kernel, code.ask)).toBe(facts.stdinRefused);
    expect(resultText(await kernel.execute(code.sum[0]))).toBe(code.sum[1]);
  });

  test('SIGINT does to it what is known', async () => {
    const { kernel, host } = await fresh();
    await using _ = kernel;
    const kill = () => process.kill(-host.launched.process.pid, 'SIGINT');
    const end = await interruptWith(kernel, code, kill, facts.sigint === 'ignored' ? WATCHED_MS : LONG_MS);
    expect(end === 'died' ? 'ends' : end === 'ran on' ? 'ignored' : 'interrupts').toBe(facts.sigint);
  });

  test('interrupt_request does to it what is known', async () => {
    await using kernel = (await fresh()).kernel;
    // Whether it is answered is another matter: IRkernel and others never answer what they do not know.
    const ask = () => void kernel.request('interrupt_request', {}, { channel: 'control' }).catch(() => {});
    const isIgnored = facts.interruptRequest === 'ignored';
    const end = await interruptWith(kernel, code, ask, isIgnored ? WATCHED_MS : LONG_MS);
    expect(end === 'ran on' ? 'ignored' : 'interrupts').toBe(facts.interruptRequest);
  });

  test('is interrupted in the way that it takes and goes on, or says that it cannot be', async () => {
    const { kernel, host } = await fresh();
    await using _ = kernel;
    await kernel.execute(code.define);
    const controller = new AbortController();
    const execution = kernel.execute(code.loop, { signal: controller.signal, stopOnError: false });
    await firstOutput(execution);
    controller.abort();
    if (facts.interrupt === 'refused') {
      await expect(execution).rejects.toMatchObject({ kind: 'interrupt-unsupported' });
      await expect(kernel.interrupt()).rejects.toMatchObject({ kind: 'interrupt-unsupported' });
      // The point of it: nothing of what the kernel holds is lost.
      expect(host.launched.process.exit).toBeNull();
      return;
    }
    expect((await execution).status).toBe(facts.interrupted);
    expect((await shownValue(kernel, code.use)) !== '').toBe(facts.interruptKeeps);
    expect(resultText(await kernel.execute(code.sum[0]))).toBe(code.sum[1]);
    expect(host.interrupt === null ? 'message' : 'signal').toBe(facts.interrupt);
  });

  test('restarts under its id, with nothing of before', async () => {
    const { kernel, host } = await fresh();
    await using _ = kernel;
    const { id } = kernel;
    const { pid } = host.launched.process;
    await kernel.execute(code.define);
    expect(await shownValue(kernel, code.use)).not.toBe('');
    const pending = kernel.execute(code.loop);
    const rejected = expect(pending).rejects.toMatchObject({ kind: 'kernel-restarted' });
    await firstOutput(pending);
    await kernel.restart();
    await rejected;
    expect(processAlive(pid)).toBe(false);
    expect(kernel.id).toBe(id);
    const result = await kernel.execute(code.sum[0]);
    expect(result.executionCount).toBe(facts.firstCount);
    expect(resultText(result)).toBe(code.sum[1]);
    expect(await shownValue(kernel, code.use)).toBe('');
  });

  test('ends when it is asked to, or is made to', async () => {
    const child = shared.host.launched.process;
    // what a cell leaves behind (a thread of JJava's, for a minute) is part of it
    await shared.kernel.execute(code.sum[0]);
    const began = performance.now();
    await shared.kernel.close();
    endedAfterMs = performance.now() - began;
    expect(processAlive(child.pid)).toBe(false);
    const { code: status, signal } = child.exit!;
    // What catches SIGTERM ends with 128 + 15.
    expect(signal === 'SIGTERM' || status === 143 ? 'SIGTERM' : signal === null ? 'asked' : signal).toBe(
      facts.shutdown,
    );
  });

  test('docs/kernels.md says so', async () => {
    expect(isTrue).toBe(true);
    await checkOrWriteDocs(row, provided.version, endedAfterMs);
  });
}
