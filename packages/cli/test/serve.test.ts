import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { writeKernelspecs } from '../../../testing/servers/index.js';
import { describeKernel, isolatedEnv } from '../../../testing/support/index.js';
import { command, ensureBuilt, kernelkit } from './support.js';

beforeAll(ensureBuilt);

/** The gateway as a user starts it; the first line of its output says where. */
async function serving(args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [command, 'serve', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = once(child, 'exit');
  const line = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('\n')) resolve(stdout.split('\n', 1)[0]!);
    });
    void exited.then(() => reject(new Error(`it ended: ${stderr}`)));
  });
  return {
    line: await line,
    told: () => stdout + stderr,
    async end(signal: NodeJS.Signals = 'SIGINT') {
      child.kill(signal);
      return (await exited)[0] as number | null;
    },
  };
}

describeKernel('ipykernel', () => {
  test('serves this machine on a port, with a token that is told nowhere, and ends with its kernels at Ctrl-C', async () => {
    await using user = await isolatedEnv();
    await writeKernelspecs(user, ['ipykernel']);
    const token = 'secret-of-the-gateway';
    const gateway = await serving(['--port', '0', '--base-url', 'a/b'], { ...user.env, KERNELKIT_SERVE_TOKEN: token });
    let status: number | null = null;
    try {
      const url = gateway.line;
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/a\/b\/$/);
      expect((await fetch(`${url}api/kernels`)).status).toBe(403);
      const ran = await kernelkit(
        ['exec', '-k', 'python3', '--server', url, 'import os; print(6 * 7, "KERNELKIT_SERVE_TOKEN" in os.environ)'],
        { env: { ...user.env, KERNELKIT_TOKEN: token } },
      );
      expect(ran).toMatchObject({ status: 0, stdout: '42 False\n' });
      const started = await fetch(`${url}api/kernels`, {
        ...{ method: 'POST', body: '{}', headers: { Authorization: `token ${token}` } },
      });
      expect(started.status).toBe(201);
    } finally {
      status = await gateway.end();
    }
    // that the kernel has ended with it the suite's check for processes shows
    expect(status).toBe(130);
    expect(gateway.told()).not.toContain(token);
  });

  test('a Unix socket for its owner alone', async () => {
    await using user = await isolatedEnv();
    await writeKernelspecs(user, ['ipykernel']);
    const path = user.dir.join('gateway.sock');
    const gateway = await serving(['--socket', path], user.env);
    try {
      expect(gateway.line).toBe(`unix:${path}`);
      const status = await new Promise<number | undefined>((resolve, reject) => {
        request({ socketPath: path, path: '/api/kernelspecs' }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
      expect(status).toBe(200);
    } finally {
      await gateway.end('SIGTERM');
    }
  });
});

test('a port that is taken, and a token that nobody would see', async () => {
  await using user = await isolatedEnv();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  try {
    const { port } = other.address() as { port: number };
    const env = { ...user.env, KERNELKIT_SERVE_TOKEN: 'secret-of-the-gateway' };
    const taken = await kernelkit(['serve', '--port', String(port)], { env });
    expect(taken.status).toBe(7);
    expect(taken.stderr).toContain('another program does');
    const unseen = await kernelkit(['serve', '--port', '0'], { env: user.env });
    expect(unseen.status).toBe(2);
    expect(unseen.stderr).toContain('KERNELKIT_SERVE_TOKEN');
  } finally {
    other.close();
  }
});
