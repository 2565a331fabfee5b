/** https, and certificates that cannot be used. */
import { createPrivateKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { describeServer, makeCertificates } from '../../../testing/servers/index.js';
import { TlsFilesError } from '../src/index.js';
import { send, speak } from './raw.js';
import { testGateway } from './support.js';

describeServer('jupyter-server', () => {
  test('REST, cookies and WebSockets over TLS, with a key that has a passphrase', async () => {
    await using served = await testGateway();
    const { ca, servers } = await makeCertificates(served.home.dir.join('tls'));
    const { cert, key } = servers.trusted;
    const [authority, plain] = await Promise.all([readFile(ca), readFile(key, 'utf8')]);
    const passphrase = 'of the key';
    const locked = served.home.dir.join('locked.key');
    await writeFile(
      locked,
      createPrivateKey(plain).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }),
    );
    const tls = { cert, key: locked, passphrase };
    const { url, port } = await served.gateway.listen({ port: 0, tls });
    expect(url).toBe(`https://127.0.0.1:${port}/`);
    const { token } = served.gateway;
    const login = await send(`${url}?token=${token}`, { ca: authority });
    expect(login.status).toBe(302);
    for (const cookie of login.headers['set-cookie']!) expect(cookie).toContain('; Secure');
    const Cookie = login.headers['set-cookie']!.map((cookie) => cookie.split(';', 1)[0]).join('; ');
    const { hub } = await served.gateway.kernels.create({});
    const socket = new WebSocket(`${url.replace('http', 'ws')}api/kernels/${hub.id}/channels`, {
      ...{ ca: authority, headers: { Cookie, Origin: url.slice(0, -1) } },
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    // what is no TLS is closed, and the others notice nothing
    expect(await speak(port!, 'GET /api HTTP/1.1\r\nHost: localhost\r\n\r\n')).not.toContain('200 OK');
    await expect(send(`${url}api`)).rejects.toThrow();
    expect((await send(`${url}api`, { ca: authority })).status).toBe(200);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close();
    await closed;
  });

  test('files that cannot be used are told before anything listens', async () => {
    await using served = await testGateway();
    const { servers } = await makeCertificates(served.home.dir.join('tls'));
    const { cert, key } = servers.trusted;
    const nonsense = served.home.dir.join('nonsense.pem');
    await writeFile(nonsense, 'nonsense');
    const failing = (tls: { cert: string; key: string; passphrase?: string }) =>
      served.gateway.listen({ port: 0, tls }).then(
        () => null,
        (error: TlsFilesError) => error,
      );
    const missing = await failing({ cert: `${cert}.none`, key });
    expect(missing).toBeInstanceOf(TlsFilesError);
    expect(missing).toMatchObject({ kind: 'tls-unreadable', message: expect.stringContaining(`${cert}.none`) });
    expect(await failing({ cert, key: servers.expired.key })).toMatchObject({ kind: 'tls-mismatch' });
    expect(await failing({ cert: nonsense, key })).toMatchObject({ kind: 'tls-invalid' });
    expect(await failing({ cert, key: cert })).toMatchObject({ kind: 'tls-invalid' });
  });
});
