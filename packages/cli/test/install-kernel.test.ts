import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Description, DiskTarget, groundOf, layOut, python } from '../../../testing/environments/index.js';
import { describeKernel, type IsolatedEnv, isolatedEnv, peerPython } from '../../../testing/support/index.js';
import { onTerminal } from './on-terminal.js';
import { alive, begin, ensureBuilt, kernelkit } from './support.js';

beforeAll(ensureBuilt);

interface Report {
  status: string;
  commands: string[];
  kernel: { name: string; startable: boolean; environment: { prefix: string } } | null;
  try: string | null;
}

/** A user with nothing on PATH but these programs, each a script. */
async function userWith(programs: Readonly<Record<string, string>> = {}): Promise<IsolatedEnv> {
  const user = await isolatedEnv({ extra: { PYENV_ROOT: undefined } });
  user.env.PATH = await user.dir.dir('bin');
  for (const [name, script] of Object.entries(programs)) await program(user, `bin/${name}`, script);
  return user;
}

function program(user: IsolatedEnv, path: string, script: string): Promise<string> {
  return user.dir.write(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`, 0o755);
}

/** A virtual environment whose Python is a script; gives its prefix. `INSTALLED` in it is what pip leaves behind of ipykernel. */
async function environment(user: IsolatedEnv, script: string, at = 'home/envs/bare'): Promise<string> {
  await user.dir.write(`${at}/pyvenv.cfg`, 'home = /usr/bin\nversion = 3.11.2\n');
  await user.dir.write(`${at}/lib/python3.11/site-packages/pip/__init__.py`, '');
  const installed = user.dir.join(at, 'lib/python3.11/site-packages/ipykernel-6.29.5.dist-info');
  await program(user, `${at}/bin/python`, `INSTALLED='${installed}'\n${script}`);
  return user.dir.join(at);
}

describe('which command', () => {
  test('every manager’s own, and none for what an environment cannot take', async () => {
    const managers = ['uv', 'poetry', 'pipenv', 'hatch', 'pixi', 'pipx'];
    await using user = await userWith(Object.fromEntries(managers.map((name) => [name, 'exit 1'])));
    const target = new DiskTarget();
    const kinds: Description['as'][] = [
      ...([
        'venv',
        'uv venv',
        'uv in its project',
        'poetry in its project',
        'pipenv',
        'hatch',
        'pixi in the workspace',
        'pipx',
      ] as const),
      ...(['conda root', 'conda environment of a root'] as const),
    ];
    const workspace = user.dir.join('home', 'work');
    const laid = layOut(
      groundOf(target, user.home),
      kinds.map((as) => ({ as })),
      workspace,
    );
    // conda is on PATH of a shell that has run its set-up, and nowhere else
    const condas = user.dir.join('home', 'miniconda3');
    await program(user, 'home/miniconda3/condabin/conda', 'exit 1');
    const told = await Promise.all(
      laid.map(async ({ prefix }) => {
        const args = ['install-kernel', prefix, '--dry-run'];
        return (await kernelkit(args, { env: user.env, cwd: workspace })).stdout.trim();
      }),
    );
    expect(told).toEqual(
      laid.map(({ install, kind }) =>
        kind === 'conda' ? install.replace('conda install', `${condas}/condabin/conda install --yes`) : install,
      ),
    );
  });

  test('an environment whose manager is not here: 4, and what to do', async () => {
    await using user = await userWith();
    const ground = groundOf(new DiskTarget(), user.home);
    const [laid, hatch] = layOut(ground, [{ as: 'pipenv' }, { as: 'hatch' }], user.home);
    const { status, stderr } = await kernelkit(['install-kernel', laid!.prefix, '--yes'], { env: user.env });
    expect({ status, stderr }).toMatchObject({ status: 4, stderr: expect.stringContaining(laid!.install) });
    expect(stderr).toContain('put pipenv on PATH');
    // hatch's uv is its own, and Python brings pip
    const { stdout } = await kernelkit(['install-kernel', hatch!.prefix, '--dry-run'], { env: user.env });
    expect(stdout).toMatch(/^(\S+\/python) -m ensurepip && \1 -m pip install ipykernel\n$/);
  });

  test('a Python that its system manages is left alone, whoever the system is', async () => {
    await using user = await userWith();
    const prefix = user.dir.join('home', '.pyenv', 'versions', '3.11.4');
    const target = new DiskTarget();
    const program = python(groundOf(target, user.home), prefix, '3.11.4');
    target.file(join(prefix, 'lib/python3.11/EXTERNALLY-MANAGED'), '[externally-managed]\n');
    target.file(join(prefix, 'lib/python3.11/ensurepip/__init__.py'), '');
    const dry = await kernelkit(['install-kernel', prefix, '--dry-run'], { env: user.env });
    expect(dry.stdout).toMatch(
      /^\S+\/bin\/python[\d.]* -m venv \.venv && \.venv\/bin\/python -m pip install ipykernel\n$/,
    );
    expect(dry.stdout).toContain(join(prefix, 'bin'));
    expect(dry.stderr).toContain('PEP 668');
    // what is in the way is not touched
    await user.dir.write('home/.venv', 'mine');
    const refused = await kernelkit(['install-kernel', program, '--yes'], { env: user.env });
    expect({ ...refused }).toMatchObject({ status: 4, stderr: expect.stringContaining('is no environment') });
    expect(readFileSync(user.dir.join('home/.venv'), 'utf8')).toBe('mine');
  });

  test('R and Julia by their own package managers', async () => {
    await using user = await userWith({ julia: 'exit 1' });
    const julia = await kernelkit(['install-kernel', 'julia', '--dry-run', '--json'], { env: user.env });
    expect(JSON.parse(julia.stdout)).toEqual({
      ...{ status: 'dry-run', commands: [`julia -e 'import Pkg; Pkg.add("IJulia")'`], kernel: null, try: null },
    });
    const none = await kernelkit(['install-kernel', '--language', 'r', '--json'], { env: user.env });
    expect(none.status).toBe(3);
    expect(JSON.parse(none.stdout)).toMatchObject({ error: { kind: 'language-missing', fix: expect.any(String) } });
  });

  test('a path with no environment: 3, and the command that makes one, or the one for what is in it', async () => {
    await using user = await userWith({ uv: 'exit 1' });
    const asked = async (...args: string[]) => {
      const { status, stderr } = await kernelkit(['install-kernel', ...args], { env: user.env });
      expect(status).toBe(3);
      expect(stderr).not.toContain('candidates');
      return /fix: +(.*)$/m.exec(stderr)?.[1];
    };
    const made = (place: string) => `uv venv ${place} && uv pip install --python ${place} ipykernel`;
    for (const place of ['./new', '.venv', 'envs/new']) expect(await asked(place)).toBe(made(place));
    expect(await asked('.')).toBe(made('.venv'));
    await user.dir.write('home/project/.venv/pyvenv.cfg', '');
    expect(await asked('./project')).toBe('kernelkit install-kernel project/.venv');
    // what is no path is no place for an environment
    const { stderr } = await kernelkit(['install-kernel', 'nope'], { env: user.env });
    expect(stderr).toContain('There is no kernel "nope"');
  });

  test('no such kernel: 3', async () => {
    await using user = await userWith();
    expect((await kernelkit(['install-kernel', 'nope', '--yes'], { env: user.env })).status).toBe(3);
  });
});

describe('running it', () => {
  test('shows the command, what it prints, the kernel that came of it, and how to try it; then nothing is to be done', async () => {
    await using user = await userWith();
    const prefix = await environment(user, 'echo "asked: $*"; [ "$2" = pip ] && mkdir "$INSTALLED"; exit 0');
    const command = `${prefix}/bin/python -m pip install ipykernel`;
    const { status, stdout, stderr } = await kernelkit(['install-kernel', prefix, '--yes'], { env: user.env });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).toContain(`This is run:\n  ${command}\n`);
    expect(stderr).toContain('asked: -m pip install ipykernel\n');
    const listed = await kernelkit(['list'], { env: user.env });
    const rows = stdout
      .trim()
      .split('\n')
      .map((row) => row.replace(/ +/g, ' '));
    expect(rows).toHaveLength(2);
    // as `list` has it, but for the width of its columns
    expect(listed.stdout.replace(/ +/g, ' ').split('\n')).toEqual(expect.arrayContaining(rows));
    expect(stderr).toMatch(/Try it: kernelkit exec -k \S*bare '6 \* 7'\n$/);
    const again = await kernelkit(['install-kernel', prefix, '--json'], { env: user.env });
    const report: Report = JSON.parse(again.stdout);
    expect(report).toMatchObject({
      status: 'there',
      commands: [],
      kernel: { startable: true, environment: { prefix } },
    });
  });

  test('nobody to ask and no --yes: the command is told, nothing is run, and 2', async () => {
    await using user = await userWith();
    const prefix = await environment(user, 'mkdir "$INSTALLED"');
    const { status, stderr } = await kernelkit(['install-kernel', prefix, '--quiet'], { env: user.env });
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`\n  ${prefix}/bin/python -m pip install ipykernel\n`),
    });
    const { stdout } = await kernelkit(['install-kernel', prefix, '--dry-run', '--json'], { env: user.env });
    expect(JSON.parse(stdout)).toMatchObject({ status: 'dry-run' });
  });

  test('a command that fails: its last line, and 4; one of which no kernel comes, too', async () => {
    await using user = await userWith();
    const failing = await environment(user, 'echo "No matching distribution" >&2; exit 7', 'home/envs/failing');
    const failed = await kernelkit(['install-kernel', failing, '--yes', '--json'], { env: user.env });
    expect(failed.status).toBe(4);
    expect(JSON.parse(failed.stdout)).toMatchObject({
      error: { kind: 'install-failed', message: expect.stringMatching(/exit 7.*No matching distribution/) },
    });
    const idle = await environment(user, 'exit 0', 'home/envs/idle');
    const { status, stderr } = await kernelkit(['install-kernel', idle, '--yes'], { env: user.env });
    expect({ status, stderr }).toMatchObject({ status: 4, stderr: expect.stringContaining('no kernel came of it') });
  });

  test('Ctrl-C ends it with its children', async () => {
    await using user = await userWith();
    const prefix = await environment(user, 'sleep 600 & echo "pids $$ $!"; wait');
    await using running = begin(['install-kernel', prefix, '--yes'], { env: user.env });
    const [, ...pids] = await running.until('stderr', /pids (\d+) (\d+)\n/);
    running.child.kill('SIGINT');
    expect((await running.ended).status).toBe(130);
    // they are dead; whose children they became may take its time to say so
    await expect.poll(() => pids.some((pid) => alive(Number(pid))), { timeout: 10_000 }).toBe(false);
  });

  test('an environment that was not made to its end is not left', async () => {
    await using user = await userWith();
    const base = 'home/.pyenv/versions/3.11.4';
    for (const mark of ['EXTERNALLY-MANAGED', 'ensurepip/__init__.py', 'os.py'])
      await user.dir.write(`${base}/lib/python3.11/${mark}`, '');
    await program(user, `${base}/bin/python3.11`, 'mkdir -p .venv/bin; echo "no room"; exit 1');
    const { status, stderr } = await kernelkit(['install-kernel', user.dir.join(base), '--yes'], { env: user.env });
    expect({ status, stderr }).toMatchObject({ status: 4, stderr: expect.stringMatching(/-m venv .*no room/) });
    expect(existsSync(user.dir.join('home/.venv'))).toBe(false);
  });
});

describeKernel('peer', () => {
  test('a person is asked; no is no', async () => {
    await using user = await userWith();
    const prefix = await environment(user, '[ "$2" = pip ] && mkdir "$INSTALLED"; exit 0');
    const answer = (text: string) =>
      onTerminal(peerPython(), user, ['install-kernel', prefix, '--no-color'], [['Run it\\? \\[y/N\\]', text]]);
    const no = await answer('\r');
    expect(no).toMatchObject({ status: 0, screen: expect.stringContaining('Nothing was run.') });
    const yes = await answer('y\r');
    expect(yes).toMatchObject({ status: 0, screen: expect.stringContaining('Try it: kernelkit exec -k') });
  });
});
