import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  describeKernel,
  isolatedEnv,
  isReachable,
  kernels,
  makeReadOnly,
  runUnprivileged,
  tempDir,
} from '../support/index.js';

describe('tempDir', () => {
  test('makes files and folders, and takes read-only ones away too', async () => {
    let path: string;
    {
      await using dir = await tempDir();
      path = dir.path;
      await dir.write('a/b/c.txt', 'x');
      await makeReadOnly(dir.join('a'));
      expect((await stat(dir.join('a/b/c.txt'))).mode & 0o777).toBe(0o444);
    }
    expect(existsSync(path)).toBe(false);
  });
});

describe('isolatedEnv', () => {
  test('a child sees a home of its own and nothing of the user', async () => {
    await using user = await isolatedEnv({ extra: { EXTRA: '1', LANG: undefined } });
    const show = 'console.log(JSON.stringify({ home: require("node:os").homedir(), env: process.env }))';
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', show], { env: user.env });
    const { home, env } = JSON.parse(stdout);
    expect(home).toBe(user.home);
    expect(home).not.toBe(homedir());
    expect(env.EXTRA).toBe('1');
    expect(env).not.toHaveProperty('LANG');
    expect(env.KERNELKIT_TEST_RUN).toBe(process.env.KERNELKIT_TEST_RUN);
    const ours = /^(XDG_|JUPYTER_|IPYTHONDIR|HOME|USERPROFILE)/;
    for (const [name, value] of Object.entries(env)) if (ours.test(name)) expect(value).toContain(user.home);
  });
});

describe.skipIf(process.platform === 'win32')('runUnprivileged', () => {
  test('cannot write where it may only read, whoever runs the tests', async () => {
    await using user = await isolatedEnv();
    await makeReadOnly(user.home);
    const options = { env: user.env, cwd: user.dir.path };
    const write = await runUnprivileged('/bin/sh', ['-c', 'echo x > "$HOME/file"'], options);
    expect(write.code).not.toBe(0);
    expect(existsSync(`${user.home}/file`)).toBe(false);
    const read = await runUnprivileged('/bin/sh', ['-c', 'cd "$HOME" && cat && id -u'], { ...options, input: 'in\n' });
    expect(read.stdout).toMatch(/^in\n[1-9]\d*\n$/);
  });

  test('isReachable tells what the other user can read', async () => {
    await using dir = await tempDir();
    const file = await dir.write('open/closed/file', 'x');
    const readable = async () => (await runUnprivileged('/bin/cat', [file], { env: {}, cwd: '/' })).code === 0;
    expect([await isReachable(file), await readable()]).toEqual([true, true]);
    await chmod(dir.join('open/closed'), 0o600);
    expect(await isReachable(file)).toBe(false);
    expect(await readable()).toBe(false);
    await chmod(dir.join('open/closed'), 0o755);
  });

  test('ends the whole group when it takes too long', async () => {
    await using user = await isolatedEnv();
    const options = { env: user.env, cwd: user.dir.path, timeoutMs: 500 };
    await expect(runUnprivileged('/bin/sh', ['-c', 'sleep 1000 & wait'], options)).rejects.toThrow(
      'did not end in 500 ms',
    );
    // the leak check at the end of the run would find the sleeper
  });
});

describe('kernels', () => {
  test('one Python kernel and Deno are there, as every run demands', () => {
    const available = [...kernels().values()].filter((kernel) => kernel.available).map((kernel) => kernel.name);
    expect(available).toContain('deno');
    expect(available.some((name) => /python|ipykernel/.test(name))).toBe(true);
  });

  describeKernel(['ipykernel', 'ipykernel6', 'peer'], (kernel) => {
    test('its interpreter imports the version that the list names', async () => {
      const module = kernel.name === 'peer' ? 'jupyter_client' : 'ipykernel';
      const { stdout } = await promisify(execFile)(kernel.python!, [
        '-c',
        `import ${module}; print(${module}.__version__)`,
      ]);
      expect(stdout.trim()).toBe(kernel.version);
    });

    test('its kernelspec is there', () => {
      expect(existsSync(`${kernel.kernelspec}/kernel.json`)).toBe(true);
    });
  });
});
