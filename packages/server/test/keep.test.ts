/** Kernels that outlive their gateway. */
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { writeKernelspecs } from '../../../testing/servers/index.js';
import { describeKernel, isolatedEnv } from '../../../testing/support/index.js';
import { isRunning } from '../../core/src/process/index.js';
import { until } from '../../core/test/process/owner.js';
import type { KernelModel } from '../src/index.js';
import type { SessionModel } from '../src/sessions/index.js';
import { client, endAll, keepingProcess, keptPids, printed } from './keep-support.js';

const GAP = /^\[kernelkit\] No gateway ran between \S+Z and \S+Z: what the kernel printed meanwhile is lost\./;

describeKernel('ipykernel', () => {
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
    await before.reply(before.execute('import time; x = 41'));
    const cell = before.execute('for i in range(60):\n    print(i, flush=True); time.sleep(.05)');
    await before.until(() => printed(before.messages, cell).join('').includes('5\n'));
    await one.end('SIGKILL');
    await before.closed;

    await using two = await keepingProcess(dir, user.env);
    expect((await two.ask<SessionModel[]>('GET', 'api/sessions')).body).toMatchObject([
      { ...made.body, kernel: { id, name: 'python3' } },
    ]);
    await using after = await client(`${two.url}api/kernels/${id}`, 'first');
    await using whole = await client(`${two.url}api/kernels/${id}`, 'second', '&after=0');
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
    expect([numbers[0], numbers.at(-1)]).toEqual([0, 59]);
    expect(numbers.length).toBeLessThan(60);
    await whole.until(() => printed(whole.messages, cell).join('').includes('59\n'));
    // the log has what clients saw, but for the very last before the end, which nobody could write down any more
    const all = printed(whole.messages, cell);
    const at = all.findIndex((text) => GAP.test(text));
    expect(seen.join('').startsWith(all.slice(0, at).join(''))).toBe(true);
    expect(all.slice(0, at).join('')).toContain('4\n');
    expect(all.slice(at)).toEqual(more);

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
    expect(await after.closed).toBe(1001);
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
