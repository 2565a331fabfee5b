import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeKernel, type IsolatedEnv, isolatedEnv, peerPython } from '../../../testing/support/index.js';
import { addSpec, ensureBuilt, faultySpec, kernelkit, notebookOf } from './support.js';

beforeAll(ensureBuilt);

interface Kernel {
  id: string;
  source: string;
  name: string;
  language: string;
  argv: string[];
  specFile: string | null;
  startable: boolean;
  environment: { kind: string; name: string; prefix: string; version: string | null } | null;
  problem: { kind: string; message: string; fix: string } | null;
  hidden: { reason: string; by: string } | null;
}

async function listed(user: IsolatedEnv, ...args: string[]): Promise<Kernel[]> {
  const { stdout } = await kernelkit(['list', '--json', ...args], { env: user.env });
  return (JSON.parse(stdout) as { kernels: Kernel[] }).kernels;
}

/** A virtual environment as files, its Python a link to one that is there; gives its prefix. */
async function venv(user: IsolatedEnv, path: string, options: { ipykernel?: boolean } = {}): Promise<string> {
  const { dir } = user;
  const base = realpathSync(process.execPath);
  await dir.write(`${path}/pyvenv.cfg`, 'home = /usr/bin\nversion = 3.11.2\n');
  // whatever it leads to, it is not started
  await dir.write(`${path}/bin/python`, `#!/bin/sh\nexec ${base}\n`);
  execFileSync('chmod', ['+x', dir.join(path, 'bin/python')]);
  await dir.dir(`${path}/lib/python3.11/site-packages`);
  if (options.ipykernel) await installed(user, path);
  return dir.join(path);
}

/** What pip leaves behind of ipykernel. */
async function installed({ dir }: IsolatedEnv, path: string): Promise<void> {
  const site = `${path}/lib/python3.11/site-packages`;
  await dir.write(`${site}/ipykernel_launcher.py`, '');
  await dir.write(`${site}/ipykernel/__init__.py`, '');
  await dir.write(
    `${site}/ipykernel-7.0.0.dist-info/METADATA`,
    'Metadata-Version: 2.1\nName: ipykernel\nVersion: 7.0.0\n',
  );
}

/** A user with a project, an environment kept by name, and others that cannot be started. */
async function furnished(): Promise<IsolatedEnv> {
  const user = await isolatedEnv({ extra: { PYENV_ROOT: '/nowhere', PATH: '/nowhere' } });
  user.env.WORKON_HOME = user.dir.join('home/envs');
  await venv(user, 'home/project/.venv', { ipykernel: true });
  await venv(user, 'home/envs/named', { ipykernel: true });
  await venv(user, 'home/envs/bare');
  await venv(user, 'home/envs/my 名前');
  await addSpec(user, 'mine', faultySpec());
  await addSpec(user, 'broken', { argv: ['/nowhere/kernel', '{connection_file}'], display_name: 'B', language: 'b' });
  return user;
}

const row = (text: string, name: string): string =>
  text.split('\n').find((line) => line.startsWith(`${name} `)) ?? `no row ${name} in ${text}`;

describe('list', () => {
  test('piped: a row a line, every path in full, why and what to do below', async () => {
    await using user = await furnished();
    const { status, stdout } = await kernelkit(['list', '--cwd', user.dir.join('home/project')], { env: user.env });
    expect(status).toBe(0);
    const rows = stdout.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
    expect(rows).toHaveLength(1 + (await listed(user, '--cwd', user.dir.join('home/project'))).length);
    expect(row(stdout, 'named')).toMatch(
      /^named +python +named \(Python 3\.11\.2\) +virtualenvwrapper named 3\.11\.2 +\/.*\/home\/envs\/named$/,
    );
    expect(row(stdout, 'bare')).toMatch(/ \/.*\/home\/envs\/bare$/);
    const below = stdout
      .slice(stdout.indexOf(row(stdout, 'bare')))
      .split('\n')
      .slice(1, 3);
    expect(below[0]).toMatch(/^ {4}does not start: ipykernel is not installed for \/.*\/envs\/bare\/bin\/python$/);
    expect(below[1]).toMatch(/^ {4}fix: \S.* install .*ipykernel$/);
    expect(stdout).toContain("'my 名前'");
    // the project's own comes first, what does not start last
    expect(rows[1]).toContain('/home/project/.venv');
    expect(rows.indexOf(row(stdout, 'broken'))).toBeGreaterThan(rows.indexOf(row(stdout, 'named')));
  });

  test('every name in the table is one that names that kernel', async () => {
    await using user = await furnished();
    // two of one name, one that is a language, one that is called as a file here, one with kernels of its own
    await venv(user, 'home/other/.venv', { ipykernel: true });
    await venv(user, 'home/envs/python', { ipykernel: true });
    await venv(user, 'home/envs/file', { ipykernel: true });
    await user.dir.write('home/file', '');
    const own = JSON.stringify({ ...faultySpec(), display_name: 'Own' });
    await user.dir.write('home/envs/named/share/jupyter/kernels/own/kernel.json', own);
    await user.dir.write('home/envs/bare/share/jupyter/kernels/own/kernel.json', own);
    const { stdout } = await kernelkit(['list'], { env: user.env });
    const names = stdout
      .split('\n')
      .slice(1)
      .flatMap((line) => /^('[^']+'|\S+) /.exec(line)?.[1] ?? []);
    const kernels = await listed(user);
    expect(names).toHaveLength(kernels.length);
    for (const [at, name] of names.entries()) {
      const query = name.replace(/^~(?=\/)/, user.home).replaceAll("'", '');
      const { stdout: explained } = await kernelkit(['explain', query, '--json'], { env: user.env });
      expect([name, (JSON.parse(explained) as { kernel: Kernel }).kernel.id]).toEqual([name, kernels[at]?.id]);
    }
  }, 60_000);

  test('--all: what is hidden, by which kernel, and only the places that gave something', async () => {
    await using user = await furnished();
    // Jupyter's own of the environment's Python: one row, and the other one hidden
    const python = user.dir.join('home/envs/named/bin/python');
    const argv = [python, '-m', 'ipykernel_launcher', '-f', '{connection_file}'];
    await addSpec(user, 'registered', { argv, display_name: 'Registered', language: 'python' });
    const all = await listed(user, '--all');
    const hidden = all.find(({ environment, hidden }) => environment?.name === 'named' && hidden !== null);
    const shown = all.find(({ name }) => name === 'registered');
    expect(hidden?.hidden).toEqual({ reason: 'duplicate', by: shown?.id });
    const { stdout } = await kernelkit(['list', '--all'], { env: user.env });
    expect(stdout).toContain(`    duplicate of ${shown?.id} (registered); its own id is ${hidden?.id}\n`);
    expect((await kernelkit(['list'], { env: user.env })).stdout).not.toContain(hidden?.id);
    const searched = stdout.slice(stdout.indexOf('\nSearched\n'));
    expect(searched).toMatch(/\/home\/envs +\d found/);
    expect(searched).not.toMatch(/ 0 found/);
    expect(searched).toMatch(/other places have nothing/);
  });

  test('--no-cache writes no cache; without it there is one', async () => {
    // this machine's Pythons have been there for a while: they are kept
    await using user = await isolatedEnv();
    const file = user.dir.join('home/.cache/kernelkit/environments.json');
    for (const args of [['list'], ['explain', 'mine'], ['exec', '-k', 'nothing', '1']]) {
      await addSpec(user, 'mine', faultySpec());
      await kernelkit([...args, '--no-cache'], { env: user.env });
      expect(existsSync(file)).toBe(false);
    }
    await kernelkit(['list'], { env: user.env });
    expect(existsSync(file)).toBe(true);
  });
});

describe('naming an environment', () => {
  test.each([
    ['its prefix', (home: string) => `${home}/envs/named`],
    ['its interpreter', (home: string) => `${home}/envs/named/bin/python`],
    ['its name', () => 'named'],
    ['a relative path', () => './envs/named'],
  ])('%s', async (_, query) => {
    await using user = await furnished();
    const { status, stdout } = await kernelkit(['explain', query(user.home), '--json'], { env: user.env });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      kernel: {
        source: 'environment',
        environment: { name: 'named', version: '3.11.2', kernelPackage: { name: 'ipykernel', version: '7.0.0' } },
      },
      argv: [`${user.home}/envs/named/bin/python`, '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
      problem: null,
    });
  });

  test('an environment that cannot be started: explained with 0; exec and run end with 4, the problem and the fix', async () => {
    await using user = await furnished();
    const explained = await kernelkit(['explain', 'bare'], { env: user.env });
    expect(explained.status).toBe(0);
    expect(explained.stdout).toMatch(/^environment +virtualenvwrapper bare 3\.11\.2 in \/.*\/envs\/bare$/m);
    expect(explained.stdout).toMatch(/^problem +ipykernel is not installed for/m);
    await user.dir.write('home/a.ipynb', notebookOf(['1']));
    for (const args of [
      ['exec', '-k', 'bare', '1'],
      ['run', 'a.ipynb', '-k', `${user.home}/envs/bare`],
    ]) {
      const { status, stderr } = await kernelkit(args, { env: user.env });
      expect(status).toBe(4);
      expect(stderr).toMatch(/ipykernel is not installed for .*\n[\s\S]*fix: +\S.*ipykernel/);
    }
  });

  test('a prefix that holds no kernel at all: argv [] and no language', async () => {
    await using user = await furnished();
    const prefix = await user.dir.dir('home/empty');
    await user.dir.write('home/empty/conda-meta/history', '');
    const { status, stdout } = await kernelkit(['explain', prefix, '--json'], { env: user.env });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      kernel: { argv: [], language: '', startable: false, environment: { kind: 'conda', prefix } },
      argv: [],
      problem: { kind: 'python-missing', fix: expect.stringContaining('ipykernel') },
    });
    const text = await kernelkit(['explain', prefix], { env: user.env });
    expect(text.stdout).toMatch(/^argv +\(none\)$/m);
    expect((await kernelkit(['exec', '-k', prefix, '1'], { env: user.env })).status).toBe(4);
  });

  test('how a kernelspec was tied to its environment', async () => {
    await using user = await furnished();
    const python = user.dir.join('home/envs/named/bin/python');
    await addSpec(user, 'tied', {
      argv: [python, '-m', 'mine', '{connection_file}'],
      display_name: 'T',
      language: 'x',
    });
    const { stdout } = await kernelkit(['explain', 'tied'], { env: user.env });
    expect(stdout).toMatch(/^environment +virtualenvwrapper named 3\.11\.2 in /m);
    expect(stdout).toMatch(/^ +the kernel's, because argv starts a program of it$/m);
  });
});

describeKernel('ipykernel', ({ prefix, python }) => {
  test('code runs in an environment that nobody registered, by its prefix and by its interpreter', async () => {
    await using user = await isolatedEnv();
    const code = 'import sys; print(sys.prefix)';
    for (const name of [prefix!, python!]) {
      const ran = await kernelkit(['exec', '-k', name, code], { env: user.env });
      expect(ran).toMatchObject({ status: 0, stdout: `${prefix}\n` });
    }
  });

  test("a notebook run on an environment's interpreter names python3, as Jupyter would", async () => {
    await using user = await isolatedEnv();
    await user.dir.write('home/a.ipynb', notebookOf(['6 * 7']));
    const { status } = await kernelkit(['run', 'a.ipynb', '-k', python!, '--inplace'], { env: user.env });
    expect(status).toBe(0);
    const { metadata }: { metadata: { kernelspec: object } } = JSON.parse(
      readFileSync(user.dir.join('home/a.ipynb'), 'utf8'),
    );
    expect(metadata.kernelspec).toMatchObject({ name: 'python3', language: 'python' });
  });
});

describeKernel('peer', ({ prefix }) => {
  test('nothing that Jupyter lists is missing', async () => {
    await using user = await isolatedEnv({ extra: { VIRTUAL_ENV: prefix! } });
    await addSpec(user, 'mine', faultySpec());
    await user.dir.write('path/kernels/other/kernel.json', JSON.stringify(faultySpec()));
    user.env.JUPYTER_PATH = user.dir.join('path');
    const jupyter = join(prefix!, 'bin', 'jupyter-kernelspec');
    const text = execFileSync(peerPython(), [jupyter, 'list', '--json'], { env: user.env, encoding: 'utf8' });
    const { kernelspecs }: { kernelspecs: Record<string, { resource_dir: string }> } = JSON.parse(text);
    expect(Object.keys(kernelspecs)).toEqual(expect.arrayContaining(['mine', 'other', 'python3']));
    const ours = new Map((await listed(user)).map((kernel) => [kernel.specFile, kernel.name]));
    for (const [name, { resource_dir }] of Object.entries(kernelspecs)) {
      expect([name, ours.get(join(resource_dir, 'kernel.json'))]).toEqual([name, name]);
    }
  });
});
