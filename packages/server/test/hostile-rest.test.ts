/** Requests that mean ill, or nothing: each is answered with what is wrong, and nobody else notices. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeKernel } from '../../../testing/support/index.js';
import { besieged, TOKEN } from './hostile-support.js';
import { dial, heard, send, speak } from './raw.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const AUTH = `Authorization: token ${TOKEN}\r\n`;
const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);

/** What takes a body, and what makes it one that could be meant. */
const BODIES = [
  ['POST', 'api/kernels', {}],
  ['POST', 'api/sessions', { path: 'x.ipynb', type: 'notebook' }],
] as const;

const WRONG: readonly unknown[] = [0, 1.5, true, [], ['x'], { a: 1 }, 'x'.repeat(5000), 'a\0b', ''];

describeKernel('ipykernel', () => {
  test('bodies of wrong types, truncated, huge, in other encodings', async () => {
    await using siege = await besieged({
      maxBodyBytes: 100_000,
      connections: { requestTimeout: 800, headersTimeout: 800 },
    });
    const { ask, port, kernel } = siege;
    const session = JSON.parse(
      (
        await ask('POST', 'api/sessions', {
          body: JSON.stringify({ path: 's', type: 'console', kernel: { id: kernel } }),
        })
      ).body,
    );
    const at = [...BODIES, ['PATCH', `api/sessions/${session.id}`, {}]] as const;
    const waiting: Promise<string>[] = [];
    const before = siege.served.gateway.kernels.started;
    for (const [method, path, meant] of at) {
      const statuses = async (bodies: (string | Record<string, unknown>)[], headers = {}) => {
        for (const body of bodies) {
          const text = typeof body === 'string' ? body : JSON.stringify({ ...meant, ...body });
          const answer = await ask(method, path, { body: text, headers });
          expect([method, path, text.slice(0, 80), answer.status], answer.body).toEqual([
            method,
            path,
            text.slice(0, 80),
            400,
          ]);
          expect(JSON.parse(answer.body)).toMatchObject({ message: expect.any(String) });
        }
      };
      await statuses(['{', '[]', '"x"', '1', 'true', '{"a":1}}', '{"path":"x', '\0', '['.repeat(50_000)]);
      await statuses(['name=python3&path=x'], { 'Content-Type': 'application/x-www-form-urlencoded' });
      await statuses(['--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--'], {
        'Content-Type': 'multipart/form-data; boundary=x',
      });
      await statuses(['{}x'], { 'Content-Encoding': 'gzip' });
      const fields = path === 'api/kernels' ? ['name', 'path', 'kernel_id', 'env'] : ['path', 'name', 'type', 'kernel'];
      for (const field of fields) {
        const wrong = WRONG.filter(
          (value) =>
            !(
              value === '' ||
              ((field === 'env' || field === 'kernel') && typeof value === 'object' && !Array.isArray(value))
            ),
        );
        await statuses(wrong.map((value) => ({ [field]: value })));
      }
      expect((await ask(method, path, { body: `{"name":"${'x'.repeat(200_000)}"}` })).status).toBe(413);
      // without a length, and without an end
      const socket = await dial(port);
      socket.write(`${method} /${path} HTTP/1.1\r\nHost: localhost\r\n${AUTH}Transfer-Encoding: chunked\r\n\r\n`);
      const answer = heard(socket);
      for (let sent = 0; sent < 30 && socket.writable; sent += 1) socket.write(`2710\r\n${'x'.repeat(10_000)}\r\n`);
      expect(statusOf(await answer)).toBe(413);
      // one that ends before its length, and one whose sender does not go on
      const cut = await dial(port);
      cut.end(`${method} /${path} HTTP/1.1\r\nHost: localhost\r\n${AUTH}Content-Length: 100\r\n\r\n{"name":`);
      expect([0, 400]).toContain(statusOf(await heard(cut)));
      waiting.push(
        speak(port, `${method} /${path} HTTP/1.1\r\nHost: localhost\r\n${AUTH}Content-Length: 100\r\n\r\n{`),
      );
    }
    for (const answer of await Promise.all(waiting)) expect(statusOf(answer)).toBe(408);
    expect(siege.served.gateway.kernels.started).toBe(before);
    await siege.isWell();
  });

  test('paths that lead elsewhere, once and twice encoded', async () => {
    await using siege = await besieged();
    const { port, served } = siege;
    const kernels = served.home.dir.join('home/.local/share/jupyter/kernels');
    const secret = 'nobody may read this';
    await Promise.all(
      [kernels, join(kernels, '../..'), served.root].map((dir) => writeFile(join(dir, 'secret.txt'), secret)),
    );
    const get = (path: string) =>
      speak(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${AUTH}\r\n`);
    const looks = async (path: string) => {
      const answer = await get(path);
      expect([path, statusOf(answer)]).toEqual([path, expect.toBeOneOf([302, 400, 404])]);
      expect(answer).not.toContain(secret);
      expect(answer).not.toContain('root:');
    };
    const ups = [
      '../',
      '..%2f',
      '%2e%2e/',
      '%2e%2e%2f',
      '%2E%2E%2F',
      '.%2e/',
      '%252e%252e%252f',
      '..%252f',
      '..%5c',
      '..%255c',
    ];
    ups.push('%c0%ae%c0%ae%c0%af', '....//', '..;/', '%2e%2e%5c', '..%00/', '/%2e%2e/', '%u002e%u002e%u2215', '..\\');
    const ends = ['secret.txt', 'secret.txt%00.png', 'etc/passwd'];
    for (const up of ups)
      for (const times of [1, 3]) for (const end of ends) await looks(`/kernelspecs/python3/${up.repeat(times)}${end}`);
    for (const path of [
      ...['/kernelspecs/..%2fkernels/secret.txt', '/kernelspecs/%2e%2e/secret.txt', '/kernelspecs//etc/passwd'],
      ...[
        '/kernelspecs/python3//etc/passwd',
        '/kernelspecs/python3/%2fetc%2fpasswd',
        '/kernelspecs/python3/file:%2f%2f%2fetc%2fpasswd',
      ],
      ...[
        '/kernelspecs/__proto__/x',
        '/kernelspecs/constructor/name',
        '/api/kernelspecs/__proto__',
        '/api/kernelspecs/%2e%2e%2fpython3',
      ],
      ...[
        `/kernelspecs/python3/${'a/'.repeat(2000)}x`,
        `/kernelspecs/python3/${'x'.repeat(300)}`,
        '/kernelspecs/python3/%E0%A4%A',
      ],
      ...[
        '/api/kernels/%00',
        '/api/kernels/%E0%A4%A',
        '/api/kernels/..%2f..%2fstatus',
        '/api/kernels/__proto__',
        '/api/kernels/%2e%2e',
      ],
      ...[
        '/api/sessions/%00',
        '/api/sessions/constructor',
        '/api/sessions/%FF',
        '/%2e%2e/%2e%2e/etc/passwd',
        '//evil.example.org/',
      ],
      ...['/api/kernels/%2e%2e/%2e%2e/secret.txt', '/a\\b', '/%', '/api/%6bernelz'],
    ]) {
      await looks(path);
    }
    const piece = fc.constantFrom(
      ...ups,
      ...ends,
      '/',
      '%2f',
      '%',
      'kernel',
      'logo-64x64.png',
      '?',
      '#',
      ';',
      '%25',
      'x',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
        const answer = await get(`/kernelspecs/python3/${pieces.join('')}`);
        // enough `..` lead to the page of the gateway itself
        if (!answer.includes('This is a Kernelkit gateway')) expect(statusOf(answer)).toBeOneOf([302, 400, 404]);
        expect(answer).not.toContain(secret);
      }),
      { numRuns: 200 },
    );
    // a redirect stays within the gateway
    expect(await get('//evil.example.org/')).not.toMatch(/^location: (https?:)?\/\//im);
    await siege.isWell();
  });

  test('requests that two programs would read in two ways, or that are none', async () => {
    await using siege = await besieged();
    const { port } = siege;
    const asked = `Host: localhost\r\n${AUTH}`;
    const head = `${asked}Connection: close\r\n`;
    const smuggled = `POST /api/kernels HTTP/1.1\r\n${head}Content-Length: 2\r\n\r\n{}`;
    const upgrade =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
    const channels = `/api/kernels/${siege.kernel}/channels`;
    const table: [string, string | Buffer, number[]][] = [
      [
        'Content-Length and Transfer-Encoding',
        `POST /api/kernels HTTP/1.1\r\n${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
        [400],
      ],
      [
        'two lengths',
        `POST /api/kernels HTTP/1.1\r\n${head}Content-Length: 0\r\nContent-Length: 44\r\n\r\n${smuggled}`,
        [400],
      ],
      ['a length that is none', `POST /api/kernels HTTP/1.1\r\n${head}Content-Length: -1\r\n\r\n`, [400]],
      ['a length with a sign', `POST /api/kernels HTTP/1.1\r\n${head}Content-Length: +2\r\n\r\n[]`, [400]],
      [
        'chunked, and not last',
        `POST /api/kernels HTTP/1.1\r\n${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
        [400],
      ],
      [
        'an unknown coding',
        `POST /api/kernels HTTP/1.1\r\n${head}Transfer-Encoding: xchunked\r\n\r\n${smuggled}`,
        [400],
      ],
      ['a chunk of no size', `POST /api/kernels HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, [400]],
      ['a space before the colon', `GET /api/kernels HTTP/1.1\r\n${head}Content-Length : 5\r\n\r\n`, [400]],
      ['a folded header', `GET /api/kernels HTTP/1.1\r\n${head}X: a\r\n b\r\n\r\n`, [400]],
      ['bare LF', `GET /api/kernels HTTP/1.1\n${head.replaceAll('\r', '')}\n`, [400]],
      ['no Host', `GET /api/kernels HTTP/1.1\r\n${AUTH}\r\n`, [400]],
      ['two Hosts', `GET /api/kernels HTTP/1.1\r\nHost: localhost\r\n${head}\r\n`, [400]],
      ['two Hosts, a WebSocket', `GET ${channels} HTTP/1.1\r\nHost: localhost\r\n${asked}${upgrade}\r\n`, [400]],
      ['an empty Host', `GET /api/kernels HTTP/1.1\r\nHost: \r\n${AUTH}Connection: close\r\n\r\n`, [400, 403]],
      [
        'another Host',
        `GET /api/kernels HTTP/1.1\r\nHost: evil.example.org\r\n${AUTH}Connection: close\r\n\r\n`,
        [403],
      ],
      [
        'another Host, a WebSocket',
        `GET ${channels} HTTP/1.1\r\nHost: evil.example.org\r\n${AUTH}${upgrade}\r\n`,
        [403],
      ],
      [
        'a Host with a path',
        `GET /api/kernels HTTP/1.1\r\nHost: localhost/x\r\n${AUTH}Connection: close\r\n\r\n`,
        [400],
      ],
      ['HTTP/1.0 without Host', `GET /api/kernels HTTP/1.0\r\n${AUTH}\r\n`, [400, 403]],
      ['HTTP/1.0 with Host', `GET /api/kernels HTTP/1.0\r\n${head}\r\n`, [200]],
      ['HTTP/0.9', 'GET /api/kernels\r\n\r\n', [400]],
      ['HTTP/3.0', `GET /api/kernels HTTP/3.0\r\n${head}\r\n`, [400]],
      ['HTTP/2 by its preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
      ['the URL of this server', `GET http://localhost/api/kernels HTTP/1.1\r\n${head}\r\n\r\n`, [200]],
      ['the URL of another one', `GET http://evil.example.org/api/kernels HTTP/1.1\r\n${head}\r\n`, [400]],
      [
        'a WebSocket by the URL of another one',
        `GET http://evil.example.org${channels} HTTP/1.1\r\n${asked}${upgrade}\r\n`,
        [400],
      ],
      ['a URL of another kind', `GET file:///etc/passwd HTTP/1.1\r\n${head}\r\n`, [400]],
      ['an authority', `CONNECT localhost:22 HTTP/1.1\r\n${head}\r\n`, [0, 400, 405]],
      ['the server itself', `OPTIONS * HTTP/1.1\r\n${head}\r\n`, [400]],
      ['TRACE', `TRACE /api/kernels HTTP/1.1\r\n${head}\r\n\r\n`, [404, 405]],
      ['a method that is none', `HACK /api/kernels HTTP/1.1\r\n${head}\r\n`, [400]],
      ['a long URL', `GET /api/kernels?${'x'.repeat(9000)} HTTP/1.1\r\n${head}\r\n`, [414]],
      ['a long URL, a WebSocket', `GET ${channels}?${'x'.repeat(9000)} HTTP/1.1\r\n${asked}${upgrade}\r\n`, [414]],
      ['long headers', `GET /api/kernels HTTP/1.1\r\n${head}X: ${'x'.repeat(20_000)}\r\n\r\n`, [431]],
      ['many headers', `GET /api/kernels HTTP/1.1\r\n${head}${'X: y\r\n'.repeat(4000)}\r\n`, [431]],
      ['a NUL in a header', `GET /api/kernels HTTP/1.1\r\n${head}X: a\0b\r\n\r\n`, [400]],
      ['a NUL in the URL', `GET /api/\0kernels HTTP/1.1\r\n${head}\r\n`, [400]],
      [
        'bytes beyond ASCII in the URL',
        Buffer.from(`GET /api/k\xffrnels HTTP/1.1\r\n${head}\r\n\r\n`, 'latin1'),
        [400, 404],
      ],
      ['TLS', Buffer.from('1603010200010001fc0303', 'hex'), [400]],
      ['noise', Buffer.from(Array.from({ length: 1000 }, (_, at) => (at * 7919) % 256)), [400]],
      [
        'an upgrade to something else',
        `GET /api/kernels HTTP/1.1\r\n${asked}Connection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`,
        [200, 400],
      ],
      [
        'HTTP/2, with a body that is a request',
        `POST /api/sessions HTTP/1.1\r\n${asked}Connection: Upgrade, close\r\nUpgrade: h2c\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
        [400],
      ],
      [
        'HTTP/2, and chunked',
        `POST /api/sessions HTTP/1.1\r\n${asked}Connection: Upgrade, close\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        [400],
      ],
      [
        'HTTP/2, and more headers than are kept',
        `POST /api/sessions HTTP/1.1\r\n${asked}Connection: Upgrade, close\r\nUpgrade: h2c\r\n${'X: y\r\n'.repeat(2100)}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
        [400, 431],
      ],
      ['a WebSocket by POST', `POST ${channels} HTTP/1.1\r\n${asked}${upgrade}\r\n`, [400, 405]],
      [
        'a WebSocket without key',
        `GET ${channels} HTTP/1.1\r\n${asked}${upgrade.replace(/Sec-WebSocket-Key.*\r\n/, '')}\r\n`,
        [400],
      ],
      ['a WebSocket of old', `GET ${channels} HTTP/1.1\r\n${asked}${upgrade.replace('13', '7')}\r\n`, [400, 426]],
      ['a WebSocket elsewhere', `GET /api/kernels HTTP/1.1\r\n${asked}${upgrade}\r\n`, [404]],
      ['a WebSocket to no kernel', `GET /api/kernels/${NOBODY}/channels HTTP/1.1\r\n${asked}${upgrade}\r\n`, [404]],
      [
        'a WebSocket at a path that is none',
        `GET /api/kernels/%E0%A4%A/channels HTTP/1.1\r\n${asked}${upgrade}\r\n`,
        [404],
      ],
    ];
    for (const [what, bytes, statuses] of table) {
      const answer = await speak(port, bytes);
      expect([what, statusOf(answer)]).toEqual([what, expect.toBeOneOf(statuses)]);
      expect([what, answer.match(/^HTTP\/1\.1 /gm)?.length ?? 0]).toEqual([what, expect.toBeOneOf([0, 1])]);
    }
    // a WebSocket that does not wait for the answer to what was asked before it
    const behind = await dial(port);
    behind.write(`GET /api/kernelspecs HTTP/1.1\r\n${asked}\r\nGET ${channels} HTTP/1.1\r\n${asked}${upgrade}\r\n`);
    await once(behind, 'data');
    behind.destroy();
    // nothing that was hidden behind a request was done
    expect(siege.served.gateway.kernels.started).toBe(1);
    await siege.isWell();
  });

  test('a token in a place that is none', async () => {
    await using siege = await besieged();
    const { url, kernel } = siege;
    const basic = Buffer.from(`user:${TOKEN}`).toString('base64');
    for (const headers of [
      ...[
        { Authorization: TOKEN },
        { Authorization: `Basic ${basic}` },
        { Authorization: `tokens ${TOKEN}` },
        { Authorization: `token ${TOKEN}x` },
      ],
      ...[
        { Authorization: `token ${TOKEN.toUpperCase()}` },
        { Authorization: `token token ${TOKEN}` },
        { 'X-Token': TOKEN },
        { 'Proxy-Authorization': `token ${TOKEN}` },
      ],
      ...[
        { Cookie: `token=${TOKEN}` },
        { Cookie: `username-127-0-0-1-${siege.port}=${TOKEN}` },
        { Referer: `${url}?token=${TOKEN}` },
        { 'X-XSRFToken': TOKEN },
      ],
    ] as Record<string, string>[]) {
      expect([headers, (await send(`${url}api/kernels`, { headers })).status]).toEqual([headers, 403]);
    }
    for (const query of [
      `Token=${TOKEN}`,
      `token%00=${TOKEN}`,
      `token[]=${TOKEN}`,
      `token=x&token=${TOKEN}`,
      `#token=${TOKEN}`,
      `x?token=${TOKEN}`,
    ]) {
      expect([query, (await send(`${url}api/kernels?${query}`)).status]).toEqual([query, 403]);
    }
    expect((await send(`${url}${TOKEN}/api/kernels`)).status).toBe(403);
    expect((await send(`${url}api/kernels`, { method: 'POST', body: `token=${TOKEN}` })).status).toBe(403);
    expect((await send(`${url}api/kernels/${kernel}/restart`, { method: 'POST' })).status).toBe(403);
    // nor does any answer say it back
    for (const path of [
      'nowhere',
      'api/kernels/nowhere',
      'api/kernelspecs/nowhere',
      'api/sessions/nowhere',
      'kernelspecs/x/y',
    ]) {
      const answer = await send(`${url}${path}?token=${TOKEN}`);
      expect(answer.status).toBe(404);
      expect(JSON.stringify(answer)).not.toContain(TOKEN);
    }
    await siege.isWell();
  });
});
