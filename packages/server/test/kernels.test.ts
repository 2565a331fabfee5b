import {
  connectServerKernel,
  JupyterServer,
  nodeNetwork,
  type ServerSettings,
  startServerKernel,
} from '@kernelkit/core';
import { expect, test } from 'vitest';
import { describeKernel } from '../../../testing/support/index.js';
import { printed } from '../../core/test/support.js';
import { testGateway } from './support.js';

test('a kernel that is ended while it is started: said with a type', async () => {
  await using served = await testGateway();
  const spec = JSON.stringify({
    argv: ['/bin/sh', '-c', 'sleep 600', 'sh', '{connection_file}'],
    display_name: 'Never',
    language: 'x',
  });
  await served.home.dir.write('home/.local/share/jupyter/kernels/never/kernel.json', spec);
  const { url } = await served.listen();
  await using network = await nodeNetwork();
  const settings: ServerSettings = { baseUrl: url, token: served.gateway.token, headers: {}, network };
  const starting = startServerKernel(settings, { name: 'never', withoutSession: true }).catch(
    (error: unknown) => error,
  );
  await expect
    .poll(() => served.gateway.kernels.list().map(({ hub }) => hub.connections), { timeout: 20_000 })
    .toEqual([1]);
  await served.gateway.kernels.end(served.gateway.kernels.list()[0]!.id);
  // by its WebSocket, or by who asks every second whether it comes
  expect(await starting).toMatchObject({ kind: expect.stringMatching(/^(kernel-died|server-start-failed)$/) });
});

describeKernel('ipykernel', () => {
  test('our own client of Jupyter servers lists, starts, runs and ends kernels of the gateway', async () => {
    await using served = await testGateway();
    const { url } = await served.listen();
    await using network = await nodeNetwork();
    const settings: ServerSettings = { baseUrl: url, token: served.gateway.token, headers: {}, network };
    const server = new JupyterServer(settings);
    expect(Object.keys((await server.kernelspecs()).kernelspecs)).toContain('python3');
    await using kernel = await startServerKernel(settings, { name: 'python3', path: 'a/b.ipynb', type: 'notebook' });
    const result = await kernel.execute('print(6 * 7)');
    expect(printed(result)).toBe('42\n');
    expect(await server.kernels()).toHaveLength(1);
    // another client on the same kernel sees the same state
    await using other = await connectServerKernel(settings, (await server.kernels())[0]!.id);
    await kernel.execute('shared = 5');
    expect(printed(await other.execute('print(shared)'))).toBe('5\n');
    await kernel.restart();
    expect(printed(await kernel.execute('print("shared" in dir())'))).toBe('False\n');
  });
});
