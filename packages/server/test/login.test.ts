/** A browser that opens the gateway with its token, and what its cookie is good for. */
import { expect, test } from 'vitest';
import { type Answered, send, UPGRADE } from './raw.js';
import { testGateway } from './support.js';

/** What a browser would send back. */
function cookiesOf({ headers }: Answered): Record<string, string> {
  const pairs = (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';', 1)[0]!.split(/=(.*)/s));
  return Object.fromEntries(pairs.map(([name, value]) => [name!, value!]));
}

const jar = (cookies: Record<string, string>) =>
  Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');

test('the token gives a cookie, and leaves the address', async () => {
  await using served = await testGateway({ baseUrl: '/base' });
  const { url, port } = await served.listen();
  const { token } = served.gateway;
  for (const at of [`${url}?token=${token}`, `${url}login?token=${token}&next=http://evil.example.org`]) {
    const answer = await send(at);
    expect(answer).toMatchObject({ status: 302, headers: { location: '/base/', 'cache-control': 'no-store' } });
    const [login, xsrf] = answer.headers['set-cookie']!;
    expect(login).toMatch(new RegExp(`^username-127-0-0-1-${port}=[^;]+; Path=/base/; HttpOnly; SameSite=Lax$`));
    expect(xsrf).toMatch(/^_xsrf=[0-9a-f]{64}; Path=\/base\/; SameSite=Lax$/);
    expect(JSON.stringify(answer)).not.toContain(token);
  }
  expect(
    (await send(`${url}?token=${token}`, { headers: { 'X-Forwarded-Proto': 'https' } })).headers['set-cookie'],
  ).toEqual([...[expect.stringContaining('; Secure'), expect.stringContaining('; Secure')]]);
  for (const at of [url, `${url}login`, `${url}?token=wrong`]) {
    const answer = await send(at);
    expect(answer.status).toBe(403);
    expect(answer.headers).not.toHaveProperty('set-cookie');
  }
  // a program with the token is no browser
  const asked = await send(url, { headers: { Authorization: `token ${token}` } });
  expect(asked).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } });
  expect(asked.headers).not.toHaveProperty('set-cookie');
});

test('the cookie reads for a page of its own, changes only with the XSRF token, and ends with the logout', async () => {
  await using served = await testGateway();
  const { url, port } = await served.listen();
  const kernels = `${url}api/kernels`;
  const cookies = cookiesOf(await send(`${url}?token=${served.gateway.token}`));
  const Cookie = jar(cookies);
  const statusOf = async (headers: Record<string, string>, method = 'GET', at = kernels) =>
    (await send(at, { method, headers: { Cookie, ...headers } })).status;
  const own = { Origin: `http://127.0.0.1:${port}`, 'Sec-Fetch-Site': 'same-origin' };

  expect(await statusOf(own)).toBe(200);
  expect(await statusOf({ 'Sec-Fetch-Site': 'none' })).toBe(200);
  expect(await statusOf({ Referer: url })).toBe(200);
  expect(await statusOf({ 'X-XSRFToken': cookies._xsrf! })).toBe(200);
  expect(await statusOf({})).toBe(403);
  expect(await statusOf({ 'Sec-Fetch-Site': 'cross-site', Referer: url })).toBe(403);
  expect(await statusOf({ 'Sec-Fetch-Site': 'same-site' })).toBe(403);
  expect(await statusOf({ Referer: 'http://127.0.0.1:1/' })).toBe(403);

  const missing = '/api/kernels/00000000-0000-4000-8000-000000000000';
  const change = (headers: Record<string, string>, query = '') =>
    statusOf({ ...own, ...headers }, 'DELETE', `${url.slice(0, -1)}${missing}${query}`);
  expect(await change({})).toBe(403);
  expect(await change({ 'X-XSRFToken': 'x'.repeat(64) })).toBe(403);
  expect(await change({ 'X-XSRFToken': cookies._xsrf! })).toBe(404);
  expect(await change({}, `?_xsrf=${cookies._xsrf}`)).toBe(404);
  // one that another server of this host, or its page, has set: it is the same in both places, and not of this login
  const planted = jar({ ...cookies, _xsrf: 'planted' });
  expect(await change({ Cookie: planted, 'X-XSRFToken': 'planted' })).toBe(403);
  expect(await change({ Cookie: planted, 'X-XSRFToken': cookies._xsrf! })).toBe(403);
  // and the next answer puts it right
  const again = await send(kernels, { headers: { ...own, Cookie: planted } });
  expect(cookiesOf(again)).toEqual({ _xsrf: cookies._xsrf });
  expect((await send(kernels, { headers: { ...own, Cookie } })).headers).not.toHaveProperty('set-cookie');
  // with the token nothing else is asked for
  expect(await change({ Authorization: `token ${served.gateway.token}` })).toBe(404);

  const name = Object.keys(cookies).find((one) => one !== '_xsrf')!;
  for (const forged of ['', 'x', cookies[name]!.replace(/^./, (first) => (first === 'a' ? 'b' : 'a'))]) {
    expect(await statusOf({ ...own, Cookie: jar({ ...cookies, [name]: forged }) })).toBe(403);
  }
  // by another name it is another host's cookie
  expect(await statusOf({ Host: `localhost:${port}`, Origin: `http://localhost:${port}` })).toBe(403);

  expect(await statusOf({ 'Sec-Fetch-Site': 'cross-site' }, 'GET', `${url}logout`)).toBe(403);
  expect(await statusOf(own)).toBe(200);
  const out = await send(`${url}logout`, { headers: { Cookie, 'Sec-Fetch-Site': 'none' } });
  expect(out.headers['set-cookie']).toEqual([
    ...[expect.stringMatching(/^username-[^;]+=; Max-Age=0; /), expect.stringMatching(/^_xsrf=; Max-Age=0; /)],
  ]);
  // also for who has kept it
  expect(await statusOf(own)).toBe(403);
});

test('a WebSocket by cookie has to come from a page of the gateway', async () => {
  await using served = await testGateway({ allowOrigins: ['https://app.example.org'] });
  const { url, port } = await served.listen();
  const Cookie = jar(cookiesOf(await send(`${url}?token=${served.gateway.token}`)));
  const { hub } = await served.gateway.kernels.create({});
  const upgrade = async (headers: Record<string, string>) =>
    (await send(`${url}api/kernels/${hub.id}/channels`, { headers: { ...UPGRADE, ...headers } })).status;
  const own = { Origin: `http://127.0.0.1:${port}` };
  expect(await upgrade({ Cookie, ...own })).toBe(101);
  expect(await upgrade({ Cookie })).toBe(403);
  expect(await upgrade({ ...own })).toBe(403);
  expect(await upgrade({ Cookie, Origin: 'http://127.0.0.1:1' })).toBe(403);
  expect(await upgrade({ Cookie, Origin: 'https://app.example.org' })).toBe(403);
  expect(await upgrade({ Origin: 'https://app.example.org', Authorization: `token ${served.gateway.token}` })).toBe(
    101,
  );
});

test('without a token there is nothing to log in to', async () => {
  await using served = await testGateway({ token: '' });
  const { url } = await served.listen();
  expect((await send(url)).body).toContain('Kernelkit gateway');
  expect(await send(`${url}?token=`)).toMatchObject({ status: 200 });
  expect((await send(`${url}login`)).headers).not.toHaveProperty('set-cookie');
});
