import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { isolatedEnv, kernelTest, makeReadOnly, runUnprivileged } from '../../../testing/support/index.js';
import {
  addSpec,
  begin,
  command,
  ensureBuilt,
  faultySpec,
  notebookOf,
  quickstart,
  Running,
  userWith,
} from './support.js';

beforeAll(ensureBuilt);

const ok = [['reply'], ['idle']];

/** Every file, directory, link and socket below a directory, with what would change if it was written to. */
function snapshot(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs, mode } = lstatSync(path);
      return `${relative(directory, path)} ${mode.toString(8)} ${entry.isDirectory() ? '' : `${size} ${mtimeMs}`}`.trim();
    })
    .sort();
}

describe('the files that are created', () => {
  test.each([
    [
      'exec',
      (): string[] => [
        'exec',
        '-k',
        'mine',
        JSON.stringify([
          ['stream', 'here\n'],
          ['wait', 600_000],
        ]),
      ],
    ],
    ['run', (): string[] => ['run', '--verbose', 'a.ipynb', '-k', 'mine', '-o', 'out.ipynb']],
  ])('%s: while it runs, only the run directory and the journal; after it, nothing', async (subcommand, args) => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const tmp = await user.dir.dir('tmp');
    const cwd = await user.dir.dir('cwd');
    const waits = JSON.stringify([
      ['stream', 'here\n'],
      ['wait', 600_000],
    ]);
    await user.dir.write('cwd/a.ipynb', notebookOf([JSON.stringify([['stream', 'x'], ...ok]), waits]));
    const before = snapshot(user.dir.path);
    await using running = begin([...args(), '--no-cache'], { env: { ...user.env, TMPDIR: tmp }, cwd });
    if (subcommand === 'exec') await running.until('stdout', /here\n/);
    else await running.until('stderr', /1\/2 {2}cell 1 {2}ok/);
    const during = snapshot(user.dir.path);
    const made = during.filter((line) => !before.includes(line));
    expect(before.filter((line) => !during.includes(line))).toEqual([]);
    expect(
      made.map((line) =>
        line
          .replace(/kernelkit-\w+/, 'DIR')
          .replace(/kernelkit\.\d+/, 'JOURNAL')
          .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, 'ID')
          .replace(/(100600) .*/, '$1'),
      ),
    ).toEqual([
      ...['tmp/DIR 40700', 'tmp/DIR/kernel-ID.json 100600'],
      ...['tmp/JOURNAL 40700', 'tmp/JOURNAL/kernel-ID.json 100600'],
    ]);
    running.child.kill('SIGINT');
    expect((await running.ended).status).toBe(130);
    expect(snapshot(user.dir.path)).toEqual(before);
  });

  const cache = ['home/.cache', 'home/.cache/kernelkit', 'home/.cache/kernelkit/environments.json'];

  // this machine's Pythons are kept in the cache
  test.each([
    ['and the cache', [], cache],
    ['and nothing else with --no-cache', ['--no-cache'], []],
  ])('run that comes to its end: OUT %s', async (_, options, cached) => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const tmp = await user.dir.dir('tmp');
    const cwd = await user.dir.dir('cwd');
    await user.dir.write('cwd/a.ipynb', notebookOf([JSON.stringify([['stream', 'x'], ...ok])]));
    const before = snapshot(user.dir.path);
    await using running = begin(['run', 'a.ipynb', '-k', 'mine', ...options], {
      env: { ...user.env, TMPDIR: tmp },
      cwd,
    });
    expect((await running.ended).status).toBe(0);
    const made = snapshot(user.dir.path).filter((line) => !before.includes(line));
    expect(made.map((line) => line.split(' ')[0])).toEqual(['cwd/a.executed.ipynb', ...cached]);
  });
});

kernelTest(
  ['xpython-raw', 'ipykernel'],
  'as somebody who may write nowhere but in TMPDIR: list, exec, run --stdout',
  async ({ name }) => {
    await using user = await userWith([name]);
    const named = name === 'ipykernel' ? 'python3' : name;
    // Writable for everybody, as /tmp is, and short enough for a Unix socket.
    const tmp = await user.dir.dir('tmp');
    spawnSync('chmod', ['1777', tmp]);
    const cwd = await user.dir.dir('cwd');
    await user.dir.write('cwd/a.ipynb', notebookOf(['print(6 * 7)']));
    await makeReadOnly(cwd);
    await makeReadOnly(user.home);
    const before = [snapshot(cwd), snapshot(user.home)];
    const run = (...args: string[]) =>
      runUnprivileged(process.execPath, [command, ...args], { env: { ...user.env, TMPDIR: tmp }, cwd });
    expect(await run('list')).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`^${named} `, 'm')) });
    expect(await run('exec', '-k', named, 'print(6 * 7)')).toMatchObject({ code: 0, stdout: '42\n' });
    const ran = await run('run', 'a.ipynb', '-k', named, '--stdout');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('"42\\n"');
    const denied = await run('run', 'a.ipynb', '-k', named);
    expect(denied.code).toBe(9);
    expect(denied.stderr).toContain('a.executed.ipynb cannot be written: permission denied');
    expect([snapshot(cwd), snapshot(user.home)]).toEqual(before);
    expect(readdirSync(tmp).filter((entry) => entry.startsWith('kernelkit'))).toEqual([]);
  },
);

// A machine with no kernel at all can be had only where this process may hide what is installed: as root on Linux.
// R with IRkernel and Python with ipykernel are kernels without any kernelspec: neither is on PATH then.
const hidden = 'mount -t tmpfs none /usr/share/jupyter && PATH=/nowhere exec "$0" "$@"';
const canHide =
  existsSync('/usr/share/jupyter') && spawnSync('unshare', ['-m', 'sh', '-c', hidden, 'true']).status === 0;
const hasNone = !existsSync('/usr/share/jupyter/kernels') && !existsSync('/usr/local/share/jupyter/kernels');

test.skipIf(!canHide && !hasNone)('the quickstart on a machine without any other kernel: Deno, embedded', async () => {
  await using user = await isolatedEnv();
  const out = user.dir.join('out.ipynb');
  const argv = [process.execPath, command, 'run', quickstart, '-o', out];
  const [file, ...args] = canHide ? ['unshare', '-m', 'sh', '-c', hidden, ...argv] : argv;
  await using running = new Running(file!, args, { env: user.env });
  const { status, stderr } = await running.ended;
  expect(stderr).toMatch(/^kernel: deno/m);
  expect(status).toBe(0);
  expect(existsSync(out)).toBe(true);
});
