/** Addresses that a gateway is told: base URLs as people write them, and sockets that cannot be. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { tempDir } from '../../../testing/support/index.js';
import { createGateway } from '../src/index.js';
import { send } from './raw.js';
import { testGateway } from './support.js';

test.each([
  ['/a b/ü/', '/a%20b/%C3%BC/'],
  ['a%20b', '/a%20b/'],
  ['/user/me@example.org/', '/user/me@example.org/'],
  ['//a//b//', '/a/b/'],
  ['/', '/'],
])('the base URL %s is asked for as %s', async (baseUrl, path) => {
  await using served = await testGateway({ baseUrl });
  expect(served.gateway.baseUrl).toBe(path);
  expect((await served.gateway.fetch(new Request(`http://in.process${path}api`))).status).toBe(200);
  const { url, port } = await served.listen();
  expect(url).toBe(`http://127.0.0.1:${port}${path}`);
  expect((await send(`${url}api`)).status).toBe(200);
});

test
  .skipIf(process.platform === 'win32')
  .each([
    ...([['too long', `${'x'.repeat(120)}.sock`, /the path has \d+ bytes, and a socket's may have/]] as const),
    ...([['in no directory', 'none/g.sock', /there is no directory .*none/]] as const),
    ...([['a file', 'file', /a file that is no socket is there/]] as const),
    ...([['a directory', 'directory', /a file that is no socket is there/]] as const),
  ])('a path that no socket can have is told as what it is: %s', async (_, name, message) => {
  await using dir = await tempDir();
  await writeFile(dir.join('file'), 'mine');
  await mkdir(dir.join('directory'));
  await using gateway = createGateway({ token: '' });
  const failed = await gateway.listen({ socketPath: dir.join(name) }).then(
    () => null,
    (error: unknown) => error,
  );
  expect(failed).toMatchObject({ kind: 'cannot-listen', message: expect.stringMatching(message) });
  expect(failed).toMatchObject({ fix: expect.stringMatching(/^(name|make)/) });
  // what was there is left as it was, and nothing was made
  expect((await readdir(dir.path)).sort()).toEqual(['directory', 'file']);
});

test.skipIf(process.platform === 'win32')(
  'a gateway that ends leaves the socket of another that has its path',
  async () => {
    await using dir = await tempDir();
    const socketPath = dir.join('gateway.sock');
    const first = createGateway({ token: '' });
    await first.listen({ socketPath });
    // as what clears up temporary files, or a logout
    await rm(socketPath);
    await using second = createGateway({ token: '' });
    await second.listen({ socketPath });
    await first[Symbol.asyncDispose]();
    expect(await readdir(dir.path)).toEqual(['gateway.sock']);
    await new Promise((resolve, reject) => {
      const probe = connect(socketPath, () => probe.destroy())
        .on('close', resolve)
        .on('error', reject);
    });
    await second[Symbol.asyncDispose]();
    expect(await readdir(dir.path)).toEqual([]);
  },
);
