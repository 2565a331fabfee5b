/** One site of a Jupyter server and the gateway: what docs/gateway.md says under "Behind a reverse proxy". */
import { writeFile } from 'node:fs/promises';
import { JupyterServer, startServerKernel } from '@kernelkit/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeServer } from '../../../testing/servers/index.js';
import { describeTool } from '../../../testing/support/index.js';
import { settingsOf } from '../../core/test/jupyter/kernel-support.js';
import { printed } from '../../core/test/support.js';
import { behindProxy, type Site, type SiteOptions } from './behind-proxy.js';
import { caddySite, nginxAlone, nginxSite } from './proxy-recipes.js';
import { send, UPGRADE } from './raw.js';
import { testGateway } from './support.js';

const HOST = 'lab.localhost';

function suite(base: string, by?: SiteOptions['by']): void {
  let site: Site;
  beforeAll(async () => {
    site = await behindProxy({ host: HOST, baseUrl: base, ...(by !== undefined && { by }) });
  });
  afterAll(() => site?.[Symbol.asyncDispose]());

  /** By its address, and with the name as a browser has it. */
  const ask = (path: string, { headers = {}, ...more }: Parameters<typeof send>[1] = {}) =>
    send(`http://127.0.0.1:${site.proxy.port}${base}${path}`, {
      ...more,
      headers: { Host: `${HOST}:${site.proxy.port}`, ...headers },
    });

  test('kernels are of the gateway, and all else is of the other server', async () => {
    const url = `http://127.0.0.1:${site.proxy.port}${base}`;
    await writeFile(`${site.lab.root}/a file.txt`, 'here');
    const settings = settingsOf({ url, token: site.lab.token });
    const server = new JupyterServer(settings);
    expect(Object.keys((await server.kernelspecs()).kernelspecs)).toContain('python3');
    await using kernel = await startServerKernel(settings, { path: 'n.ipynb', type: 'notebook' });
    // where the other server's files are
    expect(printed(await kernel.execute("print(open('a file.txt').read())"))).toBe('here\n');
    expect(await server.sessions()).toHaveLength(1);
    expect(site.served.gateway.sessions.list()).toHaveLength(1);
    const headers = { Authorization: `token ${site.lab.token}` };
    const file = await ask('api/contents/a%20file.txt', { headers });
    expect(JSON.parse(file.body)).toMatchObject({ content: 'here' });
    // of the other server, though it begins alike
    expect((await ask('api/kernelspecs-of-mine', { headers })).body).not.toContain('There is nothing at');
  });

  test('a page with the other server’s cookie comes in, and no other', async () => {
    const { gateway } = site.served;
    const { id } = (await gateway.kernels.create({ name: 'python3' })).hub;
    const channels = `api/kernels/${id}/channels?session_id=s`;
    const login = await ask(`api/me?token=${site.lab.token}`);
    const Cookie = login.headers['set-cookie']!.map((cookie) => cookie.split(';')[0]!).join('; ');
    const own = { Cookie, Origin: `http://${HOST}:${site.proxy.port}` };
    const evil = { Cookie, Origin: 'http://evil.example.org' };
    expect((await ask(channels, { headers: { ...UPGRADE, ...own } })).status).toBe(101);
    // as pictures are asked for: by cookie alone
    await site.served.home.dir.write('home/.local/share/jupyter/kernels/python3/logo-64x64.png', 'a picture');
    const Referer = `${own.Origin}${base}lab`;
    const logo = await ask('kernelspecs/python3/logo-64x64.png', { headers: { Cookie, Referer } });
    expect([logo.status, logo.body]).toEqual([200, 'a picture']);
    // the other server says 404 to it, of which nginx makes 500
    const refused = [403, 404, 500];
    expect(refused).toContain((await ask(channels, { headers: { ...UPGRADE, ...evil } })).status);
    expect((await ask(channels, { headers: UPGRADE })).status).toBe(403);
    expect((await ask('api/kernels')).status).toBe(403);
    expect(refused).toContain((await ask('api/kernels', { method: 'POST', headers: evil, body: '{}' })).status);
    expect(gateway.kernels.list()).toHaveLength(1);
    expect((await ask('api/kernels', { headers: { Authorization: 'token wrong' } })).status).toBe(403);
    await gateway.kernels.end(id);
  });
}

describeServer('jupyter-server', () => {
  describe('the suite’s own', () => suite('/a/b/'));
  describeTool('nginx', (program) => suite('/', (site) => nginxSite(program, site)));
  describeTool('caddy', (program) => suite('/', (site) => caddySite(program, site)));
});

describeTool('nginx', (program) => {
  test('before a gateway alone: its kernels by REST and WebSocket, by the name that it knows', async () => {
    const [baseUrl, token] = ['/kernels/', 'behind-nginx'];
    await using served = await testGateway({ token, baseUrl, allowedHosts: [HOST] });
    const { port } = await served.listen();
    await using proxy = await nginxAlone(program, port!);
    const settings = settingsOf({ url: `http://127.0.0.1:${proxy.port}${baseUrl}`, token });
    await using kernel = await startServerKernel(settings, { name: 'python3' });
    expect(printed(await kernel.execute('print(6 * 7)'))).toBe('42\n');
    const ask = (Host: string, headers = {}) =>
      send(`http://127.0.0.1:${proxy.port}${baseUrl}api/kernels`, { headers: { Host, ...headers } });
    const Authorization = `token ${token}`;
    expect((await ask(`${HOST}:${proxy.port}`, { Authorization })).status).toBe(200);
    expect((await ask('evil.example.org', { Authorization })).status).toBe(403);
    expect((await ask(`${HOST}:${proxy.port}`)).status).toBe(403);
  });
});
