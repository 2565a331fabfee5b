/** Kernels that are kept where nothing more can be written. */
import { mkdir, rmdir } from 'node:fs/promises';
import { catalog } from '@kernelkit/core';
import { expect, test } from 'vitest';
import { writeKernelspecs } from '../../../testing/servers/index.js';
import { describeKernel, isolatedEnv } from '../../../testing/support/index.js';
import { openGateway } from '../src/index.js';
import { endAll, keptPids } from './keep-support.js';

describeKernel('xpython-raw', () => {
  test('a restart that the disk takes no note of is refused, and the kernel is as it was', async () => {
    await using user = await isolatedEnv();
    await writeKernelspecs(user, ['xpython-raw']);
    const dir = user.dir.join('kept');
    await using _ended = endAll(dir);
    const find = (signal: AbortSignal) => catalog({ cwd: user.home, env: user.env, home: user.home, signal });
    await using gateway = await openGateway({ keep: { dir }, env: user.env, rootDir: user.home, find });
    const { hub } = await gateway.kernels.create({ name: 'xpython-raw' });
    await hub.ready;
    const ask = (method: string, what: string) =>
      gateway.fetch(new Request(`http://in.process/api/kernels/${hub.id}${what}`, { method }));
    const pid = async () => (await keptPids(dir)).get(hub.id)!.pid;
    const before = await pid();
    // as a full disk does it: what is written beside a file, to take its place, cannot be written
    const inTheWay = `${dir}/${hub.id}/kernel.json.new`;
    await mkdir(inTheWay);
    const refused = await ask('POST', '/restart');
    expect(refused.status).toBe(500);
    expect(await refused.json()).toMatchObject({ reason: expect.stringContaining('cannot be written') });
    expect([hub.state, await pid()]).toEqual(['idle', before]);
    await rmdir(inTheWay);
    expect((await ask('POST', '/restart')).status).toBe(200);
    expect(await pid()).not.toBe(before);
    expect((await ask('DELETE', '')).status).toBe(204);
  });
});
