import { existsSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { type IsolatedEnv, isolatedEnv } from '../../../testing/support/index.js';
import { ensureBuilt, faultySpec, kernelkit } from './support.js';

beforeAll(ensureBuilt);

interface Explained {
  environment: { name: string; value: string | null; source: { kind: string; detail: string } }[];
  scripts: string[];
  problem: { kind: string } | null;
  activation: { notes: { kind: string }[]; cached: boolean } | null;
}

/** A conda environment with a kernel of another language in it, and a script that leaves a mark when it is run. */
async function condaEnvironment(user: IsolatedEnv): Promise<{ prefix: string; mark: string }> {
  const prefix = user.dir.join('home/miniconda3/envs/demo');
  const mark = user.dir.join('mark');
  const write = (name: string, text: string) => user.dir.write(`home/miniconda3/${name}`, text);
  await write('conda-meta/conda-24.11.3-py311_0.json', '{}');
  await write('conda-meta/history', '');
  await write('condabin/conda', '');
  await write('envs/demo/conda-meta/history', '');
  await write('envs/demo/etc/conda/env_vars.d/keys.json', JSON.stringify({ API_TOKEN: 'do-not-show', PLAIN: 'shown' }));
  await write('envs/demo/etc/conda/activate.d/mark.sh', `: > '${mark}'; export FROM_SCRIPT=yes\n`);
  await write('envs/demo/share/jupyter/kernels/steps/kernel.json', JSON.stringify(faultySpec()));
  return { prefix, mark };
}

async function explained(user: IsolatedEnv, args: readonly string[]): Promise<Explained> {
  const { status, stdout, stderr } = await kernelkit(['explain', ...args, '--json'], { env: user.env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Explained;
}

test('explain names the source of every variable, and the scripts that were run', async () => {
  await using user = await isolatedEnv();
  const { prefix, mark } = await condaEnvironment(user);
  const { environment, scripts } = await explained(user, [prefix]);
  const source = (name: string) => environment.find((each) => each.name === name)?.source;
  expect(source('CONDA_PREFIX')).toMatchObject({ kind: 'activation', detail: expect.stringContaining('conda') });
  expect(source('PLAIN')?.detail).toContain('keys.json');
  expect(source('FROM_SCRIPT')?.detail).toContain('mark.sh');
  expect(scripts).toEqual([`${prefix}/etc/conda/activate.d/mark.sh`]);
  expect(existsSync(mark)).toBe(true);
});

test('--no-scripts runs none, and says so', async () => {
  await using user = await isolatedEnv();
  const { prefix, mark } = await condaEnvironment(user);
  const { environment, scripts, activation } = await explained(user, [prefix, '--no-scripts']);
  expect([scripts, existsSync(mark)]).toEqual([[], false]);
  expect(environment.some(({ name }) => name === 'FROM_SCRIPT')).toBe(false);
  expect(environment.some(({ name }) => name === 'CONDA_PREFIX')).toBe(true);
  expect(activation?.notes).toMatchObject([{ kind: 'scripts-left-out' }]);
});

test('secrets are masked for people, and only for them', async () => {
  await using user = await isolatedEnv();
  const { prefix } = await condaEnvironment(user);
  const { stdout } = await kernelkit(['explain', prefix], { env: user.env });
  expect(stdout).toMatch(/^ {2}API_TOKEN +\*{8} +activation: /m);
  expect(stdout).toMatch(/^ {2}PLAIN +shown /m);
  expect(stdout).not.toContain('do-not-show');
  const { environment } = await explained(user, [prefix]);
  expect(environment.find(({ name }) => name === 'API_TOKEN')?.value).toBe('do-not-show');
});

test('a .env file is taken where it is asked for; one that is named and not there is 8', async () => {
  await using user = await isolatedEnv();
  const { prefix } = await condaEnvironment(user);
  await user.dir.write('home/project/.env', 'PLAIN="from the file"\n');
  const cwd = ['--cwd', user.dir.join('home/project')];
  const plain = async (args: readonly string[]) => {
    return (await explained(user, [prefix, ...cwd, ...args])).environment.find(({ name }) => name === 'PLAIN');
  };
  expect((await plain([]))?.value).toBe('shown');
  expect(await plain(['--dotenv'])).toMatchObject({ value: 'from the file', source: { kind: 'dotenv' } });
  const missing = await kernelkit(['explain', prefix, '--dotenv', 'none.env'], { env: user.env });
  expect({ status: missing.status, stderr: missing.stderr }).toMatchObject({
    status: 8,
    stderr: expect.stringContaining('none.env'),
  });
});

test('a script that fails is told of, and the kernel starts all the same', async () => {
  await using user = await isolatedEnv();
  const { prefix } = await condaEnvironment(user);
  await user.dir.write('home/miniconda3/envs/demo/etc/conda/activate.d/z.sh', 'echo broken >&2; return 3\n');
  const code = JSON.stringify([['stream', 'hello'], ['reply'], ['idle']]);
  const { status, stdout, stderr } = await kernelkit(['exec', '-k', prefix, code], { env: user.env });
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'hello' });
  expect(stderr).toMatch(/warning: .*z\.sh/);
});

test('configuration files that need a parser are read by the built command, too', async () => {
  await using user = await isolatedEnv();
  await user.dir.write('home/elsewhere/by-condarc/conda-meta/history', '');
  await user.dir.write('home/.condarc', `envs_dirs:\n  - ${user.dir.join('home/elsewhere')} # mine\n`);
  await user.dir.write('home/ws/.pixi/envs/default/conda-meta/pixi', '{}');
  await user.dir.write('home/.pixi/workspaces.toml', `[named-workspaces]\nws = "${user.dir.join('home/ws')}"\n`);
  const { stdout, stderr } = await kernelkit(['list', '--json'], { env: user.env });
  expect(stderr).toBe('');
  const { kernels } = JSON.parse(stdout) as { kernels: { environment: { prefix: string } | null }[] };
  const prefixes = kernels.map(({ environment }) => environment?.prefix);
  expect(prefixes).toContain(user.dir.join('home/elsewhere/by-condarc'));
  expect(prefixes).toContain(user.dir.join('home/ws/.pixi/envs/default'));
});
