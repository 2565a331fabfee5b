import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { describeServer, makeCertificates, writeKernelspecs } from '../../../testing/servers/index.js';
import { describeKernel, isolatedEnv } from '../../../testing/support/index.js';
import { addSpec, command, ensureBuilt, faultySpec, kernelkit } from './support.js';

beforeAll(ensureBuilt);

/** The gateway as a user starts it; the first line of its output says where. */
async function serving(
  args: string[],
  env: Record<string, string>,
  { detached = false, under = [] as readonly string[] } = {},
) {
  const [file, ...words] = [...under, process.execPath, command, 'serve', ...args];
  const child = spawn(file!, words, { env, stdio: ['ignore', 'pipe', 'pipe'], detached });
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
    /** The log, where it is JSON. */
    logged: () =>
      stderr
        .trimEnd()
        .split('\n')
        .map((text) => JSON.parse(text) as { event: string; level: string; message: string }),
    pid: child.pid!,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    ended: exited.then(([status]) => status as number | null),
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
      const env = { ...user.env, KERNELKIT_TOKEN: token };
      const ran = await kernelkit(
        ['exec', '-k', 'python3', '--server', url, 'import os; print(6 * 7, "KERNELKIT_SERVE_TOKEN" in os.environ)'],
        { env },
      );
      expect(ran).toMatchObject({ status: 0, stdout: '42 False\n' });
      const cells = ['x = 41', 'x + 1', '1 / 0'].map((source) => ({
        ...{
          id: source.length.toString(),
          cell_type: 'code',
          source,
          metadata: {},
          outputs: [],
          execution_count: null,
        },
      }));
      const metadata = { kernelspec: { name: 'python3', display_name: 'Python', language: 'python' } };
      const path = await user.dir.write('n.ipynb', JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells }));
      const notebook = await kernelkit(['run', path, '--server', url, '--stdout'], { env });
      expect(notebook.status).toBe(1);
      const outputs = JSON.parse(notebook.stdout).cells.map((cell: { outputs: unknown[] }) => cell.outputs[0]);
      expect(outputs).toMatchObject([undefined, { data: { 'text/plain': ['42'] } }, { ename: 'ZeroDivisionError' }]);
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

const JSON_LOG = { KERNELKIT_SERVE_LOG_FORMAT: 'json', KERNELKIT_SERVE_PORT: '0' };

/** As systemd and containers run it: nobody else is in its session, and SIGTERM is how it ends. */
describeKernel('ipykernel', () => {
  test('SIGTERM ends the kernels of one that is a session of its own; its log is JSON, without the token', async () => {
    await using user = await isolatedEnv();
    await writeKernelspecs(user, ['ipykernel']);
    const token = 'secret-"quoted"-token';
    const file = await user.dir.write('token', `${token}\n`);
    const variables = { ...JSON_LOG, KERNELKIT_SERVE_TOKEN_FILE: file, KERNELKIT_SERVE_PROT: '1' };
    const gateway = await serving([], { ...user.env, ...variables }, { detached: true });
    try {
      const headers = { Authorization: `token ${token}` };
      const started = await fetch(`${gateway.line}api/kernels?token=${token}`, { method: 'POST' });
      expect(started.status).toBe(201);
      expect((await fetch(`${gateway.line}api/kernels`, { headers })).status).toBe(200);
      // one that fails says so, with what was asked for
      await fetch(`${gateway.line}api/kernels/${token}`, { headers });
    } finally {
      expect(await gateway.end('SIGTERM')).toBe(143);
    }
    const log = gateway.logged();
    expect(log.map(({ event }) => event)).toEqual([
      ...['unknown-variable', 'listening', 'kernel-started', 'ending', 'kernel-ended', 'ended'],
    ]);
    expect(log[0]).toMatchObject({ level: 'warning', message: expect.stringContaining('KERNELKIT_SERVE_PROT') });
    expect(log[1]).toMatchObject({ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), url: gateway.line });
    expect(log[2]).toMatchObject({ id: expect.any(String), name: 'python3' });
    expect(gateway.told()).not.toContain(token);
    expect(gateway.told()).not.toContain(JSON.stringify(token).slice(1, -1));
  });
});

/** A process namespace of its own, where the command is the first process, as in a container. */
const FIRST = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc'];
const canBeFirst = process.platform === 'linux' && spawnSync(FIRST[0]!, [...FIRST.slice(1), 'true']).status === 0;

test.skipIf(!canBeFirst)('the first process of a container heeds SIGTERM, and ends its kernels', async () => {
  await using user = await isolatedEnv();
  await addSpec(user, 'faulty', faultySpec());
  const env = { ...user.env, ...JSON_LOG, KERNELKIT_SERVE_TOKEN: 'secret-of-the-gateway' };
  const gateway = await serving([], env, { under: FIRST });
  const headers = { Authorization: 'token secret-of-the-gateway' };
  await fetch(`${gateway.line}api/kernels`, { method: 'POST', body: '{"name":"faulty"}', headers });
  const first = readFileSync(`/proc/${gateway.pid}/task/${gateway.pid}/children`, 'utf8');
  expect(first).toMatch(/^\d+ $/);
  process.kill(Number(first), 'SIGTERM');
  expect(await gateway.ended).toBe(143);
  expect(gateway.logged().map(({ event }) => event)).toContain('kernel-ended');
});

test('a second signal ends it at once, with a kernel that does not heed the first', async () => {
  await using user = await isolatedEnv();
  await addSpec(user, 'deaf', faultySpec({ deaf: true }));
  const gateway = await serving([], { ...user.env, ...JSON_LOG, KERNELKIT_SERVE_TOKEN: 'secret-of-the-gateway' });
  const headers = { Authorization: 'token secret-of-the-gateway' };
  await fetch(`${gateway.line}api/kernels`, { method: 'POST', body: '{"name":"deaf"}', headers });
  const idle = async () =>
    ((await (await fetch(`${gateway.line}api/kernels`, { headers })).json()) as { execution_state: string }[])[0]
      ?.execution_state;
  await expect.poll(idle, { timeout: 20_000 }).toBe('idle');
  gateway.kill('SIGTERM');
  await expect.poll(() => gateway.told()).toContain('"event":"ending"');
  gateway.kill('SIGTERM');
  expect(await gateway.ended).toBe(143);
  // that its kernel has ended all the same the suite's check for processes shows
  expect(gateway.told()).not.toContain('"event":"kernel-ended"');
});

describeServer('jupyter-server', () => {
  test('https', async () => {
    await using user = await isolatedEnv();
    const { ca, servers } = await makeCertificates(user.dir.join('tls'));
    const { cert, key } = servers.trusted;
    const env = { ...user.env, KERNELKIT_SERVE_TOKEN: 'secret-of-the-gateway', KERNELKIT_SERVE_CERTFILE: cert };
    const gateway = await serving(['--port', '0', '--keyfile', key], env);
    try {
      expect(gateway.line).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/);
      const listed = await kernelkit(['list', '--json', '--server', gateway.line, '--ca', ca], {
        env: { ...user.env, KERNELKIT_TOKEN: 'secret-of-the-gateway' },
      });
      expect(listed.status).toBe(0);
      expect(JSON.parse(listed.stdout).searched).toContainEqual(
        expect.objectContaining({ kind: 'server', error: null }),
      );
    } finally {
      await gateway.end('SIGTERM');
    }
  });
});

test.each([
  ['a variable', [], { KERNELKIT_SERVE_MAX_KERNELS: 'many' }, 2, 'KERNELKIT_SERVE_MAX_KERNELS=many: It must be'],
  ['a flag', ['--cull-interval', '0'], {}, 2, "'--cull-interval <s>' argument '0' is invalid"],
  ['a certificate alone', ['--certfile', 'x.pem'], {}, 2, '--certfile and --keyfile go together'],
  ['a certificate that is not there', ['--certfile', 'x.pem', '--keyfile', 'y.pem'], {}, 8, 'cannot be read'],
  [
    'a token file that is not there',
    ['--token-file', '/nowhere/token'],
    { KERNELKIT_SERVE_TOKEN: '' },
    8,
    '/nowhere/token',
  ],
  ['a token file that is empty', ['--token-file', '/dev/null'], {}, 2, 'is empty'],
  ['a root that is not there', ['--root-dir', '/nowhere'], {}, 2, '--root-dir /nowhere'],
  ['the token twice', ['--token', 'a', '--token-file', 'b'], {}, 2, 'say the same twice'],
])('what cannot be meant is told before it listens: %s', async (_what, args, variables, status, text) => {
  await using user = await isolatedEnv();
  const env = { ...user.env, KERNELKIT_SERVE_TOKEN: 'secret-of-the-gateway', ...variables };
  const failed = await kernelkit(['serve', '--port', '0', ...args], { env: env as Record<string, string> });
  expect(failed).toMatchObject({ status, stdout: '', stderr: expect.stringContaining(text) });
});
