/** Kernels that outlive their gateway. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { catalog } from '@kernelkit/core';
import type { JupyterMessage } from '@kernelkit/protocol';
import { expect, test } from 'vitest';
import { writeKernelspecs } from '../../../testing/servers/index.js';
import { describeKernel, isolatedEnv } from '../../../testing/support/index.js';
import { isRunning } from '../../core/src/process/index.js';
import { until } from '../../core/test/process/owner.js';
import { type Gateway, type GatewayEvent, type GatewayOptions, type KernelModel, openGateway } from '../src/index.js';
import type { SessionModel } from '../src/sessions/index.js';
import { type AnySocket, client, endAll, keepingProcess, keptPids, printed } from './keep-support.js';

const textOf = ({ content }: JupyterMessage) => (content as unknown as { text?: string }).text ?? '';
const gapsOf = (messages: readonly JupyterMessage[]) =>
  messages.flatMap(({ metadata }) => (metadata.kernelkit as { gap?: object } | undefined)?.gap ?? []);
const GAP = /^\[kernelkit\] No gateway ran between \S+Z and \S+Z: what the kernel printed meanwhile is lost\./;

/** Gateways in this process, one after the other, on one directory. */
async function keeping(names: Parameters<typeof writeKernelspecs>[1]) {
  const user = await isolatedEnv();
  await writeKernelspecs(user, names);
  const dir = user.dir.join('kept');
  const ended = endAll(dir);
  const events: GatewayEvent[] = [];
  const find = (signal: AbortSignal) => catalog({ cwd: user.home, env: user.env, home: user.home, signal });
  return {
    ...{ user, dir, events },
    open: (options: GatewayOptions = {}): Promise<Gateway> =>
      openGateway({
        ...{ keep: { dir }, env: user.env, rootDir: user.home, find, onEvent: (event) => events.push(event) },
        ...options,
      }),
    pid: async (id: string) => (await keptPids(dir)).get(id)!,
    async [Symbol.asyncDispose]() {
      await ended[Symbol.asyncDispose]();
      await user[Symbol.asyncDispose]();
    },
  };
}

function inProcess(gateway: Gateway, id: string, session: string) {
  const make = (url: string, protocol: string) => new gateway.WebSocket(url, protocol) as unknown as AnySocket;
  return client(`ws://in.process/api/kernels/${id}`, session, '', make);
}

/** A kernel whose gateway has ended after code had printed "waits" for the session `s`: its id, and the request's. */
async function waitingAtEnd(kept: Awaited<ReturnType<typeof keeping>>, code: string): Promise<[string, string]> {
  await using gateway = await kept.open();
  const { id } = (await gateway.kernels.create({})).hub;
  const first = await inProcess(gateway, id, 's');
  const running = first.execute(code);
  await first.until((each) => textOf(each) === 'waits\n');
  return [id, running];
}

const ask = (gateway: Gateway, method: string, path: string) =>
  gateway.fetch(new Request(`http://in.process/${path}`, { method }));

describeKernel('xpython-raw', () => {
  test('on TCP, without interrupt: kept, adopted, and its death seen although it is nobody’s child', async () => {
    await using kept = await keeping(['xpython-raw']);
    let [id, busy] = ['', ''];
    {
      await using gateway = await kept.open();
      ({ id } = (await gateway.kernels.create({ name: 'xpython-raw' })).hub);
      const first = await inProcess(gateway, id, 's');
      const code = first.execute(
        'import os, sys; x = 5; print(os.environ.get("JPY_PARENT_PID"), os.getsid(0) == os.getpid())',
      );
      await first.reply(code);
      expect(printed(first.messages, code).join('').trim()).toBe('None True');
      busy = first.execute('import time; time.sleep(1); y = 2');
      await first.until((each) => each.parent_header.msg_id === busy && each.header.msg_type === 'execute_input');
    }
    const { pid, startTime } = await kept.pid(id);
    expect(isRunning(pid, startTime)).toBe(true);
    await using gateway = await kept.open({ autoRestart: false });
    await using again = await inProcess(gateway, id, 's');
    // its sockets take no second connection under the name of the first: what it answers to that is lost, and it is heard all the same
    expect((await again.reply(busy)).content).toMatchObject({ ename: 'AnswerLostError' });
    const value = again.execute('print(x + y)');
    await again.reply(value);
    expect(printed(again.messages, value).join('')).toBe('7\n');
    expect(again.messages.filter((each) => GAP.test(textOf(each)))).toHaveLength(1);
    const running = again.execute('import os; os.write(2, b"the last words\\n"); print("said"); time.sleep(60)');
    await again.until(() => printed(again.messages, running).join('').includes('said'));
    process.kill(pid, 'SIGKILL');
    expect((await again.reply(running)).content).toMatchObject({ status: 'error', ename: 'DeadKernelError' });
    const model = (await (await ask(gateway, 'GET', `api/kernels/${id}`)).json()) as KernelModel;
    expect(model).toMatchObject({ execution_state: 'dead', traceback: expect.stringContaining('the last words') });
    expect((await ask(gateway, 'POST', `api/kernels/${id}/restart`)).status).toBe(200);
    const fresh = again.execute('print("x" in globals())');
    await again.reply(fresh);
    expect(printed(again.messages, fresh).join('')).toBe('False\n');
    expect((await ask(gateway, 'DELETE', `api/kernels/${id}`)).status).toBe(204);
    expect((await readdir(kept.dir)).sort()).toEqual(['lock']);
  });
});

describeKernel('ipykernel', () => {
  test('what was answered while no gateway ran is said to be lost; a question that was open is answered afterwards', async () => {
    await using kept = await keeping(['ipykernel']);
    const marks = kept.user.dir.join('done');
    let [id, lost, queued] = ['', '', ''];
    {
      await using gateway = await kept.open();
      ({ id } = (await gateway.kernels.create({})).hub);
      const first = await inProcess(gateway, id, 's');
      lost = first.execute('import time; time.sleep(1); y = 7');
      await first.until((each) => each.parent_header.msg_id === lost && each.header.msg_type === 'execute_input');
      // when this one runs, the one before is answered
      queued = first.execute(`open(${JSON.stringify(marks)}, "w").close(); name = input("who? ")`);
    }
    expect(await until(() => existsSync(marks))).not.toBeNull();
    await using gateway = await kept.open();
    await using again = await inProcess(gateway, id, 's');
    // the kernel waits for an answer to a question that nobody has heard: it is interrupted, and then done with all that came before
    await gateway.kernels.get(id).hub.ready;
    expect((await ask(gateway, 'POST', `api/kernels/${id}/interrupt`)).status).toBe(204);
    expect((await again.reply(lost)).content).toMatchObject({ status: 'error', ename: 'AnswerLostError' });
    await again.reply(queued);
    const value = again.execute('print(y)');
    await again.reply(value);
    expect(printed(again.messages, value)).toEqual(['7\n']);
    const asked = again.execute('name = input("who? "); print("hello", name)');
    const question = await again.until((each) => each.channel === 'stdin' && each.parent_header.msg_id === asked);
    await gateway[Symbol.asyncDispose]();
    expect(await again.closed).toBe(1012);
    expect(gapsOf(again.messages)).toMatchObject([{ isCut: false }]);

    // as where a disk was full, or the machine ended in the middle of it
    const names = await readdir(join(kept.dir, id));
    const log = join(
      kept.dir,
      id,
      names
        .filter((name) => name.startsWith('log-'))
        .sort()
        .at(-1)!,
    );
    await truncate(log, (await stat(log)).size - 3);
    await using last = await kept.open();
    await using third = await inProcess(last, id, 's');
    await last.kernels.get(id).hub.ready;
    await third.until((each) => GAP.test(textOf(each)));
    expect(gapsOf(third.messages)).toMatchObject([{ isCut: true }]);
    third.answer(question, 'you');
    expect((await third.reply(asked)).content).toMatchObject({ status: 'ok' });
    expect(printed(third.messages, asked).filter((text) => !GAP.test(text))).toEqual(['hello you\n']);
    expect((await ask(last, 'DELETE', `api/kernels/${id}`)).status).toBe(204);
  });

  test('what is answered while the next gateway joins it reaches who asked', async () => {
    await using kept = await keeping(['ipykernel']);
    const code = `
import threading
joined = threading.Event()
handlers = get_ipython().kernel.control_handlers
info = handlers["kernel_info_request"]
handlers["kernel_info_request"] = lambda *request: (joined.set(), info(*request))[1]
print("waits", flush=True)
joined.wait()`;
    const [id, running] = await waitingAtEnd(kept, code);
    await using gateway = await kept.open();
    await using again = await inProcess(gateway, id, 's');
    expect((await again.reply(running)).content).toMatchObject({ status: 'ok' });
    expect((await ask(gateway, 'DELETE', `api/kernels/${id}`)).status).toBe(204);
  });

  test('a cell whose end comes late, after its answer, is done then, and not before', async () => {
    await using kept = await keeping(['ipykernel']);
    // as on a machine where its thread for output gets no processor
    const code = `
import threading, time
joined, late = threading.Event(), threading.Event()
kernel = get_ipython().kernel
info, send = kernel.control_handlers["kernel_info_request"], kernel.iopub_thread._really_send
kernel.control_handlers["kernel_info_request"] = lambda *request: (joined.set(), info(*request))[1]
kernel.iopub_thread._really_send = lambda *message, **how: (late.is_set() and time.sleep(1), send(*message, **how))
print("waits", flush=True)
joined.wait()
late.set()`;
    const [id, running] = await waitingAtEnd(kept, code);
    await using gateway = await kept.open();
    await using again = await inProcess(gateway, id, 's');
    await again.reply(running);
    await again.reply(again.execute('late.clear()'));
    const states = again.messages
      .filter(({ parent_header }) => parent_header.msg_id === running)
      .flatMap(({ content }) => (content as { execution_state?: string }).execution_state ?? []);
    expect(states).toEqual(['idle']);
    expect((await ask(gateway, 'DELETE', `api/kernels/${id}`)).status).toBe(204);
  });

  test('one that was still starting ends with its gateway, and the next one says so, and can start it', async () => {
    await using kept = await keeping(['ipykernel']);
    let id = '';
    {
      await using gateway = await kept.open();
      ({ id } = (await gateway.kernels.create({})).hub);
      // its process is there, and has not answered
      await expect.poll(() => kept.pid(id)).toBeDefined();
    }
    const { pid, startTime } = await kept.pid(id);
    expect(isRunning(pid, startTime)).toBe(false);
    await using gateway = await kept.open();
    const { hub } = gateway.kernels.get(id);
    await expect(hub.ready).rejects.toThrow('its gateway ended while it was started');
    expect((await ask(gateway, 'POST', `api/kernels/${id}/restart`)).status).toBe(200);
    expect(hub.state).toBe('idle');
    expect((await ask(gateway, 'DELETE', `api/kernels/${id}`)).status).toBe(204);
    expect((await readdir(kept.dir)).sort()).toEqual(['lock']);
  });

  test('one that cannot be reached is dead to clients, and ended when it is to be', async () => {
    await using kept = await keeping(['ipykernel']);
    let id = '';
    {
      await using gateway = await kept.open();
      const { hub } = await gateway.kernels.create({});
      id = hub.id;
      await hub.ready;
    }
    const { pid, startTime } = await kept.pid(id);
    process.kill(pid, 'SIGSTOP');
    await using gateway = await kept.open({ startTimeout: 500 });
    await expect(gateway.kernels.get(id).hub.ready).rejects.toMatchObject({ kind: 'kernel-unreachable' });
    expect(isRunning(pid, startTime)).toBe(true);
    expect((await ask(gateway, 'DELETE', `api/kernels/${id}`)).status).toBe(204);
    expect(isRunning(pid, startTime)).toBe(false);
    expect(kept.events.filter(({ kind }) => kind === 'request-failed')).toEqual([]);
  });

  test('a gateway that is killed in the middle of a cell, and the next one: ids, sessions, variables, and the log with its gap', async () => {
    await using user = await isolatedEnv();
    await writeKernelspecs(user, ['ipykernel']);
    const dir = user.dir.join('kept');
    await using _ended = endAll(dir);
    await using one = await keepingProcess(dir, user.env);
    const body = { path: 'a.ipynb', type: 'notebook', name: 'a', kernel: { name: 'python3' } };
    const made = await one.ask<SessionModel>('POST', 'api/sessions', body);
    expect(made.status).toBe(201);
    const { id } = made.body.kernel;
    const before = await client(`${one.url}api/kernels/${id}`, 'first');
    const [at, end] = [user.dir.join('at'), user.dir.join('end')];
    await before.reply(before.execute('import itertools, os, time; x = 41'));
    // until the next gateway hears it, however long that takes
    const code = `
for i in itertools.count():
    print(f"{i}\\n", end="", flush=True)
    with open(${JSON.stringify(at)}, "w") as file: file.write(str(i))
    if os.path.exists(${JSON.stringify(end)}): break
    time.sleep(.05)`;
    const cell = before.execute(code);
    await before.until(() => printed(before.messages, cell).join('').includes('5\n'));
    // it is written down a moment later
    const isWritten = () =>
      readdirSync(join(dir, id)).some((name) => readFileSync(join(dir, id, name), 'latin1').includes('"5\\n"'));
    expect(await until(isWritten)).not.toBeNull();
    await one.end('SIGKILL');
    await before.closed;
    const seenLast = Number(printed(before.messages, cell).join('').trim().split('\n').at(-1));
    expect(await until(() => Number(readFileSync(at, 'utf8')) > seenLast + 3)).not.toBeNull();

    await using two = await keepingProcess(dir, user.env);
    expect((await two.ask<SessionModel[]>('GET', 'api/sessions')).body).toMatchObject([
      { ...made.body, kernel: { id, name: 'python3' } },
    ]);
    await using after = await client(`${two.url}api/kernels/${id}`, 'first');
    await using whole = await client(`${two.url}api/kernels/${id}`, 'second', '&after=0');
    await after.until(() => printed(after.messages, cell).some((text) => !GAP.test(text)));
    await writeFile(end, '');
    expect((await after.reply(cell)).content).toMatchObject({ status: 'ok' });
    // what it had is not sent again, nor is anything left out but what the gap says
    const [seen, more] = [printed(before.messages, cell), printed(after.messages, cell)];
    const gaps = more.filter((text) => GAP.test(text));
    expect(gaps).toHaveLength(1);
    const numbers = [...seen, ...more]
      .filter((text) => !GAP.test(text))
      .join('')
      .trim()
      .split('\n')
      .map(Number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    const last = Number(await readFile(at, 'utf8'));
    expect([numbers[0], numbers.at(-1)]).toEqual([0, last]);
    expect(numbers.length).toBeLessThan(last + 1);
    await whole.until(() => printed(whole.messages, cell).join('').includes(`\n${last}\n`));
    // the log has what clients saw, but for the very last before the end, which nobody could write down any more
    const all = printed(whole.messages, cell);
    const gap = all.findIndex((text) => GAP.test(text));
    expect(seen.join('').startsWith(all.slice(0, gap).join(''))).toBe(true);
    expect(all.slice(0, gap).join('')).toContain('4\n');
    expect(all.slice(gap)).toEqual(more);

    const value = after.execute('print(x + 1)');
    await after.reply(value);
    expect(printed(after.messages, value)).toEqual(['42\n']);
    const slept = after.execute('time.sleep(60)');
    await after.until((each) => each.parent_header.msg_id === slept && each.header.msg_type === 'execute_input');
    expect((await two.ask('POST', `api/kernels/${id}/interrupt`)).status).toBe(204);
    expect((await after.reply(slept)).content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' });
    const { pid, startTime } = (await keptPids(dir)).get(id)!;
    expect((await two.ask('POST', `api/kernels/${id}/restart`)).status).toBe(200);
    expect(isRunning(pid, startTime)).toBe(false);
    const fresh = after.execute('print("x" in globals())');
    await after.reply(fresh);
    expect(printed(after.messages, fresh)).toEqual(['False\n']);

    await expect(keepingProcess(dir, user.env)).rejects.toThrow(
      new RegExp(`keep-taken[^]*process ${two.pid}|process ${two.pid}[^]*keep-taken`),
    );

    // it leaves them, and says so to those who may come back
    expect(await two.end('SIGTERM')).toBe(0);
    expect(await after.closed).toBe(1012);
    const left = (await keptPids(dir)).get(id)!;
    expect(left.pid).not.toBe(pid);
    expect(isRunning(left.pid, left.startTime)).toBe(true);
    process.kill(left.pid, 'SIGKILL');
    expect(await until(() => !isRunning(left.pid, left.startTime))).not.toBeNull();

    await using three = await keepingProcess(dir, user.env);
    const { body: dead } = await three.ask<KernelModel>('GET', `api/kernels/${id}`);
    expect(dead).toMatchObject({ id, name: 'python3', execution_state: 'dead' });
    expect(dead.reason).toContain('it ended while no gateway ran');
    expect((await three.ask('DELETE', `api/kernels/${id}`)).status).toBe(204);
    expect((await three.ask('GET', 'api/kernels')).body).toEqual([]);
    expect(await three.end('SIGTERM')).toBe(0);
    expect(await readdir(dir)).toEqual(['sessions.json']);
  });
});
