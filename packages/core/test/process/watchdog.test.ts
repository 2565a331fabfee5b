import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testing/support/index.js';
import { guardUntilGone, ownUntilExit, removeAtExit } from '../../src/process/index.js';
import { PS_ENVIRONMENT, startTimeOf } from '../../src/process/start-time.js';
import { guardGroup } from '../../src/process/watchdog.js';
import { WATCHDOG_PROGRAM } from '../../src/process/watchdog-program.js';
import { membersOf, until, watchdogsOf } from './owner.js';

/** A process that leads a group, and says when its shell is ready. */
async function group(script: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn('/bin/sh', ['-c', `${script}`], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout!, 'data');
  return child as ChildProcess & { pid: number };
}

const idle = 'echo; exec sleep 1000';
const deaf = 'trap "" TERM; echo; while :; do sleep 1000; done';
const withChild = 'sleep 1000 & echo; exec sleep 1000';

function psStart(pid: number): string {
  const env = { PATH: process.env.PATH, ...PS_ENVIRONMENT };
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { env, encoding: 'utf8' });
  return (stdout ?? '').trim().split(/\s+/).join(' ');
}

const shells = ['/bin/sh', '/bin/dash', '/bin/bash'].filter((path) => existsSync(path));

describe.each(shells)('the program of the watchdog, in %s', (shell) => {
  const started = (how: 'proc' | 'ps', lines: string): ChildProcess => {
    const child = spawn(shell, ['-c', 'eval "$PROGRAM"', 'kernelkit-watchdog', how], {
      // As it is called at /bin/sh; under its own name bash would read ~/.bashrc, since its input is a socket.
      argv0: 'sh',
      env: { PATH: process.env.PATH, ...PS_ENVIRONMENT, PROGRAM: WATCHDOG_PROGRAM },
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    child.stdin!.write(lines);
    return child;
  };

  // A small container may have no ps; a Linux does not need it.
  const ways = (['proc', 'ps'] as const).filter((how) => how === 'proc' || psStart(process.pid) !== '');

  it.each(ways)('ends what it was told of, and nothing else (%s)', async (how) => {
    const start = how === 'proc' ? startTimeOf : psStart;
    const ours = await Promise.all([group(idle), group(withChild), group(deaf)]);
    const other = await Promise.all([group(idle), group(idle), group(idle)]);
    const [reused, dropped, cut] = other.map(({ pid }) => pid) as [number, number, number];
    const lines = [
      ...ours.map(({ pid }) => `pid ${pid} ${start(pid)}`),
      `pid ${reused} ${how === 'proc' ? '1' : 'Thu Jan 1 00:00:00 1970'}`,
      `pid ${dropped} ${start(dropped)}`,
      `drop pid ${dropped} ${start(dropped)}`,
      'pid 1 1',
      'pid 0 1',
      `pid -${dropped} 1`,
      `pid ${reused}`,
      'nonsense',
      '',
    ];
    // Its last line was not written to its end when its owner was killed.
    const watchdog = started(how, `${lines.join('\n')}\npid ${cut} ${start(cut)}`);
    const ends = ours.map((child) => once(child, 'exit'));
    watchdog.stdin!.end();
    const [[code], ...signals] = await Promise.all([once(watchdog, 'exit'), ...ends]);
    expect(code).toBe(0);
    expect(signals.map(([, signal]) => signal)).toEqual(['SIGTERM', 'SIGTERM', 'SIGKILL']);
    for (const { pid } of ours) expect(membersOf(pid)).toEqual([]);
    for (const { pid } of other) {
      expect(membersOf(pid)).toEqual([pid]);
      process.kill(-pid, 'SIGKILL');
    }
  });

  it('removes run directories, whatever their names hold, and nothing else', async () => {
    await using dir = await tempDir();
    const names = ['kernelkit-a', 'kernelkit-b \'"$(touch x)*', 'kernelkit- c ', 'some where/kernelkit-d'];
    const kept = ['kernelkit-', 'other', 'kernelkit-dropped', 'kernelkit-a b'];
    for (const name of [...names, ...kept]) await dir.write(`${name}/in/file`, '');
    const lines = [
      ...[...names, 'kernelkit-', 'other', 'kernelkit-dropped'].map((name) => `dir ${dir.join(name)}`),
      `drop dir ${dir.join('kernelkit-dropped')}`,
      `dir ${dir.path}/kernelkit-dropped/..`,
      `dir ${dir.path}/kernelkit-dropped/`,
      'dir kernelkit-relative',
      'dir /',
      'dir ',
    ];
    const watchdog = started('proc', `${lines.join('\n')}\n`);
    watchdog.stdin!.end();
    expect(await once(watchdog, 'exit')).toEqual([0, null]);
    for (const name of names) expect(existsSync(dir.join(name)), name).toBe(false);
    for (const name of kept) expect(existsSync(dir.join(name, 'in/file')), name).toBe(true);
  });

  it('heeds no signal that a terminal sends', async () => {
    const child = await group(idle);
    const watchdog = started('proc', `pid ${child.pid} ${startTimeOf(child.pid)}\n`);
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
      // It ignores them from its first command on, which it has carried out when it has taken a line.
      await until(() => ignores(watchdog.pid!));
      watchdog.kill(signal);
    }
    watchdog.stdin!.end();
    const [[, by]] = await Promise.all([once(child, 'exit'), once(watchdog, 'exit')]);
    expect(by).toBe('SIGTERM');
  });
});

function ignores(pid: number): boolean {
  const { stdout } = spawnSync('/bin/sh', ['-c', `grep SigIgn /proc/${pid}/status`], { encoding: 'utf8' });
  const mask = BigInt(`0x${stdout.trim().split(/\s+/)[1] ?? '0'}`);
  return [1n, 2n, 15n].every((signal) => (mask & (1n << (signal - 1n))) !== 0n);
}

describe('the watchdog beside this process', () => {
  it('is one for all kernels, and gone with the last of them and of their directories', async () => {
    const children = await Promise.all([group(idle), group(idle)]);
    const begin = performance.now();
    const releases = children.map(({ pid }) => guardUntilGone(pid));
    process.stdout.write(`the watchdog took ${(performance.now() - begin).toFixed(1)} ms of its owner's time\n`);
    releases.push(removeAtExit('/nowhere/kernelkit-x'));
    const watchdogs = watchdogsOf(process.pid);
    expect(watchdogs).toHaveLength(1);
    releases[0]!();
    releases[1]!();
    releases[1]!();
    expect(watchdogsOf(process.pid)).toEqual(watchdogs);
    releases[2]!();
    expect(await until(() => watchdogsOf(process.pid).length === 0)).not.toBeNull();
    for (const { pid } of children) {
      expect(membersOf(pid)).toEqual([pid]);
      process.kill(pid, 'SIGKILL');
    }
  });

  it('is not there for a directory alone, nor for a process that lives shortly', async () => {
    const child = await group(idle);
    const releases = [removeAtExit('/nowhere/kernelkit-x'), ownUntilExit(child.pid)];
    expect(watchdogsOf(process.pid)).toEqual([]);
    for (const release of releases) release();
    process.kill(child.pid, 'SIGKILL');
  });

  it('that was killed comes again with the next kernel, and knows of the first', async () => {
    const [first, second] = await Promise.all([group(idle), group(idle)]);
    const releaseFirst = guardGroup(first.pid, startTimeOf(first.pid)!);
    const [killed] = watchdogsOf(process.pid);
    process.kill(killed!, 'SIGKILL');
    // The news comes with a later turn of the event loop than the death.
    await until(() => !existsSync(`/proc/${killed}`));
    const releaseSecond = guardGroup(second.pid, startTimeOf(second.pid)!);
    const again = watchdogsOf(process.pid);
    expect(again).toHaveLength(1);
    expect(again).not.toEqual([killed]);
    releaseFirst();
    expect(watchdogsOf(process.pid)).toEqual(again);
    releaseSecond();
    expect(await until(() => watchdogsOf(process.pid).length === 0)).not.toBeNull();
    for (const { pid } of [first, second]) process.kill(pid, 'SIGKILL');
  });
});
