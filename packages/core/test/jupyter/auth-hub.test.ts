import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AbortedError } from '../../src/errors/index.js';
import { type HubProgress, hubServer, JupyterServer, ServerError, serverFromUrl } from '../../src/jupyter/index.js';
import { connectServer, type NodeNetwork, nodeNetwork } from '../../src/jupyter-node/index.js';
import { describeServer, jupyterHub, type RunningHub } from './support.js';

async function failure(work: Promise<unknown>): Promise<ServerError> {
  const error = await work.then(
    () => new Error('nothing failed'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ServerError)) throw error;
  return error;
}

let network: NodeNetwork;
beforeAll(async () => {
  network = await nodeNetwork({ env: {} });
});
afterAll(() => network.close());

describeServer('jupyterhub', () => {
  describe('a hub', () => {
    let hub: RunningHub;
    beforeAll(async () => {
      hub = await jupyterHub({ spawnSeconds: 1 });
      const made = await fetch(`${hub.url}hub/api/users`, {
        method: 'POST',
        headers: { Authorization: `token ${hub.token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ usernames: ['ann', 'bob'] }),
      });
      if (!made.ok && made.status !== 409) throw new Error(`no users: ${made.status}`);
    });
    afterAll(() => hub?.[Symbol.asyncDispose]());

    test('a server that does not run is an error where it may not be started', async () => {
      const token = await hub.tokenOf('bob');
      const stopped = await failure(connectServer(`${hub.url}user/bob/lab`, { env: {}, token, hub: false }));
      expect(stopped.kind).toBe('server-spawning');
      const idle = await failure(connectServer(`${hub.url}user/bob/lab`, { env: {}, token, hub: { start: false } }));
      expect(idle).toMatchObject({ kind: 'server-spawning', message: expect.stringContaining('does not run') });
    });

    test('it is started, and waited for with progress', async () => {
      const token = await hub.tokenOf('ann');
      const told: HubProgress[] = [];
      const pasted = `${hub.url}user/ann/lab/tree/a.ipynb?token=${token}`;
      const options = { env: {}, hub: { onProgress: (progress: HubProgress) => void told.push(progress) } };
      const settings = await connectServer(pasted, options);
      expect(settings).toMatchObject({ baseUrl: `${hub.url}user/ann/`, path: 'a.ipynb' });
      expect(told.map(({ message }) => message)).toContain('looking for room');
      expect(told.at(-1)).toMatchObject({ percent: 100 });
      const server = new JupyterServer(settings);
      const kernel = await server.startKernel({ name: 'python3' });
      expect(await server.deleteKernel(kernel.id)).toBe(true);

      // whose it is, the token tells; and a service's token works for anybody's
      const home = await connectServer(`${hub.url}hub/home`, { env: {}, token });
      expect(home.baseUrl).toBe(`${hub.url}user/ann/`);
      const service = await connectServer(`${hub.url}user/ann/`, { env: {}, token: hub.token });
      expect(await new JupyterServer(service).kernels()).toEqual([]);

      const bobs = await failure(connectServer(`${hub.url}user/ann/`, { env: {}, token: await hub.tokenOf('bob') }));
      expect(bobs.kind).toBe('server-unauthorized');
      const wrong = await failure(connectServer(`${hub.url}user/ann/`, { env: {}, token: 'an-expired-token' }));
      expect(wrong.kind).toBe('server-unauthorized');
      const none = await failure(connectServer(`${hub.url}hub/home`, { env: {} }));
      expect(none.kind).toBe('server-unauthorized');
    });

    test('one with a name', async () => {
      const token = await hub.tokenOf('ann');
      const settings = await connectServer(`${hub.url}user/ann/gpu/lab`, { env: {}, token });
      expect(settings.baseUrl).toBe(`${hub.url}user/ann/gpu/`);
    });

    test('whoever waits may go, and nobody waits for ever', async () => {
      const token = await hub.tokenOf('bob');
      const settings = serverFromUrl(`${hub.url}user/bob/other/`, { network, token });
      const controller = new AbortController();
      const onProgress = () => controller.abort();
      const waiting = hubServer(settings, settings.hub!, { onProgress, signal: controller.signal });
      await expect(waiting).rejects.toThrow(AbortedError);
      expect(await failure(hubServer(settings, settings.hub!, { timeoutMs: 50 }))).toMatchObject({
        kind: 'server-timeout',
      });
      // the hub goes on with it; and ends only what it has finished starting
      expect((await hubServer(settings, settings.hub!)).baseUrl).toBe(`${hub.url}user/bob/other/`);
    });
  });

  test('a server whose start fails says why', async () => {
    await using hub = await jupyterHub({ fails: true });
    const pasted = `${hub.url}user/ann/`;
    await fetch(`${hub.url}hub/api/users/ann`, { method: 'POST', headers: { Authorization: `token ${hub.token}` } });
    const error = await failure(connectServer(pasted, { env: {}, token: hub.token }));
    expect(error.kind).toBe('server-spawning');
    expect(error.fix).toBeTruthy();
  });
});

test('a hub without progress is asked again and again', async () => {
  let looks = 0;
  const hub = createHttp((request, response) => {
    const answer = (status: number, body: unknown) => void response.writeHead(status).end(JSON.stringify(body));
    if (request.url === '/hub/api/user') answer(200, { name: 'ann' });
    else if (request.method === 'POST') answer(202, {});
    else if (request.url?.endsWith('/progress')) answer(404, { message: 'none' });
    else {
      looks += 1;
      const pending = looks === 2 ? 'spawn' : null;
      const url = '/user/ann/';
      answer(200, { servers: looks === 1 ? {} : { '': { ready: looks > 2, pending, url } } });
    }
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(hub.address() as AddressInfo).port}/`;
    const settings = serverFromUrl(`${url}hub/home`, { network, token: 'a-token-of-ann' });
    expect((await hubServer(settings, settings.hub!)).baseUrl).toBe(`${url}user/ann/`);
    expect(looks).toBe(3);
  } finally {
    hub.closeAllConnections();
    await new Promise((resolve) => hub.close(resolve));
  }
});
