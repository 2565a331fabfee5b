import { chmod, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { createGateway } from '@kernelkit/server';
import { expect, test } from 'vitest';
import { tempDir } from '../../../testing/support/index.js';
import { keepAddress } from '../src/background/address.js';
import { backgroundPlace, makePlace } from '../src/background/place.js';

const statusAt = (socketPath: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get({ socketPath, path: '/api', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });

test.skipIf(process.platform === 'win32')(
  'a gateway in the background whose directory was cleared up is there again; what another one has stays its own',
  async () => {
    await using runtime = await tempDir();
    await chmod(runtime.path, 0o700);
    const place = await backgroundPlace({ XDG_RUNTIME_DIR: runtime.path });
    await makePlace(place);
    const { signal } = new AbortController();
    await using first = createGateway({ token: '' });
    await first.listen({ socketPath: place.socket });
    await keepAddress(first, place, signal);
    await rm(place.directory, { recursive: true });
    await expect(statusAt(place.socket)).rejects.toMatchObject({ code: 'ENOENT' });
    await keepAddress(first, place, signal);
    expect(await statusAt(place.socket)).toBe(200);

    await rm(place.directory, { recursive: true });
    await makePlace(place);
    await using second = createGateway({ token: 'another' });
    await second.listen({ socketPath: place.socket });
    await keepAddress(first, place, signal);
    await first[Symbol.asyncDispose]();
    expect(await statusAt(place.socket)).toBe(200);
    await second[Symbol.asyncDispose]();
    await expect(statusAt(place.socket)).rejects.toMatchObject({ code: 'ENOENT' });
  },
);
