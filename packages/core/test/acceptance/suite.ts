/**
 * The acceptance of the Kernel API: whatever way leads to a kernel, it does the same. What a kernel is known to do is in its row of the
 * matrix; what cannot be asked of it is in the test's title.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { describeServer } from '../../../../testing/servers/index.js';
import { describeKernel } from '../../../../testing/support/index.js';
import type { Kernel } from '../../src/index.js';
import {
  completes,
  displays,
  firstOutput,
  floods,
  howErrorsCome,
  howResultsCome,
  inspects,
  isAnswered,
  saysComplete,
  shownValue,
  whenInputIsRefused,
} from '../matrix/observe.js';
import type { Row } from '../matrix/row.js';
import { printed, resultText } from '../support.js';
import { describeProtocol } from './protocol.js';
import { type OpenWay, WAYS, type Way } from './ways.js';
import { WORDS } from './words.js';

export function describeAcceptance(row: Row): void {
  describeKernel(row.name, () => {
    for (const way of WAYS) {
      const body = (): void => {
        describe(way.name, () => describeWay(row, way));
      };
      if (way.needs === null) body();
      else describeServer(way.needs, body);
    }
  });
}

function describeWay(row: Row, way: Way): void {
  const { code, facts } = row;
  const words = WORDS[row.name]!;
  let open: OpenWay;
  /** Which the tests use that leave it as they found it. */
  let shared: Kernel;

  beforeAll(async () => {
    open = await way.open(row);
    shared = await open.start();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    await shared?.close();
    await open?.[Symbol.asyncDispose]();
  });

  test('runs code: what it prints, its result, its error, its count', async () => {
    await using kernel = await open.start();
    const first = await kernel.execute(code.print('hello'));
    expect(first).toMatchObject({ status: 'ok', executionCount: facts.firstCount });
    expect(printed(first)).toBe('hello\n');
    const second = await kernel.execute(code.sum[0]);
    expect(resultText(second)).toBe(code.sum[1]);
    expect(second.executionCount).toBe(facts.firstCount + 1);
    expect(await howResultsCome(kernel, code.sum)).toEqual({ result: facts.result, executeInput: facts.executeInput });
    expect(await howErrorsCome(kernel, code.fail)).toBe(facts.errors);
    expect(kernel.status).toBe('idle');
    expect(kernel.info.language_info.name).not.toBe('');
  });

  test('keeps the streams apart, and the order of what is printed', async () => {
    const streamed: string[] = [];
    for await (const output of shared.execute(words.streams)) {
      if (output.output_type === 'stream' && output.text.trim() !== '')
        streamed.push(`${output.name}: ${output.text.trim()}`);
    }
    // xeus-python sends a line's end by itself.
    expect(streamed).toEqual(['stdout: o1', 'stderr: e1', 'stdout: o2']);
    const many = await shared.execute(words.count(words.lines));
    expect(printed(many)).toBe(Array.from({ length: words.lines }, (_, i) => `${i}\n`).join(''));
  });

  test('runs what was queued in order', async () => {
    const executions = Array.from({ length: 10 }, (_, i) => shared.execute(code.print(`line ${i}`)));
    const results = await Promise.all(executions);
    expect(results.map((result) => printed(result))).toEqual(results.map((_, i) => `line ${i}\n`));
  });

  test('completes, inspects, says what is complete, displays', async () => {
    expect({
      complete: await completes(shared, code.complete),
      inspect: await inspects(shared, code.inspect),
      isComplete: await saysComplete(shared, code.sum[0]),
      display: await displays(shared, code.display),
    }).toEqual({
      ...{ complete: facts.complete, inspect: facts.inspect },
      ...{ isComplete: facts.isComplete, display: facts.display },
    });
  });

  test('ten megabytes come, and eight go', async () => {
    const notices: unknown[] = [];
    const stop = shared.on('notice', (notice) => notices.push(notice));
    expect(await floods(shared, code.flood)).toBe(facts.tenMegabytes);
    expect(resultText(await shared.execute(words.lengthOf('x'.repeat(8_000_000))))).toMatch(/8000000|8e\+06/);
    expect(notices).toEqual([]);
    stop();
  });

  test('asks for input, or is told that there is none', async () => {
    await using kernel = await open.start();
    expect(await isAnswered(kernel, code.ask!)).toBe(facts.stdin);
    expect(await whenInputIsRefused(kernel, code.ask!)).toBe(facts.stdinRefused);
    expect(resultText(await kernel.execute(code.sum[0]))).toBe(code.sum[1]);
  });

  test('is interrupted by an abort and keeps what it holds, or says that it cannot be', async () => {
    await using kernel = await open.start();
    await kernel.execute(code.define);
    const controller = new AbortController();
    const execution = kernel.execute(code.loop, { signal: controller.signal, stopOnError: false });
    await firstOutput(execution);
    controller.abort();
    if (facts.interrupt === 'refused') {
      await expect(execution).rejects.toMatchObject({ kind: 'interrupt-unsupported' });
      await expect(kernel.interrupt()).rejects.toMatchObject({ kind: 'interrupt-unsupported' });
      return;
    }
    expect((await execution).status).toBe(facts.interrupted);
    expect((await shownValue(kernel, code.use)) !== '').toBe(facts.interruptKeeps);
  });

  test('code whose signal is aborted already is never sent', async () => {
    await using kernel = await open.start();
    const never = kernel.execute(code.define, { signal: AbortSignal.abort() });
    await expect(never).rejects.toMatchObject({ kind: 'aborted' });
    expect((await kernel.execute(code.sum[0])).executionCount).toBe(facts.firstCount);
  });

  test('restarts under its id, with nothing of before', async () => {
    await using kernel = await open.start();
    const { id } = kernel;
    await kernel.execute(code.define);
    expect(await shownValue(kernel, code.use)).not.toBe('');
    const pending = kernel.execute(code.loop);
    const rejected = expect(pending).rejects.toMatchObject({ kind: 'kernel-restarted' });
    await firstOutput(pending);
    await kernel.restart();
    await rejected;
    expect(kernel.id).toBe(id);
    const result = await kernel.execute(code.sum[0]);
    expect(result.executionCount).toBe(facts.firstCount);
    expect(resultText(result)).toBe(code.sum[1]);
    expect(await shownValue(kernel, code.use)).toBe('');
  });

  test('dies in the middle of a cell: its last words come, all that waits is told, and it comes back', async () => {
    await using kernel = await open.start();
    const deaths: unknown[] = [];
    kernel.on('died', (death) => deaths.push(death));
    const back = new Promise<void>((resolve) => {
      kernel.on('revival', ({ kind }) => {
        if (kind === 'restarted') resolve();
      });
    });
    let spoke = (): void => {};
    const spoken = new Promise<void>((resolve) => {
      spoke = resolve;
    });
    // It dies when its last words are here: what it has not sent goes with it.
    const dying = kernel.execute(words.die, { onInput: () => spoken.then(() => '') });
    const queued = kernel.execute(code.sum[0]);
    const told = Promise.all([
      expect(dying).rejects.toMatchObject({ kind: 'kernel-died' }),
      expect(queued).rejects.toMatchObject({ kind: 'kernel-died' }),
    ]);
    expect(await firstOutput(dying)).toMatchObject({
      output_type: 'stream',
      text: expect.stringContaining('last words'),
    });
    spoke();
    await told;
    await back;
    expect(deaths).toMatchObject([{ willRestart: true }]);
    expect(resultText(await kernel.execute(code.sum[0]))).toBe(code.sum[1]);
  });

  test('closed in the middle of a cell: all that waits is told, and nothing can be asked any more', async () => {
    const kernel = await open.start();
    const running = kernel.execute(code.loop);
    const told = expect(running).rejects.toMatchObject({ kind: 'kernel-closed' });
    await firstOutput(running);
    await kernel.close();
    await told;
    expect(kernel.status).toBe('closed');
    await kernel.close();
    await expect(kernel.execute(code.sum[0])).rejects.toMatchObject({ kind: 'kernel-closed' });
    await expect(kernel.complete('x', 1)).rejects.toMatchObject({ kind: 'kernel-closed' });
  });

  test('two clients: each its own results, both what is printed; the second leaves the kernel alone', async () => {
    await using owner = await open.start();
    const guest = await open.join(owner);
    const late: string[] = [];
    guest.on('lateOutput', ({ output }) => late.push(JSON.stringify(output)));
    await owner.execute(code.define);
    const [ours, theirs] = await Promise.all([owner.execute(code.print('ours')), guest.execute(code.print('theirs'))]);
    expect([printed(ours), printed(theirs)]).toEqual(['ours\n', 'theirs\n']);
    expect(await shownValue(guest, code.use)).not.toBe('');
    expect(late.join()).toContain('ours');
    expect(late.join()).not.toContain('theirs');
    await guest.close();
    expect(await shownValue(owner, code.use)).not.toBe('');
  });

  test('a busy kernel is joined, and its output seen', async () => {
    await using owner = await open.start();
    const running = owner.execute(words.slow);
    await firstOutput(running);
    await using guest = await open.join(owner);
    expect(guest.status).toBe('busy');
    await new Promise<void>((resolve) => {
      guest.on('lateOutput', ({ output }) => {
        if (output.output_type === 'stream' && output.text.includes('done')) resolve();
      });
    });
    expect(printed(await running)).toBe('in\ndone\n');
    expect(resultText(await guest.execute(code.sum[0]))).toBe(code.sum[1]);
  });

  if (row.name === 'ipykernel') describeProtocol(() => open);
}
