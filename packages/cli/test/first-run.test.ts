import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { DiskTarget, groundOf, python, venv } from '../../../testing/environments/index.js';
import { describeKernel, type IsolatedEnv, isolatedEnv, kernel } from '../../../testing/support/index.js';
import { canHide, installCommand, onMachine } from './new-machine.js';
import { addSpec, ensureBuilt, faultySpec, kernelkit, notebookOf, Running } from './support.js';

beforeAll(ensureBuilt);

/** What an error or a table tells to type. */
const fixOf = (text: string): string | undefined => /^ *fix: +(.*)$/m.exec(text)?.[1];

/** A user with no program on PATH, and no kernel of their own. */
const newUser = (extra: Record<string, string> = {}): Promise<IsolatedEnv> =>
  isolatedEnv({ extra: { PATH: '/nowhere', PYENV_ROOT: undefined, ...extra } });

const KERNELSPECS = ['/usr/share/jupyter', '/usr/local/share/jupyter'];
const PROGRAMS = ['/usr/local', '/opt', '/bin', '/usr/bin'];

describe.skipIf(!canHide())('a machine without any kernel, and without Python', () => {
  test('list, exec and install-kernel say the one command to type, which needs no Python', async () => {
    await using user = await newUser();
    const main = installCommand(user);
    const run = (...args: string[]) => onMachine(user, main, args, { hidden: [...KERNELSPECS, ...PROGRAMS] });
    const say = 'kernelkit install-kernel --language deno';
    const exec = await run('exec', '6 * 7');
    expect(exec).toMatchObject({ status: 3, stdout: '' });
    expect(fixOf(exec.stderr)).toBe(say);
    expect(await run('list')).toMatchObject({ status: 0, stderr: expect.stringContaining(`To get one: ${say}\n`) });
    const python = await run('install-kernel', '--yes');
    expect(python.status).toBe(3);
    expect(fixOf(python.stderr)).toContain(say);
  });

  test('what speaks a language is told of that language: a Python notebook has no use for Deno', async () => {
    await using user = await newUser();
    const bin = await user.dir.dir('bin');
    const main = installCommand(user);
    const fix = async (...args: string[]) => {
      const { status, stderr } = await onMachine(user, main, args, { hidden: [...KERNELSPECS, ...PROGRAMS] });
      expect({ status, stderr }).toMatchObject({ status: 3 });
      return fixOf(stderr);
    };
    const write = (language: string, name: string) =>
      user.dir.write(
        `home/${language}.ipynb`,
        notebookOf(['1'], { kernelspec: { name, display_name: name, language } }),
      );
    await write('python', 'my-env');
    await write('R', 'ir');
    await write('rust', 'rust');
    await write('typescript', 'deno');
    expect(await fix('run', 'python.ipynb')).toMatch(/^install uv .* or Python .*, then: kernelkit install-kernel$/);
    expect(await fix('exec', '-k', 'python3', '6 * 7')).toMatch(/^install uv /);
    expect(await fix('run', 'R.ipynb')).toBe('kernelkit install-kernel --language r');
    expect(await fix('run', 'typescript.ipynb')).toBe('kernelkit install-kernel --language deno');
    expect(await fix('run', 'rust.ipynb')).toBe('Install a kernel for rust, or name another kernel with -k.');
    // the system's package manager gets a Python
    user.env.PATH = bin;
    await user.dir.write('bin/apk', '', 0o755);
    expect(await fix('run', 'python.ipynb')).toBe('apk add python3 && kernelkit install-kernel');
    expect(await fix('install-kernel', '--yes')).toBe('apk add python3 && kernelkit install-kernel');
    await user.dir.write('bin/uv', '', 0o755);
    expect(await fix('run', 'python.ipynb')).toBe('kernelkit install-kernel');
  });
});

describeKernel('deno', () => {
  test('that command gets a kernel from npm, shows it, and says how to try it', async () => {
    await using user = await newUser();
    const main = installCommand(user);
    const bin = await user.dir.dir('bin');
    const deno = kernel('deno').launcher![0]!;
    // npm would put Deno there
    await user.dir.write('bin/npm', `#!/bin/sh\necho "npm $*"\n/bin/ln -s '${deno}' '${bin}/deno'\n`, 0o755);
    const env = { ...user.env, PATH: bin, npm_command: 'exec' };
    const run = async (...args: string[]) => {
      await using running = new Running(process.execPath, [main, ...args], { env });
      return await running.ended;
    };
    const { status, stdout, stderr } = await run('install-kernel', '--language', 'deno', '--yes');
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).toContain('\nnpm install --global deno\n');
    expect(stdout).toMatch(/^deno +typescript +Deno /m);
    // whoever came by npx goes on by npx
    expect(stderr).toContain("Try it: npx kernelkit exec -k deno '6 * 7'\n");
    expect((await run('exec', '-k', 'deno', '6 * 7')).stdout.trim()).toMatch(/42$/);
  });
});

/** Debian's own Python, which nothing may be installed into, with what makes environments and without ipykernel. */
function isDebians(): boolean {
  const library = readdirSync('/usr/lib').find((name) => existsSync(`/usr/lib/${name}/EXTERNALLY-MANAGED`));
  if (!existsSync('/etc/debian_version') || library === undefined) return false;
  return existsSync(`/usr/lib/${library}/ensurepip`) && !existsSync('/usr/lib/python3/dist-packages/ipykernel');
}

describe.skipIf(!canHide() || !isDebians())('a machine with Debian’s Python alone', () => {
  test('exec says one command, which makes an environment; then exec works', { timeout: 180_000 }, async () => {
    const pip = Object.entries(process.env).filter(([name]) => name.startsWith('PIP_')) as [string, string][];
    // what `npm run kernels` has fetched need not be fetched again
    const cache = join(homedir(), '.cache', 'pip');
    await using user = await newUser({ PIP_CACHE_DIR: cache, PIP_NO_COMPILE: '1', ...Object.fromEntries(pip) });
    const main = installCommand(user);
    const cwd = await user.dir.dir('home/project');
    const run = (...args: string[]) => onMachine(user, main, args, { hidden: KERNELSPECS, cwd });

    const exec = await run('exec', '6 * 7');
    expect(exec).toMatchObject({ status: 3, stdout: '' });
    expect(fixOf(exec.stderr)).toBe('kernelkit install-kernel');
    expect(fixOf((await run('list')).stdout)).toBe('apt install python3-ipykernel');
    const notebook = notebookOf(['6 * 7'], { kernelspec: { name: 'python3', display_name: 'Python 3' } });
    await user.dir.write('home/project/first.ipynb', notebook);
    expect(fixOf((await run('run', 'first.ipynb')).stderr)).toMatch(
      /^apt install python3-ipykernel .*: kernelkit install-kernel$/,
    );

    // nobody can be asked
    const asked = await run('install-kernel');
    const commands = '/usr/bin/python3 -m venv .venv && .venv/bin/python -m pip install ipykernel';
    expect(asked).toMatchObject({ status: 2, stderr: expect.stringContaining(`\n  ${commands}\n`) });
    // Debian's is left alone, also when it is named
    const named = await run('install-kernel', '/usr/bin/python3', '--dry-run');
    expect(named).toMatchObject({ status: 0, stdout: `${commands}\n` });
    expect(named.stderr).toMatch(/left alone.*\n.*apt install python3-ipykernel/);
    expect(existsSync(join(cwd, '.venv'))).toBe(false);

    const { status, stdout, stderr } = await run('install-kernel', '--yes');
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).toContain('Successfully installed');
    expect(stdout).toContain(join(cwd, '.venv'));
    const [, name = ''] = /Try it: kernelkit exec -k (\S+) '6 \* 7'\n$/.exec(stderr) ?? [];
    expect(await run('exec', '-k', name, '6 * 7')).toMatchObject({ status: 0, stdout: '42\n' });
    const executed = await run('run', 'first.ipynb', '--stdout');
    expect(executed).toMatchObject({ status: 0, stdout: expect.stringMatching(/"text\/plain": \[?\s*"42"/) });
    expect(await run('install-kernel')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('Nothing is to be done'),
    });
  });
});

describe('a machine with broken kernelspecs', () => {
  test('each is listed with its reason, and the rest works', async () => {
    await using user = await newUser();
    await addSpec(user, 'torn', '{"argv": ["python3", ');
    await addSpec(user, 'gone', {
      argv: ['/nowhere/kernel', '{connection_file}'],
      display_name: 'Gone',
      language: 'x',
    });
    await addSpec(user, 'empty', { argv: [], display_name: 'Empty', language: 'x' });
    await addSpec(user, 'good', faultySpec());
    const { status, stdout } = await kernelkit(['list'], { env: user.env });
    expect(status).toBe(0);
    const below = (name: string) => new RegExp(`^${name} .*\\n((?: {4}.*\\n)*)`, 'm').exec(stdout)?.[1] ?? '';
    expect(below('torn')).toMatch(/does not start: .*torn\/kernel\.json.*JSON/);
    expect(below('gone')).toMatch(/does not start: .*\/nowhere\/kernel/);
    expect(below('empty')).toMatch(/does not start: .*argv/);
    for (const name of ['torn', 'gone', 'empty']) expect(fixOf(below(name))).toBeTruthy();
    // left of an environment that is gone, which is what most often is wrong
    expect(fixOf(below('gone'))).toMatch(/ To be rid of it: rm -r \S+\/kernels\/gone$/);
    expect(below('good')).toBe('');
    const ran = await kernelkit(['exec', '-k', 'good', '[["stream", "works\\n"], ["reply"], ["idle"]]'], {
      env: user.env,
    });
    expect(ran).toMatchObject({ status: 0, stdout: expect.stringContaining('works') });
    // no package mends them
    const { status: refused, stderr } = await kernelkit(['install-kernel', 'gone', '--yes'], { env: user.env });
    expect({ refused, stderr }).toMatchObject({ refused: 4, stderr: expect.stringContaining('/nowhere/kernel') });
  });
});

describe('a machine with forty environments', () => {
  test('each is listed with its command; install-kernel has the same, and takes the project’s of itself', async () => {
    await using user = await newUser();
    const target = new DiskTarget();
    const ground = groundOf(target, user.home);
    const base = user.dir.join('home', 'base');
    python(ground, base, '3.11.4');
    const at = (index: number) => user.dir.join('home', '.virtualenvs', `env-${index}`);
    for (let index = 1; index < 40; index++) venv(ground, at(index), { base, version: '3.11.4' });
    const cwd = user.dir.join('home', 'project');
    venv(ground, join(cwd, '.venv'), { base, version: '3.11.4' });

    const { status, stdout } = await kernelkit(['list'], { env: user.env, cwd });
    expect(status).toBe(0);
    const commands = [...stdout.matchAll(/^ {4}fix: (.*\/bin\/python -m pip install ipykernel)$/gm)].map(
      ([, fix]) => fix,
    );
    const expected = [join(cwd, '.venv'), ...Array.from({ length: 39 }, (_, index) => at(index + 1))];
    expect(commands.sort()).toEqual(expected.map((prefix) => `${prefix}/bin/python -m pip install ipykernel`).sort());

    const exec = await kernelkit(['exec', '-k', 'env-17', '6 * 7'], { env: user.env, cwd });
    expect(exec.status).toBe(4);
    const dry = (...args: string[]) => kernelkit(['install-kernel', ...args, '--dry-run'], { env: user.env, cwd });
    expect((await dry('env-17')).stdout).toBe(`${fixOf(exec.stderr)}\n`);
    expect((await dry()).stdout).toBe(`${join(cwd, '.venv')}/bin/python -m pip install ipykernel\n`);
  });
});
