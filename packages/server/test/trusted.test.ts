import { chmod } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { tempDir } from '../../../testing/support/index.js';
import { JupyterServer, nodeNetwork, serverFromUrl, startServerKernel } from '../../core/src/index.js';
import { kernelRest } from '../../core/src/jupyter/index.js';
import { faultyEntry } from '../../core/test/support.js';
import { testGateway } from './support.js';

const startOf = (more: Record<string, unknown> = {}) => ({
  ...{ form: 1, entry: faultyEntry(), cwd: '/', env: { PATH: process.env.PATH } },
  ...more,
});

test("a client's own start is taken where it was allowed, which no port is", async () => {
  await using closed = await testGateway({ names: [] });
  const refused = await closed.ask('POST', 'api/kernels', { kernelkit: startOf() });
  expect([refused.status, closed.gateway.kernels.list()]).toEqual([403, []]);

  await using open = await testGateway({ names: [], trustedStart: true });
  await expect(open.listen()).rejects.toMatchObject({ kind: 'start-on-port' });
  for (const bad of [
    { form: 2 },
    { entry: {} },
    { entry: null },
    { entry: { ...faultyEntry(), argv: 'x' } },
    { entry: { ...faultyEntry(), source: 'running' } },
    { cwd: '' },
    { cwd: 'a\0b' },
    { env: { A: 1 } },
    { env: [] },
    { overrides: { A: 1 } },
    { activate: 'no' },
    { dotenv: false },
  ]) {
    const answer = await open.ask('POST', 'api/kernels', { kernelkit: startOf(bad) });
    expect([bad, answer.status]).toEqual([bad, 400]);
  }
  expect((await open.ask('POST', 'api/kernels', { kernelkit: 'x' })).status).toBe(400);
  expect(open.gateway.kernels.list()).toEqual([]);
});

test('over a Unix socket: a start, what it prints while nobody is there, and the end', async () => {
  await using gateway = await testGateway({ names: [], token: '', trustedStart: true, autoRestart: false });
  await using dir = await tempDir();
  await chmod(dir.path, 0o700);
  const socketPath = dir.join('gateway.sock');
  await gateway.gateway.listen({ socketPath });
  // a proxy that is named is none's affair here
  await using network = await nodeNetwork({ socketPath, env: { http_proxy: 'http://127.0.0.1:1/' } });
  const settings = serverFromUrl('http://localhost/', { network });
  const server = new JupyterServer(settings);
  const id = '11111111-2222-4333-8444-555555555555';
  const asked = { id, kernelkit: startOf({ cwd: dir.path }) };
  const [model, again] = await Promise.all([server.startKernel(asked), server.startKernel(asked)]);
  expect([model.id, again.id, gateway.gateway.kernels.list().length]).toEqual([id, id, 1]);
  const rest = { ...kernelRest(server), createKernel: async () => model };
  {
    await using kernel = await startServerKernel(settings, { withoutSession: true, owned: false, rest });
    await kernel.execute('[["stream", "one\\n"], ["reply"], ["idle"]]');
  }
  const listed = await server.kernel(id);
  expect(listed?.kernelkit).toMatchObject({ cwd: dir.path, language: expect.any(String), failure: null });

  const page = async (query: string) => {
    const response = await network.fetch(`http://localhost/api/kernels/${id}/log${query}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const bounds = (await page('')).body;
  expect(bounds).toEqual({ first: 1, last: expect.any(Number), bytes: expect.any(Number) });
  const { entries, next } = (await page('?after=0')).body as {
    entries: { seq: number; message: { content: object } }[];
    next: number;
  };
  expect(next).toBe(bounds.last);
  expect(entries.map(({ message }) => message.content)).toContainEqual({ name: 'stdout', text: 'one\n' });
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map(({ seq }) => seq).sort((a, b) => a - b));
  expect((await page(`?after=${next}`)).body.entries).toEqual([]);
  for (const bad of ['?after=', '?after=-1', '?after=x', '?after=1.5']) expect((await page(bad)).status).toBe(400);

  await gateway.gateway[Symbol.asyncDispose]();
  expect((await gateway.ask('POST', 'api/kernels', { kernelkit: startOf() })).status).toBe(503);
  await expect(server.kernels()).rejects.toMatchObject({ kind: 'server-unreachable' });
});
