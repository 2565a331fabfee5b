/** Who may ask on a port: by which name, and from which site's page. */
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { hostName, isLoopback } from '../src/auth/index.js';
import { testGateway } from './support.js';

/** A request with whatever headers; `fetch` sets some of them itself. */
function send(
  url: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; headers: object }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers }));
    });
    sent.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode!, headers: answer.headers });
    });
    sent.on('error', reject);
    sent.end();
  });
}

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};
const EVIL = { Origin: 'http://evil.example.org' };

test.each([
  ['127.0.0.1:8888', '127.0.0.1'],
  ['LocalHost', 'localhost'],
  ['[::1]:80', '::1'],
  ['evil.example.org:8888', 'evil.example.org'],
  ['a@localhost', null],
  ['localhost:8888/x', null],
  ['', null],
  [null, null],
])('the name in Host %j is %j', (header, name) => {
  expect(hostName(header)).toBe(name);
});

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::1', true],
  ['localhost', true],
  ['127.0.0.1.example.org', false],
  ['0.0.0.0', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

test('another name than its own is refused, with the token and without (DNS rebinding)', async () => {
  await using served = await testGateway();
  const { url, port } = await served.listen();
  const token = { Authorization: `token ${served.gateway.token}` };
  const kernels = `${url}api/kernels`;
  expect((await send(kernels, { ...token, Host: `evil.example.org:${port}` })).status).toBe(403);
  expect((await send(kernels, { ...token, Host: `localhost:${port}` })).status).toBe(200);
  expect((await send(kernels, token)).status).toBe(200);
});

test('a name that is allowed', async () => {
  await using served = await testGateway({ token: '', allowedHosts: ['Gateway.example.org'] });
  const { url } = await served.listen();
  expect((await send(`${url}api/kernels`, { Host: 'gateway.example.org' })).status).toBe(200);
  expect((await send(`${url}api/kernels`, { Host: 'other.example.org' })).status).toBe(403);
});

test('a page of another site gets nothing and starts nothing, where no token is asked for', async () => {
  await using served = await testGateway({ token: '' });
  const { url, port } = await served.listen();
  const { hub } = await served.gateway.kernels.create({ name: 'python3' });
  const channels = `${url}api/kernels/${hub.id}/channels`;
  expect((await send(`${url}api/kernels`, EVIL, 'POST')).status).toBe(404);
  expect((await send(`${url}api/kernels`, { Origin: 'null' }, 'POST')).status).toBe(404);
  expect((await send(channels, { ...UPGRADE, ...EVIL })).status).toBe(403);
  expect(served.gateway.kernels.list()).toHaveLength(1);
  // its own pages, and programs, which send no origin
  expect((await send(channels, { ...UPGRADE, Origin: `http://127.0.0.1:${port}` })).status).toBe(101);
  expect((await send(channels, UPGRADE)).status).toBe(101);
});

test('the token makes up for the origin, and an origin that is allowed may read; a preflight is answered', async () => {
  await using served = await testGateway({ allowOrigins: ['https://app.example.org'] });
  const { url } = await served.listen();
  const kernels = `${url}api/kernels`;
  const token = { Authorization: `Bearer ${served.gateway.token}` };
  expect(await send(kernels, { ...EVIL, ...token })).toMatchObject({
    ...{ status: 200, headers: { 'access-control-allow-origin': EVIL.Origin } },
  });
  const refused = await send(kernels, EVIL);
  expect(refused.status).toBe(404);
  expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
  const app = { Origin: 'https://app.example.org' };
  // so that the page can tell that it needs a token
  expect(await send(kernels, app)).toMatchObject({
    ...{ status: 403, headers: { 'access-control-allow-origin': app.Origin } },
  });
  expect(await send(kernels, { ...app, 'Access-Control-Request-Method': 'POST' }, 'OPTIONS')).toMatchObject({
    ...{ status: 200, headers: { 'access-control-allow-origin': app.Origin } },
  });
  const preflight = await send(kernels, { ...EVIL, 'Access-Control-Request-Method': 'POST' }, 'OPTIONS');
  expect(preflight.headers).not.toHaveProperty('access-control-allow-origin');
});

test('origins by a pattern, and the browser’s login for their pages', async () => {
  await using served = await testGateway({
    ...{
      names: [],
      allowOrigins: ['*'],
      allowOriginPattern: /^http:\/\/[a-z]+\.example\.org$/,
      allowCredentials: true,
    },
  });
  const { url } = await served.listen();
  const login = (await send(`${url}?token=${served.gateway.token}`, {})).headers as { 'set-cookie': string[] };
  const cookies = login['set-cookie'].map((each) => each.split(';', 1)[0]!);
  const [named, other] = [{ Origin: 'http://app.example.org' }, { Origin: 'http://app.example.org.evil.test' }];
  const asked = {
    Cookie: cookies.join('; '),
    'X-XSRFToken': cookies.find((each) => each.startsWith('_xsrf='))!.slice('_xsrf='.length),
  };
  const read = 'access-control-allow-credentials';
  const answer = await send(`${url}api/kernels`, { ...asked, ...named });
  expect(answer).toMatchObject({
    status: 200,
    headers: { [read]: 'true', 'access-control-allow-origin': named.Origin },
  });
  const preflight = await send(`${url}api/kernels`, { ...named, 'Access-Control-Request-Method': 'POST' }, 'OPTIONS');
  expect(preflight.headers).toMatchObject({ [read]: 'true' });
  expect((await send(`${url}api/kernels`, { ...asked, ...other })).headers).not.toHaveProperty(read);
  // the event feed is a WebSocket that needs no kernel
  const events = `${url}api/events/subscribe`;
  const cookie = { Cookie: asked.Cookie };
  expect((await send(events, { ...UPGRADE, ...cookie, ...named })).status).toBe(101);
  expect((await send(events, { ...UPGRADE, ...cookie, ...other })).status).toBe(403);
});
