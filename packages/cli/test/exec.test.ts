import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeKernel, isolatedEnv } from '../../../testing/support/index.js';
import {
  addSpec,
  alive,
  begin,
  command,
  ensureBuilt,
  faultySpec,
  jsonLines,
  kernelkit,
  Running,
  userWith,
} from './support.js';

beforeAll(ensureBuilt);

describe('a scripted kernel', () => {
  const ok = [['reply'], ['idle']];
  const code = (...steps: unknown[][]) => JSON.stringify(steps);

  test('no such kernel is 3, with a last line of JSON', async () => {
    await using user = await isolatedEnv();
    const { status, stdout } = await kernelkit(['exec', '--json', '-k', 'nope', '1'], { env: user.env });
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'error',
      execution_count: null,
      error: { kind: 'kernel-not-found' },
    });
  });

  test('a kernel that ends at its start is 4, with its last words and what was tried', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'broken', faultySpec({ exit: 3, stderr: 'Boom: no such thing\n' }));
    const { status, stdout, stderr } = await kernelkit(['exec', '--json', '-k', 'broken', '1'], { env: user.env });
    expect(status).toBe(4);
    expect(stderr).toMatch(/exited with status 3[\s\S]*tried: .*faulty-kernel[\s\S]*\| Boom: no such thing/);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'error',
      error: { kind: 'process-exited', stderr: 'Boom: no such thing\n' },
    });
  });

  test('a program that is not there is 4', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'gone', { argv: ['/nowhere/kernel', '{connection_file}'], display_name: 'X', language: 'x' });
    expect((await kernelkit(['exec', '-k', 'gone', '1'], { env: user.env })).status).toBe(4);
  });

  test('a kernel that dies while it runs is 5, with its last words', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const steps = code(['stream', 'so far\n'], ['stderr', 'Boom: at work\n'], ['wait', 100], ['exit', 9]);
    const { status, stdout, stderr } = await kernelkit(['exec', '--json', '-k', 'mine', steps], { env: user.env });
    expect(status).toBe(5);
    expect(stderr).toContain('| Boom: at work');
    const lines = jsonLines(stdout);
    expect(lines.at(0)).toEqual({ output_type: 'stream', name: 'stdout', text: 'so far\n' });
    expect(lines.at(-1)).toMatchObject({ status: 'error', error: { kind: 'kernel-died' } });
  });

  test('a file of code that is not there is 8', async () => {
    await using user = await isolatedEnv();
    const { status, stderr } = await kernelkit(['exec', '-f', 'nowhere.py'], { env: user.env });
    expect(status).toBe(8);
    expect(stderr).toContain('nowhere.py could not be read: no such file or directory');
  });

  test.skipIf(!existsSync('/dev/full'))('standard output that cannot be written is 9', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const script = 'exec "$0" "$@" > /dev/full';
    const args = ['-c', script, process.execPath, command, 'exec', '-k', 'mine', code(['stream', 'x\n'], ...ok)];
    await using running = new Running('sh', args, { env: user.env });
    const { status, stderr } = await running.ended;
    expect(stderr).toContain('standard output cannot be written');
    expect(status).toBe(9);
  });

  test('output comes while the code runs', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    // It never ends by itself: what is seen was streamed.
    await using running = begin(['exec', '-k', 'mine', code(['stream', 'first\n'], ['wait', 600_000])], {
      env: user.env,
    });
    await running.until('stdout', /first\n/);
    running.child.kill('SIGTERM');
    expect((await running.ended).status).toBe(143);
  });

  test('an unheeded interrupt does not keep --timeout from ending it: 6', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'deaf', faultySpec({ deaf: true }));
    const { status } = await kernelkit(['exec', '-k', 'deaf', '--timeout', '0.2', code(['wait', 600_000])], {
      env: user.env,
    });
    expect(status).toBe(6);
  });

  test('a reader that goes away ends it quietly, and the kernel with it', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const steps = code(['stream', 'first\n'], ['flood', 50_000], ['wait', 600_000]);
    await using running = begin(['exec', '-k', 'mine', steps], { env: user.env });
    await running.until('stdout', /first\n/);
    running.child.stdout?.destroy();
    const { status, stderr } = await running.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describeKernel('ipykernel', () => {
  test('a result, text on both streams, and an error', async () => {
    await using user = await userWith(['ipykernel']);
    const { env } = user;
    expect(await kernelkit(['exec', '--quiet', '-k', 'python3', '6 * 7'], { env })).toMatchObject({
      status: 0,
      stdout: '42\n',
      stderr: '',
    });
    const both = await kernelkit(
      ['exec', '--quiet', '-k', 'python3', 'import sys; print("o"); print("e", file=sys.stderr); 1'],
      {
        env,
      },
    );
    expect(both).toMatchObject({ status: 0, stdout: 'o\n1\n', stderr: 'e\n' });
    const failed = await kernelkit(['exec', '-k', 'python3', 'print("a", end=""); 1 / 0'], { env });
    expect(failed).toMatchObject({ status: 1, stdout: 'a' });
    expect(failed.stderr).toMatch(/ZeroDivisionError: division by zero\n$/);
    expect(failed.stderr).not.toContain('\x1b');
  });

  test('--json: one line for each output, then the status', async () => {
    await using user = await userWith(['ipykernel']);
    const source = [
      'from IPython.display import display, HTML',
      'print("hi")',
      'h = display(HTML("<b>1</b>"), display_id="d")',
      'h.update(HTML("<b>2</b>"))',
      '6 * 7',
    ].join('\n');
    const { status, stdout, stderr } = await kernelkit(['exec', '--quiet', '-k', 'python3', '--json', '-'], {
      env: user.env,
      input: source,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = jsonLines(stdout);
    expect(lines.at(-1)).toEqual({ status: 'ok', execution_count: 1 });
    expect(lines.slice(0, -1).map(({ output_type }) => output_type)).toEqual([
      'stream',
      'display_data',
      'display_data',
      'execute_result',
    ]);
    expect(lines[2]).toMatchObject({
      data: { 'text/html': '<b>2</b>' },
      metadata: { kernelkit: { display_id: 'd', update: true } },
    });
    const result = { output_type: 'execute_result', data: { 'text/plain': '42' }, metadata: {}, execution_count: 1 };
    expect(lines[3]).toEqual(result);

    const failed = await kernelkit(['exec', '-k', 'python3', '--json', '1 / 0'], { env: user.env });
    expect(failed.status).toBe(1);
    expect(jsonLines(failed.stdout).at(-1)).toEqual({
      status: 'error',
      execution_count: 1,
      error: { kind: 'code-error', message: 'ZeroDivisionError: division by zero', fix: null },
    });
  });

  test('code from a file, in the directory that was asked for', async () => {
    await using user = await userWith(['ipykernel']);
    const file = await user.dir.write('code.py', 'import os; print(os.getcwd())');
    const there = await user.dir.dir('there');
    const { status, stdout } = await kernelkit(['exec', '-k', 'python3', '-f', file, '--cwd', there], {
      env: user.env,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${there}\n` });
  });

  test('input that nobody can give is an error of the code, at once', async () => {
    await using user = await userWith(['ipykernel']);
    const { status, stderr } = await kernelkit(['exec', '-k', 'python3', 'input("name? ")'], { env: user.env });
    expect(status).toBe(1);
    expect(stderr).toContain('StdinNotImplementedError');
  });

  test('what is done in time is not interrupted, also where the command stood still and could not read that', async () => {
    await using user = await userWith(['ipykernel']);
    const go = user.dir.join('go');
    const wait = `import os, time\nprint("begun", flush=True)\nwhile not os.path.exists(${JSON.stringify(go)}): time.sleep(0.01)`;
    await using running = begin(['exec', '-k', 'python3', '--timeout', '3', `${wait}\nprint("done")`], {
      env: user.env,
    });
    await running.until('stdout', /begun/);
    running.child.kill('SIGSTOP');
    await writeFile(go, '');
    await delay(3500);
    running.child.kill('SIGCONT');
    expect(await running.ended).toMatchObject({ status: 0, stdout: 'begun\ndone\n' });
  });

  test('--timeout interrupts: 6, and the kernel says where it was', async () => {
    await using user = await userWith(['ipykernel']);
    const { status, stdout, stderr } = await kernelkit(
      [
        'exec',
        '-k',
        'python3',
        '--timeout',
        '1',
        'import os; print(os.getpid(), flush=True); import time; time.sleep(600)',
      ],
      { env: user.env },
    );
    expect(status).toBe(6);
    expect(stderr).toMatch(/KeyboardInterrupt[\s\S]*--timeout/);
    expect(alive(Number(stdout))).toBe(false);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s in the middle of the code: %i, no process, no file', async (signal, expected) => {
    await using user = await userWith(['ipykernel']);
    const tmp = await user.dir.dir('tmp');
    const env = { ...user.env, TMPDIR: tmp };
    const source =
      'import os, time; print("pid", os.getpid(), os.listdir(os.environ["TMPDIR"]), flush=True); time.sleep(600)';
    await using running = begin(['exec', '-k', 'python3', source], { env });
    const [, pid, files] = await running.until('stdout', /pid (\d+) (.*)\n/);
    expect(files).toMatch(/kernelkit-/);
    running.child.kill(signal);
    const { status } = await running.ended;
    expect(status).toBe(expected);
    expect(alive(Number(pid))).toBe(false);
    expect(readdirSync(tmp).filter((name) => name.startsWith('kernelkit'))).toEqual([]);
  });

  test('a second Ctrl-C ends a kernel that does not heed the first, at once', async () => {
    await using user = await userWith(['ipykernel']);
    const tmp = await user.dir.dir('tmp');
    const source = [
      'import os, signal, time',
      'for s in (signal.SIGINT, signal.SIGTERM): signal.signal(s, lambda *_: print("heard", flush=True))',
      'print("pid", os.getpid(), flush=True)',
      'while True: time.sleep(0.1)',
    ].join('\n');
    await using running = begin(['exec', '-k', 'python3', source], { env: { ...user.env, TMPDIR: tmp } });
    const [, pid] = await running.until('stdout', /pid (\d+)\n/);
    running.child.kill('SIGINT');
    await running.until('stdout', /heard/);
    // it takes its time, and says so
    await running.until('stderr', /^ending .*a second Ctrl-C ends it at once$/m);
    running.child.kill('SIGINT');
    expect((await running.ended).status).toBe(130);
    expect(readdirSync(tmp).filter((name) => name.startsWith('kernelkit'))).toEqual([]);
    // SIGKILL to the group is sent; the system still has to carry it out.
    await expect.poll(() => alive(Number(pid)), { timeout: 30_000 }).toBe(false);
  });

  test('a signal while the kernel starts ends that too', async () => {
    await using user = await userWith(['ipykernel']);
    await addSpec(user, 'slow', { ...faultySpec({ silent: true }) });
    const tmp = await user.dir.dir('tmp');
    await using running = begin(['exec', '-k', 'slow', '--verbose', '1'], { env: { ...user.env, TMPDIR: tmp } });
    await running.until('stderr', /starting /);
    running.child.kill('SIGINT');
    expect((await running.ended).status).toBe(130);
    expect(readdirSync(tmp).filter((name) => name.startsWith('kernelkit'))).toEqual([]);
  });

  test('200,000 lines come without a loss', async () => {
    await using user = await userWith(['ipykernel']);
    const { status, stdout } = await kernelkit(['exec', '-k', 'python3', 'for i in range(200_000): print(i)'], {
      env: user.env,
    });
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual(Array.from({ length: 200_000 }, (_, i) => String(i)));
  });
});

describeKernel(['xpython-raw', 'ir', 'deno'], ({ name }) => {
  const codes: Record<string, [string, string, string]> = {
    'xpython-raw': ['print(6 * 7)', '42\n', '1 / 0'],
    ir: ['cat(6 * 7, "\\n")', '42 \n', 'stop("no")'],
    deno: ['console.log(6 * 7)', '42\n', 'throw new Error("no")'],
  };

  test('prints, and fails with 1', async () => {
    await using user = await userWith([name]);
    const [prints, printed, fails] = codes[name]!;
    expect(await kernelkit(['exec', '-k', name, prints], { env: user.env })).toMatchObject({
      status: 0,
      stdout: printed,
    });
    const failed = await kernelkit(['exec', '-k', name, fails], { env: user.env });
    expect(failed.status).toBe(1);
    expect(failed.stderr).not.toBe('');
  });
});

describeKernel('ipykernel', ({ kernelspec }) => {
  test('a path is a KERNEL too', async () => {
    await using user = await isolatedEnv();
    const { status, stdout } = await kernelkit(['explain', kernelspec!, '--json'], { env: user.env });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kernel: { specFile: `${kernelspec}/kernel.json` }, problem: null });
    expect(await kernelkit(['exec', '-k', kernelspec!, '6 * 7'], { env: user.env })).toMatchObject({
      status: 0,
      stdout: '42\n',
    });
  });
});
