import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isolatedEnv } from '../../../../testing/support/index.js';
import { catalog, toJson } from '../../src/catalog/index.js';
import { AbortedError } from '../../src/errors/index.js';
import { JupyterServer, listServer, serverFromUrl } from '../../src/jupyter/index.js';
import { type NodeNetwork, nodeNetwork, serverSource } from '../../src/jupyter-node/index.js';
import { describeServer, freePort, jupyterServer } from './support.js';

let network: NodeNetwork;
beforeAll(async () => {
  network = await nodeNetwork({ env: {} });
});
afterAll(() => network.close());

describe('what a server offers', () => {
  describeServer(['jupyter-server', 'jupyter-server1', 'kernel-gateway'], ({ name }) => {
    const version = name === 'jupyter-server' ? 'new' : name === 'jupyter-server1' ? 'old' : 'gateway';

    test('kernelspecs, kernels with a session and without', async () => {
      await using running = await jupyterServer({ version, baseUrl: version === 'gateway' ? '/' : '/base/' });
      const settings = serverFromUrl(`${running.url}?token=${running.token}`, { network });
      const server = new JupyterServer(settings);
      const alone = await server.startKernel({ name: 'python3' });
      const session = await server.createSession({ path: 'd/a.ipynb', type: 'notebook', kernel: { name: 'python3' } });
      const { entries, searched } = await listServer(settings);
      expect(searched).toEqual([
        { path: running.url, kind: 'server', found: entries.length, error: null, ms: expect.any(Number) },
      ]);
      const [python] = entries.filter((each) => each.source === 'server' && each.name === 'python3');
      expect(python).toMatchObject({
        language: 'python',
        argv: [],
        startable: true,
        server: { url: running.url },
        remote: { kernelId: null, isDefault: true },
      });
      const ran = entries.filter(({ source }) => source === 'running');
      expect(ran.map(({ remote }) => remote.kernelId).sort()).toEqual([alone.id, session.kernel!.id].sort());
      const ofSession = ran.find(({ remote }) => remote.kernelId === session.kernel!.id)!;
      expect(ofSession.displayName).toContain('(running, d/a.ipynb)');
      expect(ofSession.remote).toMatchObject({
        session: { id: session.id, path: 'd/a.ipynb', type: 'notebook' },
        lastActivity: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        state: expect.stringMatching(/starting|idle|busy/),
        connections: 0,
      });
      expect(ran.find(({ remote }) => remote.kernelId === alone.id)!.remote.session).toBe(null);
      const again = await listServer(settings);
      expect(again.entries.map(({ id }) => id).sort()).toEqual(entries.map(({ id }) => id).sort());
      expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
      expect(JSON.stringify(entries.map(toJson))).not.toContain(running.token);
    });
  });

  describeServer('jupyter-server', () => {
    test('beside the local kernels in one catalog, and a server that fails beside one that does not', async () => {
      await using running = await jupyterServer();
      await using home = await isolatedEnv();
      const gone = `http://127.0.0.1:${await freePort()}/`;
      const sources = [
        serverSource(serverFromUrl(`${running.url}?token=${running.token}`, { network })),
        serverSource(serverFromUrl(gone, { network })),
        serverSource(serverFromUrl(running.url, { network, token: 'expired-token' })),
      ];
      const found = await catalog({ env: home.env, cwd: home.dir.path, sources });
      const places = found.searched.filter(({ kind }) => kind === 'server');
      expect(places).toHaveLength(3);
      expect(places.find(({ path }) => path === gone)).toMatchObject({
        found: 0,
        error: expect.stringContaining('nothing listens there'),
      });
      const refused = places.find(({ error }) => error?.includes('wrong or has expired'));
      expect(refused).toMatchObject({ found: 0 });
      expect(refused!.error).not.toContain('expired-token');
      const entries = found.kernels.filter(({ server }) => server?.url === running.url);
      expect(entries.map(({ name }) => name)).toContain('python3');
    });
  });

  test('a server that knows no sessions, and one that tells half of it', async () => {
    const kernel = { id: 'k', name: 'x', execution_state: 'dead', reason: 'out of memory' };
    let kernelsStatus = 200;
    const server = createHttp((request, response) => {
      if (request.url === '/api/kernelspecs') {
        response.end(JSON.stringify({ default: 'x', kernelspecs: { x: { spec: {} }, odd: 5 } }));
      } else if (request.url === '/api/kernels') {
        response
          .writeHead(kernelsStatus)
          .end(JSON.stringify(kernelsStatus === 200 ? [kernel] : { message: 'no listing' }));
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const settings = serverFromUrl(url, { network });
      const notices: string[] = [];
      const first = await listServer(settings, { onNotice: ({ message }) => notices.push(message) });
      expect(first.searched).toMatchObject([{ found: 2, error: null }]);
      expect(notices).toEqual([expect.stringContaining('"odd"')]);
      expect(first.entries[1]).toMatchObject({
        startable: false,
        problem: { kind: 'kernel-died', message: expect.stringContaining('out of memory') },
      });
      kernelsStatus = 500;
      const second = await listServer(settings);
      expect(second.searched).toMatchObject([{ found: 1, error: expect.stringContaining('no listing') }]);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('ends when the caller goes', async () => {
    const settings = serverFromUrl('http://127.0.0.1:1/', { network });
    await expect(listServer(settings, {}, AbortSignal.abort())).rejects.toThrow(AbortedError);
  });
});
