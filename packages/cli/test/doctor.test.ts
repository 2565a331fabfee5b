import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeKernel, type IsolatedEnv, isolatedEnv, kernel } from '../../../testing/support/index.js';
import { addSpec, ensureBuilt, faultySpec, kernelkit } from './support.js';

beforeAll(ensureBuilt);

interface Report {
  kernel: { name: string } | null;
  verdict: string;
  steps: { name: string; status: string; message: string; fix: string | null; details: string[] }[];
}

/** An environment without ipykernel, whose program says what it was asked in a file and "installs" it when pip is asked to. */
async function bareEnvironment(user: IsolatedEnv): Promise<{ prefix: string; asked: string }> {
  const prefix = user.dir.join('envs', 'bare');
  const asked = user.dir.join('asked');
  const site = `${prefix}/lib/python3.11/site-packages`;
  await user.dir.write('envs/bare/pyvenv.cfg', 'home = /usr/bin\nversion = 3.11.2\n');
  await user.dir.write('envs/bare/lib/python3.11/site-packages/pip/__init__.py', '');
  const script = `#!/bin/sh\necho "$*" >> '${asked}'\n[ "$2" = pip ] && mkdir '${site}/ipykernel-6.29.5.dist-info'\nexit 0\n`;
  await user.dir.write('envs/bare/bin/python', script, 0o755);
  return { prefix, asked };
}

describe('doctor', () => {
  test('without KERNEL: the machine, and each kernel that cannot be started, with its remedy', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'bad', { argv: ['/nowhere/kernel', '{connection_file}'], display_name: 'Bad', language: 'x' });
    await addSpec(user, 'good', faultySpec());
    const { status, stdout } = await kernelkit(['doctor', '--json'], { env: user.env });
    expect(status).toBe(0);
    const { kernel, steps }: Report = JSON.parse(stdout);
    expect(kernel).toBeNull();
    expect(steps.map(({ name }) => name).slice(0, 8)).toEqual([
      ...['program', 'run files', 'loopback', 'unix socket', 'journal', 'kernelspecs', 'environs', 'kernels'],
    ]);
    expect(steps.find(({ message }) => message.includes('/nowhere/kernel'))).toMatchObject({
      status: 'warning',
      fix: expect.any(String),
    });
  });

  test('--fix without KERNEL: 2, and what to type; where nothing was found, that is said', async () => {
    await using user = await isolatedEnv();
    const { status, stderr } = await kernelkit(['doctor', '--fix'], { env: user.env });
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('kernelkit install-kernel'),
    });
    const { stdout } = await kernelkit(['doctor'], { env: user.env });
    expect(stdout).toMatch(
      / kernelspecs +(?:none of \d+ directories of kernelspecs has any|[1-9]\d* of \d+ directories)/,
    );
    expect(stdout).not.toContain('gave nothing');
  });

  test('a kernel that works, step by step', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'good', faultySpec());
    const { status, stdout } = await kernelkit(['doctor', 'good'], { env: user.env });
    expect({ status, stdout }).toMatchObject({ status: 0 });
    const names = stdout.split('\n').flatMap((line) => /^✓ (\w+)/.exec(line)?.[1] ?? []);
    expect(names).toEqual(['kernel', 'environment', 'plan', 'start', 'speaks', 'execute', 'end']);
  });

  test('one that dies at its start: what it said, and 4', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'dying', faultySpec({ exit: 3, stderr: 'the last words\n' }));
    const { status, stdout } = await kernelkit(['doctor', 'dying', '--json'], { env: user.env });
    expect(status).toBe(4);
    const { verdict, steps }: Report = JSON.parse(stdout);
    expect(verdict).toBe('failed');
    expect(steps.at(-1)).toMatchObject({
      name: 'start',
      status: 'failed',
      details: expect.arrayContaining(['the last words']),
    });
  });

  test('no such kernel: 3', async () => {
    await using user = await isolatedEnv();
    expect((await kernelkit(['doctor', 'nope'], { env: user.env })).status).toBe(3);
  });

  test('--fix runs nothing where nobody can be asked', async () => {
    await using user = await isolatedEnv();
    const { prefix, asked } = await bareEnvironment(user);
    const plain = await kernelkit(['doctor', prefix], { env: user.env });
    expect(plain).toMatchObject({
      status: 4,
      stdout: expect.stringContaining(`fix: ${prefix}/bin/python -m pip install ipykernel`),
    });
    const { status, stderr } = await kernelkit(['doctor', prefix, '--fix'], { env: user.env });
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(/--yes/) });
    expect(existsSync(asked)).toBe(false);
  });

  test('--fix --yes shows the command, runs it, and looks again', async () => {
    await using user = await isolatedEnv();
    const { prefix } = await bareEnvironment(user);
    const { stdout, stderr } = await kernelkit(['doctor', prefix, '--fix', '--yes', '--json', '--timeout', '20'], {
      env: user.env,
    });
    expect(stderr).toContain(`${prefix}/bin/python -m pip install ipykernel`);
    const { steps }: Report = JSON.parse(stdout);
    expect(steps.find(({ name }) => name === 'fix')).toMatchObject({ status: 'ok' });
    // what was missing is there: it is the start that fails now, since this is no Python
    expect(steps.find(({ name }) => name === 'plan')).toMatchObject({ status: 'ok' });
    expect(steps.at(-1)).toMatchObject({ name: 'start', status: 'failed' });
  });
});

describeKernel('ipykernel', () => {
  test('an environment, from its files to its first result', async () => {
    await using user = await isolatedEnv();
    const { prefix } = kernel('ipykernel');
    const { status, stdout } = await kernelkit(['doctor', prefix!, '--json'], { env: user.env });
    const { steps, verdict }: Report = JSON.parse(stdout);
    expect({ status, verdict }).toEqual({ status: 0, verdict: 'ok' });
    expect(steps.find(({ name }) => name === 'activation')?.message).toMatch(/variables, computed from its files/);
    expect(steps.find(({ name }) => name === 'execute')?.message).toContain(`sys.prefix is ${prefix}`);
  });
});
