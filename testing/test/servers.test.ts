import { describe, expect, test } from 'vitest';
import { describeServer, type JupyterServerOptions, jupyterServer } from '../servers/index.js';

type Version = NonNullable<JupyterServerOptions['version']>;

/** A server answers for itself, and only to whom it should: what the tests stand on. */
function answers(version: Version): void {
  test('with a token, and its kernels', async () => {
    await using server = await jupyterServer({ version, baseUrl: '/base/' });
    const get = (path: string, headers = {}) => fetch(new URL(path, server.url), { headers });
    // Kernel Gateway does not even tell its version to everybody
    expect((await get('api')).status).toBe(version === 'gateway' ? 401 : 200);
    expect([401, 403]).toContain((await get('api/kernels')).status);
    const specs = await get('api/kernelspecs', { authorization: `token ${server.token}` });
    expect(Object.keys(((await specs.json()) as { kernelspecs: object }).kernelspecs)).toContain('python3');
    await server.kill();
    await expect(get('api')).rejects.toThrow();
    await server.restart();
    expect((await get(`api?token=${server.token}`)).status).toBe(200);
  });
  if (version !== 'gateway') {
    test('with no authentication', async () => {
      await using server = await jupyterServer({ version, auth: 'none' });
      expect((await fetch(new URL('api/kernels', server.url))).status).toBe(200);
    });
    test('with a password', async () => {
      await using server = await jupyterServer({ version, auth: 'password' });
      expect((await fetch(new URL('api/kernels', server.url))).status).toBe(403);
      expect(await (await fetch(new URL('login', server.url))).text()).toContain('type="password"');
    });
  }
}

describe('Jupyter servers', () => {
  describeServer('jupyter-server', () => answers('new'));
  describeServer('jupyter-server1', () => answers('old'));
  describeServer('notebook6', () => answers('notebook6'));
  describeServer('kernel-gateway', () => answers('gateway'));
});
