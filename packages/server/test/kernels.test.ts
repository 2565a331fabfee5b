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
