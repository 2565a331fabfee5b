/** Kernels that do not start or die, and what the gateway says of them; limits; culling; resources. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeKernel } from '../../../testing/support/index.js';
import packageJson from '../package.json' with { type: 'json' };
import { isToBeCulled } from '../src/kernels/index.js';
import { version } from '../src/version.js';
import { testGateway } from './support.js';

test('the version is the package’s', () => {
  expect(version).toBe(packageJson.version);
});

const idle = { state: 'idle', connections: 0, lastActivity: new Date(0) } as const;

test.each([
  ['never, by default', idle, {}, {}, false],
  ['idle for too long', idle, {}, { idleTimeout: 9 }, true],
  ['not yet', idle, {}, { idleTimeout: 10 }, false],
  ['busy', { ...idle, state: 'busy' as const }, {}, { idleTimeout: 9 }, false],
  ['busy, and it is asked for', { ...idle, state: 'busy' as const }, {}, { idleTimeout: 9, busy: true }, true],
  ['connected', { ...idle, connections: 1 }, {}, { idleTimeout: 9 }, false],
  ['connected, and it is asked for', { ...idle, connections: 1 }, {}, { idleTimeout: 9, connected: true }, true],
  ['dead, whoever is connected', { ...idle, state: 'dead' as const, connections: 1 }, {}, { idleTimeout: 9 }, true],
  ['its kernelspec says sooner', idle, { cull_idle_timeout: 5 }, {}, true],
  ['its kernelspec says never', idle, { cull_idle_timeout: 0 }, { idleTimeout: 9 }, false],
])('culled: %s', (_what, hub, metadata, options, expected) => {
  expect(isToBeCulled(hub, metadata, options, 10_000)).toBe(expected);
});

describeKernel('ipykernel', () => {
  test('a kernel that does not start, and one that dies, say why in their model', async () => {
    await using served = await testGateway({ autoRestart: false });
    await served.home.dir.write(
      'home/.local/share/jupyter/kernels/broken/kernel.json',
      JSON.stringify({
        ...{
          argv: ['/bin/sh', '-c', 'echo the last words >&2; exit 3', 'sh', '{connection_file}'],
          display_name: 'Broken',
          language: 'x',
        },
      }),
    );
    const made = await served.ask('POST', 'api/kernels', { name: 'broken' });
    expect(made.status).toBe(201);
    const { id } = (await made.json()) as { id: string };
    await expect(served.gateway.kernels.get(id).hub.ready).rejects.toThrow();
    const model = await (await served.ask('GET', `api/kernels/${id}`)).json();
    expect(model).toMatchObject({ execution_state: 'dead', reason: expect.stringContaining('Broken did not start') });
    expect(model).toMatchObject({ traceback: expect.stringContaining('the last words') });
    expect((await served.ask('POST', `api/kernels/${id}/restart`)).status).toBe(500);

    const { hub } = await served.gateway.kernels.create({ name: 'python3' });
    await hub.ready;
    const failed = new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (hub.state !== 'dead') return;
        clearInterval(look);
        resolve();
      }, 20);
    });
    const socket = new served.gateway.ObjectWebSocket(`ws://x/api/kernels/${hub.id}/channels?session_id=s`);
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    const { createMessage } = await import('@kernelkit/protocol');
    const code = 'import os, sys; print("farewell", file=sys.__stderr__, flush=True); os._exit(7)';
    socket.send(createMessage({ channel: 'shell', type: 'execute_request', session: 's', content: { code } as never }));
    await failed;
    expect(await (await served.ask('GET', `api/kernels/${hub.id}`)).json()).toMatchObject({
      ...{ execution_state: 'dead', reason: expect.stringContaining('died') },
    });
    expect((await served.ask('POST', `api/kernels/${hub.id}/restart`)).status).toBe(200);
    expect(served.events.filter(({ kind }) => kind === 'kernel-failed').length).toBeGreaterThanOrEqual(2);
  });

  test('limits, bad bodies, and what is asked of the environment', async () => {
    await using served = await testGateway({ maxKernels: 1, maxBodyBytes: 1000 });
    const statusOf = async (method: string, path: string, body?: unknown) =>
      (await served.ask(method, path, body)).status;
    for (const path of ['api/kernels', 'api/sessions']) {
      for (const bad of ['{', '[]', '"x"', '1', '{"name":1}', '{"path":{}}']) {
        expect([path, bad, await statusOf('POST', path, bad)]).toEqual([path, bad, 400]);
      }
      expect(await statusOf('POST', path, `{"name":"${'x'.repeat(2000)}"}`)).toBe(413);
    }
    expect(await statusOf('POST', 'api/kernels', '{"env":[]}')).toBe(400);
    expect(await statusOf('POST', 'api/kernels', '{"env":{"KERNEL_A":1}}')).toBe(400);
    expect(await statusOf('POST', 'api/kernels', '{"kernel_id":"../x"}')).toBe(400);
    expect(await statusOf('GET', 'api/kernels/%00')).toBe(404);
    expect(await statusOf('GET', 'nowhere')).toBe(404);
    const env = { KERNEL_A: 'a', PATH: '/nowhere', LD_PRELOAD: '/x.so' };
    expect(await statusOf('POST', 'api/kernels', { name: 'python3', env })).toBe(201);
    expect(await statusOf('POST', 'api/kernels', {})).toBe(403);
  });

  test('a kernelspec’s files, and nothing else', async () => {
    await using served = await testGateway();
    const dir = served.home.dir.join('home/.local/share/jupyter/kernels/python3');
    await writeFile(join(dir, 'logo-64x64.png'), 'png');
    await mkdir(join(dir, 'sub'));
    await writeFile(join(dir, 'sub/inner.css'), 'css');
    await writeFile(served.home.dir.join('secret'), 'secret');
    await symlink(served.home.dir.join('secret'), join(dir, 'logo-link.png'));
    const specs = (await (await served.ask('GET', 'api/kernelspecs')).json()) as {
      kernelspecs: Record<string, { resources: Record<string, string> }>;
    };
    expect(specs.kernelspecs.python3!.resources['logo-64x64']).toBe('/kernelspecs/python3/logo-64x64.png');
    const found = await served.ask('GET', 'kernelspecs/python3/logo-64x64.png');
    expect([found.status, found.headers.get('content-type'), await found.text()]).toEqual([200, 'image/png', 'png']);
    expect((await served.ask('HEAD', 'kernelspecs/python3/logo-64x64.png')).status).toBe(200);
    expect(await (await served.ask('GET', 'kernelspecs/python3/sub/inner.css')).text()).toBe('css');
    const up = '..%2f'.repeat(8);
    for (const path of [
      'logo-link.png',
      'sub',
      `${up}secret`,
      `sub/${up}etc/passwd`,
      '%2fetc%2fpasswd',
      'x%00.png',
      '..%5cx',
    ]) {
      expect([path, (await served.ask('GET', `kernelspecs/python3/${path}`)).status]).toEqual([path, 404]);
    }
  });
});
