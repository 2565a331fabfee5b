import { beforeAll, describe, expect, test } from 'vitest';
import { describeServer, jupyterServer } from '../../../testing/servers/index.js';
import { isolatedEnv } from '../../../testing/support/index.js';
import { JupyterServer, serverFromUrl } from '../../core/src/index.js';
import { begin, ensureBuilt, jsonLines, kernelkit, notebookOf } from './support.js';

beforeAll(ensureBuilt);

const CASES = [
  ['jupyter-server', 'new'],
  ['jupyter-server1', 'old'],
  ['notebook6', 'notebook6'],
] as const;

for (const [program, version] of CASES) {
  describeServer(program, () => {
    test('kernels of a server are listed, explained, started, joined and run notebooks; the token is nowhere', async () => {
      await using server = await jupyterServer({ version, baseUrl: '/base/' });
      await using user = await isolatedEnv();
      const env = { ...user.env, KERNELKIT_TOKEN: server.token };
      const on = ['--server', server.url];
      const told: string[] = [];
      const run = async (...args: string[]) => {
        const ran = await kernelkit(args, { env });
        told.push(ran.stdout, ran.stderr);
        return ran;
      };

      const listed = await run('list', '--json', '--verbose', ...on);
      expect(listed.status).toBe(0);
      const { kernels, searched } = JSON.parse(listed.stdout);
      expect(kernels[0]).toMatchObject({
        ...{ source: 'server', name: 'python3', argv: [], startable: true, server: { url: server.url } },
      });
      expect(searched).toContainEqual(expect.objectContaining({ path: server.url, kind: 'server', error: null }));

      // a name means the server's: its directory is the server's root
      const code = 'import os; print(os.getcwd(), "KERNELKIT_TOKEN" in os.environ)';
      expect(await run('exec', '--verbose', '-k', 'python3', ...on, code)).toMatchObject({
        ...{ status: 0, stdout: `${server.root} False\n` },
      });
      const path = await user.dir.write('n.ipynb', notebookOf(['import os; print(os.getcwd())']));
      const ran = await run('run', '--stdout', path, ...on);
      expect([ran.status, ran.stdout.includes(server.root)]).toEqual([0, true]);

      const explained = JSON.parse((await run('explain', '--json', 'python3', ...on)).stdout);
      expect(explained).toMatchObject({ argv: [], transport: 'server', environment: [], scripts: [], problem: null });
      expect(explained.requests[0]).toMatchObject({ method: 'POST', url: `${server.url}api/sessions` });

      // nothing of it is left there; one that was there before is joined, and goes on
      const rest = new JupyterServer(serverFromUrl(server.url, { token: server.token }));
      expect([await rest.kernels(), await rest.sessions()]).toEqual([[], []]);
      const { kernel } = await rest.createSession({ path: 'a.ipynb', type: 'notebook', kernel: { name: 'python3' } });
      const id = kernel!.id;
      expect((await run('exec', '-k', id, ...on, 'x = 7; print(x)')).stdout).toBe('7\n');
      expect((await run('exec', '-k', 'a.ipynb', ...on, 'print(x)')).stdout).toBe('7\n');
      const table = (await run('list', ...on)).stdout;
      expect(table).toMatch(/running-\w+ .*a\.ipynb/);
      const running = JSON.parse((await run('list', '--json', ...on)).stdout).kernels.find(
        (entry: { source: string }) => entry.source === 'running',
      );
      expect(running.running).toMatchObject({ kernelId: id, session: { path: 'a.ipynb' } });
      expect(await rest.kernels()).toHaveLength(1);
      await rest.deleteKernel(id);
      expect((await run('exec', '-k', id, ...on, 'x')).status).toBe(3);
      for (const text of told) expect(text).not.toContain(server.token);
    });
  });
}

describeServer('jupyter-server', () => {
  test('a server that fails: told beside the others, 7 where it was what was asked for', async () => {
    await using server = await jupyterServer();
    await using user = await isolatedEnv();
    const { env } = user;
    const wrong = ['--server', server.url, '--token', 'not-the-token'];
    for (const [args, kind] of [
      [wrong, 'server-unauthorized'],
      [['--server', 'http://127.0.0.1:1/'], 'server-unreachable'],
    ] as const) {
      const listed = await kernelkit(['list', '--json', ...args], { env });
      expect(listed.status).toBe(7);
      const failed = JSON.parse(listed.stdout).searched.find((place: { kind: string }) => place.kind === 'server');
      expect(failed).toMatchObject({ found: 0, error: expect.any(String) });
      const named = await kernelkit(['exec', '--json', '-k', 'python', ...args, '1'], { env });
      expect([named.status, JSON.parse(named.stdout).error.kind]).toEqual([7, kind]);
      const best = await kernelkit(['exec', '--json', ...args, '1'], { env });
      expect([best.status, JSON.parse(best.stdout).error.kind]).toEqual([7, kind]);
      expect(listed.stdout + listed.stderr + named.stdout + named.stderr).not.toContain('not-the-token');
    }
    const both = ['--server', 'http://127.0.0.1:1/', '--server', `${server.url}?token=${server.token}`];
    expect((await kernelkit(['list', ...both], { env })).status).toBe(0);
    expect(await kernelkit(['exec', ...both, '-k', 'python3', '6 * 7'], { env })).toMatchObject({
      ...{ status: 0, stdout: '42\n', stderr: expect.stringContaining('could not be searched') },
    });
  });

  test('Ctrl-C and --timeout interrupt there, and end the kernel and its session', async () => {
    await using server = await jupyterServer();
    await using user = await isolatedEnv();
    const env = { ...user.env, KERNELKIT_TOKEN: server.token };
    const rest = new JupyterServer(serverFromUrl(server.url, { token: server.token }));
    const code =
      'import time\ntry:\n  print("in", flush=True); time.sleep(100)\nexcept KeyboardInterrupt: print("told")';
    const args = ['exec', '-k', 'python3', '--server', server.url, code];
    {
      await using running = begin(args, { env });
      await running.until('stdout', /in\n/);
      expect(await rest.sessions()).toHaveLength(1);
      running.child.kill('SIGINT');
      expect((await running.ended).status).toBe(130);
    }
    expect([await rest.kernels(), await rest.sessions()]).toEqual([[], []]);
    const late = await kernelkit([...args, '--timeout', '3'], { env });
    expect(late).toMatchObject({ status: 6, stdout: expect.stringContaining('told') });
    expect([await rest.kernels(), await rest.sessions()]).toEqual([[], []]);
  });

  test('a password, from the environment', async () => {
    await using server = await jupyterServer({ auth: 'password' });
    await using user = await isolatedEnv();
    const args = ['exec', '-k', 'python3', '--server', server.url, '6 * 7'];
    expect((await kernelkit(args, { env: user.env })).status).toBe(7);
    const env = { ...user.env, KERNELKIT_PASSWORD: server.password };
    const ran = await kernelkit([...args, '--verbose'], { env });
    expect(ran).toMatchObject({ status: 0, stdout: '42\n' });
    expect(ran.stderr).not.toContain(server.password);
  });

  test('TLS: an authority, consent, and neither', async () => {
    await using server = await jupyterServer({ tls: 'trusted' });
    await using user = await isolatedEnv();
    const env = { ...user.env, KERNELKIT_TOKEN: server.token };
    const args = ['exec', '--json', '-k', 'python3', '--server', server.url, '6 * 7'];
    const neither = await kernelkit(args, { env });
    expect([neither.status, JSON.parse(neither.stdout).error.kind]).toEqual([7, 'server-tls']);
    for (const trust of [['--ca', server.certificates!.ca], ['--insecure']]) {
      const ran = await kernelkit([...args, ...trust], { env });
      expect([ran.status, jsonLines(ran.stdout).at(-1)]).toEqual([0, { status: 'ok', execution_count: 1 }]);
    }
  });

  test('list --watch tells of kernels that come and go on a server, and of a server that does', async () => {
    await using server = await jupyterServer({ auth: 'none' });
    await using user = await isolatedEnv();
    await using running = begin(['list', '--watch', '--json', '--server', server.url], { env: user.env });
    await running.until('stdout', /"event":"ready"/);
    expect(running.stdout).toMatch(/"event":"added".*"source":"server"/);
    const { id } = await startIn(server.url, user.env);
    await running.until('stdout', new RegExp(`"event":"added".*"kernelId":"${id}"`));
    await kernelkit(['stop', id, '--server', server.url], { env: user.env });
    await running.until('stdout', new RegExp(`"event":"removed".*"kernelId":"${id}"`));
    await server.kill();
    await running.until('stdout', /"event":"server".*"error":\{"kind":"server-unreachable"/);
    await server.restart();
    await running.until('stdout', /"event":"server".*"error":null/);
    running.child.kill('SIGINT');
    expect((await running.ended).status).toBe(130);
  });

  test('kernels that stay: start, ps, exec, interrupt, restart, stop', async () => {
    await using server = await jupyterServer();
    await using user = await isolatedEnv();
    const env = { ...user.env, KERNELKIT_TOKEN: server.token };
    const on = ['--server', server.url];
    const run = (...args: string[]) => kernelkit([...args, ...on], { env });
    const { id } = JSON.parse((await run('start', '-k', 'python3', '--json')).stdout);
    expect((await run('exec', '-k', id, 'x = 6; print(x)')).stdout).toBe('6\n');
    expect(JSON.parse((await run('ps', '--json')).stdout).kernels).toMatchObject([{ id, name: 'python3' }]);
    expect((await run('ps')).stdout).toContain(id);
    expect((await run('interrupt', id)).status).toBe(0);
    // a beginning is enough
    expect((await run('restart', id.slice(0, 8))).status).toBe(0);
    expect((await run('exec', '-k', id, 'x')).status).toBe(1);
    expect((await run('stop', 'f00')).status).toBe(3);
    expect((await run('stop', '--all')).status).toBe(2);
    expect((await run('stop', '--all', '--yes')).status).toBe(0);
    expect(JSON.parse((await run('ps', '--json')).stdout).kernels).toEqual([]);
    expect((await run('stop', id)).status).toBe(3);
    const wrong = await kernelkit(['ps', '--json', '--server', server.url, '--token', 'wrong-token'], { env });
    expect([wrong.status, JSON.parse(wrong.stdout).error.kind]).toEqual([7, 'server-unauthorized']);
  });
});

async function startIn(url: string, env: Record<string, string>): Promise<{ id: string }> {
  const { stdout } = await kernelkit(['start', '-k', 'python3', '--json', '--server', url], { env });
  return JSON.parse(stdout);
}

describe('wrong usage', () => {
  test.each([
    ['a token for several servers', ['list', '--server', 'http://a', '--server', 'http://b', '--token', 'secret']],
    ['a token for none', ['list', '--token', 'secret']],
    ['a name that no server has', ['list', '--server', 'nobody']],
    ['every kernel of a server, and nobody to be asked', ['stop', '--all', '--server', 'http://a']],
  ])('%s', async (_, args) => {
    await using user = await isolatedEnv();
    const ran = await kernelkit(args, { env: user.env });
    expect(ran.status).toBe(2);
    expect(ran.stderr).not.toContain('secret');
  });

  test('a token in the environment is for one server', async () => {
    await using user = await isolatedEnv();
    const env = { ...user.env, KERNELKIT_TOKEN: 'secret-token' };
    const ran = await kernelkit(['list', '--server', 'http://127.0.0.1:1', '--server', 'http://127.0.0.1:2'], { env });
    expect(ran.status).toBe(2);
    expect(ran.stderr).not.toContain('secret-token');
  });
});
