/** Processes that outlive whoever started them, and their output. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../../../../testing/support/index.js';
import { AdoptedProcess, cutOutput, KernelProcess, startTimeOf, tailOf } from '../../src/process/index.js';

const started = new Date();

describe.skipIf(process.platform === 'win32')('a process that stays', () => {
  test('writes into files of its own, which can be cut while it does; its end has the last of them', async () => {
    await using directory = await tempDir();
    const stays = { stdout: directory.join('out'), stderr: directory.join('err') };
    const script = 'i=0; while [ $i -lt 400 ]; do echo "line $i"; i=$((i+1)); done; echo words >&2; read x; echo after';
    // it waits at a pipe of the test's
    const gate = directory.join('gate');
    spawn('mkfifo', [gate]);
    await expect
      .poll(() =>
        stat(gate).then(
          (found) => found.isFIFO(),
          () => false,
        ),
      )
      .toBe(true);
    const child = await KernelProcess.spawn({
      ...{ argv: ['/bin/sh', '-c', `exec <"${gate}"; ${script}`], cwd: '/', env: { PATH: process.env.PATH! }, stays },
    });
    const opened = spawn('/bin/sh', ['-c', `exec >"${gate}"; read go; echo go`], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await expect.poll(() => child.stderr).toBe('words\n');
    expect((await stat(stays.stdout)).mode & 0o777).toBe(0o600);
    expect(child.stdout).toMatch(/^line 0\n.*line 399\n$/s);
    expect(tailOf(stays.stdout, 50)).toMatch(/^line \d+\n.*line 399\n$/s);
    await cutOutput(stays.stdout, 10_000, 100);
    expect((await stat(stays.stdout)).size).toBeGreaterThan(1000);
    await cutOutput(stays.stdout, 1000, 100);
    expect((await stat(stays.stdout)).size).toBe(100);
    opened.stdin.end('go\n');
    const { code, stdout } = await child.exited;
    expect(code).toBe(0);
    // at the end of what was left, and not where it would have been
    expect(stdout).toMatch(/line 399\nafter\n$/);
    expect((await readFile(stays.stdout)).includes(0)).toBe(false);
    expect([tailOf(directory.join('none'), 10), await cutOutput(directory.join('none'), 0, 0)]).toEqual([
      '',
      undefined,
    ]);
  });

  test('found by its pid and start time it is signalled, its end is seen, and it is ended with what it started', async () => {
    await using directory = await tempDir();
    const output = { stdout: directory.join('out'), stderr: directory.join('err') };
    const run = async (script: string) => {
      const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = once(child, 'exit');
      await once(child.stdout, 'data');
      const startTime = startTimeOf(child.pid!)!;
      return { child, ended, name: { pid: child.pid!, startTime, argv: ['sh'], started, output } };
    };
    const heeds = await run('trap "exit 3" INT; echo up; while :; do sleep 0.05; done');
    const one = new AdoptedProcess(heeds.name);
    expect([one.exit, await one.exitsWithin(0)]).toEqual([null, false]);
    expect(one.signal('SIGINT')).toBe(true);
    expect(await heeds.ended).toEqual([3, null]);
    expect(await one.exitsWithin(5000)).toBe(true);
    // how, only its parent is told
    expect(one.exit).toMatchObject({ code: null, signal: null });
    expect(one.signal('SIGINT')).toBe(false);

    const deaf = await run('trap "" TERM; sleep 60 & echo up; wait; sleep 60');
    const two = new AdoptedProcess(deaf.name);
    await two.end(50);
    expect(await deaf.ended).toEqual([null, 'SIGKILL']);

    // another process that has the pid by now is none of its business
    const stranger = await run('echo up; sleep 60');
    const gone = new AdoptedProcess({ ...stranger.name, startTime: '1' });
    expect(gone.exit).not.toBeNull();
    expect(gone.signal('SIGKILL')).toBe(false);
    expect(stranger.child.exitCode ?? stranger.child.signalCode).toBeNull();
    process.kill(-stranger.name.pid, 'SIGKILL');
    await stranger.ended;
  });
});
