import { expect, test } from 'vitest';
import { KernelHub, launch, planKernel, RawHost } from '../../src/index.js';
import { faultyEntry } from '../support.js';
import { hubOn, stateOf, statusOf, TestClient } from './support.js';

const exit = '[["stream", "last"], ["input", "end?"], ["exit", 9]]';

/** What a client's status messages say of why. */
function endsOf({ messages }: TestClient): unknown[] {
  return messages.flatMap(({ metadata }) => (metadata.kernelkit as { end?: unknown } | undefined)?.end ?? []);
}

/** Lets the cell go on to its exit: what it printed before is here by then. */
async function answerYes(client: TestClient): Promise<void> {
  const question = await client.until(() => client.messages.find(({ channel }) => channel === 'stdin'));
  await client.until(() => client.messages.some(({ header }) => (header.msg_type as string) === 'stream'));
  client.send('input_reply', { value: 'yes' }, { channel: 'stdin', parent: question });
}

test('death in the middle: the last output, then the error, then dead, in the tick of the news', async () => {
  await using running = hubOn(faultyEntry());
  const { hub } = running;
  const one = new TestClient(hub);
  await hub.ready;
  const cell = one.execute(exit);
  let told: string[] | null = null;
  running.host().onDeath(() => {
    // after the hub's own listener
    told = one.messages.flatMap((each) => stateOf(each) ?? each.header.msg_type);
  });
  await answerYes(one);
  await one.status('dead');
  await one.until(() => told);
  expect(told).toContain('stream');
  // why is told below the cell, too: front ends show nothing of a reply
  expect(told!.slice(-4)).toEqual(['error', 'execute_reply', 'idle', 'dead']);
  expect((await one.reply(cell)).content).toMatchObject({ status: 'error', ename: 'DeadKernelError' });
  expect(hub.failure).toMatchObject({ kind: 'kernel-died', death: { code: 9 } });
  expect(hub.state).toBe('dead');
  // who comes, and what is asked, later
  const late = new TestClient(hub);
  const end = { kind: 'kernel-died', message: expect.stringContaining('died'), code: 9, signal: null, stderr: '' };
  await late.until(() => endsOf(late)[0]);
  for (const client of [one, late]) expect(endsOf(client)).toEqual([expect.objectContaining(end)]);
  expect((await late.reply(late.execute('1'))).content).toMatchObject({ ename: 'DeadKernelError' });
  await hub.restart();
  expect([hub.state, hub.failure]).toEqual(['idle', null]);
  expect(statusOf(await late.reply(late.execute('[["reply"], ["idle"]]')))).toBe('ok');
});

test('started again by itself: told only when the new process answers', async () => {
  await using running = hubOn(faultyEntry(), {}, { autoRestart: { delay: 300 } });
  const { hub } = running;
  const one = new TestClient(hub);
  await hub.ready;
  const cell = one.execute(exit);
  await answerYes(one);
  expect((await one.reply(cell)).content).toMatchObject({ ename: 'DeadKernelError' });
  expect(hub.state).toBe('autorestarting');
  expect(one.messages.some((each) => stateOf(each) === 'restarting')).toBe(false);
  const next = one.execute('[["stream", "again"], ["reply"], ["idle"]]');
  await one.status('restarting');
  expect(hub.state).not.toBe('autorestarting');
  expect(endsOf(one)).toMatchObject([{ kind: 'kernel-died', code: 9 }]);
  await one.reply(next);
  expect(one.printed(next)).toBe('again');
  expect(hub.failure).toBeNull();
});

test('a start that fails: told to everybody, with the failure, and to what was asked', async () => {
  const events: string[] = [];
  const entry = faultyEntry({}, { argv: ['/nowhere/kernel', '-f', '{connection_file}'] });
  await using running = hubOn(entry, { onEvent: ({ kind }) => events.push(kind) });
  const { hub } = running;
  const one = new TestClient(hub);
  const cell = one.execute('1');
  const error: unknown = await hub.ready.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(hub.failure === error).toBe(true);
  expect((await one.reply(cell)).content).toMatchObject({ ename: 'DeadKernelError', evalue: hub.failure!.message });
  await one.status('dead');
  expect(events).toContain('failed');
  expect(endsOf(one)).toMatchObject([{ kind: 'program-not-found', fix: expect.any(String), code: null }]);
  await expect(hub.interrupt()).rejects.toMatchObject({ kind: 'channels-gone' });
});

test('too much asked of a kernel that is not up: refused, not kept', async () => {
  await using running = hubOn(faultyEntry(), { maxPendingBytes: 5000 });
  const one = new TestClient(running.hub);
  const [first, second] = [one.execute('[["reply"], ["idle"]]'), one.execute(`"${'x'.repeat(5000)}"`)];
  expect((await one.reply(second)).content).toMatchObject({ ename: 'KernelNotReadyError' });
  expect(statusOf(await one.reply(first))).toBe('ok');
});

test('closed during the start, and twice: nothing is left, all are told', async () => {
  const { hub } = hubOn(faultyEntry());
  const one = new TestClient(hub);
  const closing = hub.close();
  expect(hub.close()).toBe(closing);
  await closing;
  await expect(hub.ready).rejects.toThrow();
  expect(one.gone).toBe('closed');
  await expect(hub.restart()).rejects.toMatchObject({ kind: 'kernel-closed' });
  const late = new TestClient(hub);
  await late.until(() => late.gone === 'closed');
});

test('closed when code was sent, and the kernel has not said yet that it runs: it is known to be busy', async () => {
  const told: boolean[] = [];
  const hub = new KernelHub('hub', async (signal) => {
    const host = new RawHost(await launch(await planKernel(faultyEntry(), { signal }), { signal }), {});
    const shutdown = host.shutdown.bind(host);
    host.shutdown = (busy) => {
      told.push(busy);
      return shutdown(busy);
    };
    return host;
  });
  const one = new TestClient(hub);
  await hub.ready;
  one.execute('[["reply"], ["idle"]]');
  await hub.close();
  expect(told).toEqual([true]);
});

test('a cell whose idle is lost ends, with a word on what is missing, and what waited for it runs', async () => {
  await using running = hubOn(faultyEntry());
  const one = new TestClient(running.hub);
  await running.hub.ready;
  const cell = one.execute('[["stream", "some"], ["reply"]]');
  expect(statusOf(await one.reply(cell))).toBe('ok');
  expect(one.printed(cell)).toMatch(/^some\[kernelkit\] .*some of its output may be lost .*\n$/);
  expect(running.hub.state).toBe('idle');
  expect(statusOf(await one.reply(one.execute('[["reply"], ["idle"]]')))).toBe('ok');
});

test('a kernel that sends no idle for kernel_info: the idle is supplied', async () => {
  await using running = hubOn(faultyEntry({ answers: ['busy', 'reply'] }));
  const one = new TestClient(running.hub);
  const id = one.send('kernel_info_request', {});
  expect(statusOf(await one.reply(id))).toBe('ok');
});

test('messages that would make a front end throw: filled, or left out and told', async () => {
  const notices: string[] = [];
  await using running = hubOn(faultyEntry(), {
    onEvent: (event) => event.kind === 'notice' && notices.push(event.notice.kind),
  });
  const one = new TestClient(running.hub);
  const cell = one.execute(
    '[["publish", ["status", {"execution_state": "odd"}]], ["publish", ["comm_msg", {}]], ["publish", ["error", {"ename": "E"}]], ["publish", ["clear_output", {}]], ["reply"], ["idle"]]',
  );
  await one.reply(cell);
  const contents = one.messages
    .filter(({ parent_header }) => parent_header.msg_id === cell)
    .map(({ content }) => content);
  expect(contents).toContainEqual({ ename: 'E', evalue: '', traceback: [] });
  expect(contents).toContainEqual({ wait: false });
  expect(contents).not.toContainEqual({ execution_state: 'odd' });
  expect(notices.filter((kind) => kind === 'invalid')).toHaveLength(2);
});

test('a start that was asked for again ends with its hub', async () => {
  let starts = 0;
  const hub = new KernelHub('hub', (signal) => {
    starts += 1;
    if (starts === 1) return Promise.reject(new Error('no'));
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  });
  await expect(hub.ready).rejects.toThrow('no');
  const restart = hub.restart();
  await expect.poll(() => starts).toBe(2);
  await Promise.all([hub.close(), expect(restart).rejects.toThrow('closed')]);
});
