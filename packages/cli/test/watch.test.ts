import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type IsolatedEnv, isolatedEnv, kernelTest } from '../../../testing/support/index.js';
import { addSpec, begin, command, ensureBuilt, faultySpec, jsonLines, Running } from './support.js';

beforeAll(ensureBuilt);

/** Far more than the second that a change may take on a machine that is not busy. */
const DEADLINE = 10_000;

interface Told {
  event: string;
  kernel?: { name: string; startable: boolean; environment: { prefix: string } | null; problem: object | null };
}

/** `list --watch --json`, and what it told so far. */
class Watching {
  readonly running: Running;
  #from = 0;

  constructor(running: Running) {
    this.running = running;
  }

  /** The first event that fits after the last one that was asked for. @throws Error when none comes in time */
  async next(fits: (told: Told) => boolean): Promise<Told> {
    const timer = setTimeout(() => this.running.child.kill('SIGKILL'), DEADLINE);
    try {
      for (;;) {
        const whole = this.running.stdout.slice(0, this.running.stdout.lastIndexOf('\n') + 1);
        const events = whole === '' ? [] : (jsonLines(whole) as unknown as Told[]);
        const at = events.findIndex((told, index) => index >= this.#from && fits(told));
        if (at !== -1) {
          this.#from = at + 1;
          return events[at]!;
        }
        const lines = whole.split('\n').length - 1;
        await this.running.until('stdout', new RegExp(`^(?:[^\\n]*\\n){${lines + 1}}`));
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

const watch = (user: IsolatedEnv, ...args: string[]): Running =>
  begin(['list', '--watch', '--no-cache', ...args], { env: user.env });

const is = (event: string, name: string) => (told: Told) => told.event === event && told.kernel?.name === name;
const at = (event: string, prefix: string) => (told: Told) =>
  told.event === event && told.kernel?.environment?.prefix === prefix;
const ready = ({ event }: Told) => event === 'ready';

describe('list --watch --json', () => {
  test('everything that is there, then "ready", then a kernelspec that comes, changes and goes', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    await using running = watch(user, '--json');
    const watching = new Watching(running);
    const first = await watching.next(is('added', 'mine'));
    expect(Object.keys(first)).toEqual(['event', 'kernel']);
    expect(Object.keys(first.kernel!)).toHaveLength(13);
    expect(await watching.next(ready)).toEqual({ event: 'ready' });
    const directory = await addSpec(user, 'other', faultySpec());
    expect((await watching.next(is('added', 'other'))).kernel?.startable).toBe(true);
    await addSpec(user, 'other', { argv: ['/nowhere/kernel'], display_name: 'O', language: 'o' });
    const changed = await watching.next((told) => is('changed', 'other')(told) && told.kernel?.startable === false);
    expect(changed.kernel?.problem).not.toBeNull();
    await rm(directory, { recursive: true });
    await watching.next(is('removed', 'other'));
  });

  kernelTest('ipykernel', 'a new environment, ipykernel in it, and its end', async ({ python }) => {
    await using user = await isolatedEnv();
    await using running = watch(user, '--json');
    const watching = new Watching(running);
    await watching.next(ready);
    const prefix = user.dir.join('home/.venv');
    execFileSync(python!, ['-m', 'venv', '--without-pip', prefix]);
    expect((await watching.next(at('added', prefix))).kernel).toMatchObject({
      startable: false,
      problem: { kind: expect.stringMatching(/^(ipykernel|interpreter|python)-missing$/) },
    });
    const [library] = readdirSync(`${prefix}/lib`);
    const site = `home/.venv/lib/${library}/site-packages`;
    await user.dir.write(`${site}/ipykernel_launcher.py`, '');
    await user.dir.write(
      `${site}/ipykernel-7.0.0.dist-info/METADATA`,
      'Metadata-Version: 2.1\nName: ipykernel\nVersion: 7.0.0\n',
    );
    await watching.next((told) => at('changed', prefix)(told) && told.kernel?.startable === true);
    await rm(prefix, { recursive: true });
    await watching.next(at('removed', prefix));
  });
});

describe('list --watch', () => {
  test('text: a line for each kernel in the order of the list, then one for each change', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    await using running = watch(user);
    await running.until('stderr', /waiting for changes/);
    expect(running.stdout).toMatch(/^added {4}mine {2}steps {2}Faulty {2}.*kernels\/mine$/m);
    expect(
      running.stdout
        .trimEnd()
        .split('\n')
        .filter((line) => !line.startsWith('added ')),
    ).toEqual([]);
    const timer = setTimeout(() => running.child.kill('SIGKILL'), 3 * DEADLINE);
    const directory = await addSpec(user, 'other', { ...faultySpec(), argv: ['/nowhere/x', '{connection_file}'] });
    await running.until('stdout', /^added {4}other .*\(does not start: .+\)$/m);
    await addSpec(user, 'other', faultySpec());
    await running.until('stdout', /^changed {2}other .*\(can be started now\)$/m);
    await rm(directory, { recursive: true });
    await running.until('stdout', /^removed {2}other /m);
    clearTimeout(timer);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it with %i; nothing is left', async (signal, expected) => {
    await using user = await isolatedEnv();
    const before = readdirSync(user.dir.path, { recursive: true });
    for (const args of [[], ['--json']]) {
      await using running = watch(user, ...args);
      await running.until(args.length === 0 ? 'stderr' : 'stdout', /waiting|"ready"/);
      running.child.kill(signal);
      const { status, stdout, stderr } = await running.ended;
      expect(status).toBe(expected);
      expect(stderr).toContain(`ended by ${signal}`);
      if (args.length > 0)
        expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'error', error: { kind: 'interrupted' } });
    }
    expect(readdirSync(user.dir.path, { recursive: true })).toEqual(before);
  });

  test.skipIf(!canLimitWatches())(
    'where the system’s limit is met, it is looked now and then, and that is told',
    async () => {
      await using user = await isolatedEnv();
      // a user namespace has a limit of its own, which its root may lower
      const limited = 'echo 3 > /proc/sys/user/max_inotify_watches && exec "$@"';
      const line = [
        '-U',
        '-r',
        'sh',
        '-c',
        limited,
        'sh',
        process.execPath,
        command,
        'list',
        '--watch',
        '--json',
        '--no-cache',
      ];
      await using running = new Running('unshare', line, { env: user.env });
      const watching = new Watching(running);
      await watching.next(ready);
      const told = await watching.next(({ event }) => event === 'polling');
      expect(told).toMatchObject({ reason: expect.stringMatching(/limit of watched directories.*ENOSPC/), ms: 2000 });
      await addSpec(user, 'late', faultySpec());
      await watching.next(is('added', 'late'));
    },
  );
});

/** Whether a process of its own user namespace may be given a low limit: not everywhere, and not to everybody. */
function canLimitWatches(): boolean {
  try {
    execFileSync('unshare', ['-U', '-r', 'sh', '-c', 'echo 3 > /proc/sys/user/max_inotify_watches'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}
