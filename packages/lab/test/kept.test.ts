/** @jupyterlab/services over the end of a gateway whose kernels are kept. */
import { KernelManager } from '@jupyterlab/services';
import { catalog, nodeNetwork, serverFromUrl } from '@kernelkit/core';
import { openGateway } from '@kernelkit/server';
import { expect, test } from 'vitest';
import { writeKernelspecs } from '../../../testing/servers/index.js';
import { describeKernel, isolatedEnv } from '../../../testing/support/index.js';
import { endManagers, serverSettings } from '../src/index.js';

describeKernel('ipykernel', () => {
  test('a gateway that ends in order, as a service that is restarted: its front end is there again with the next one', async () => {
    await using user = await isolatedEnv();
    await writeKernelspecs(user, ['ipykernel']);
    const find = (signal: AbortSignal) => catalog({ cwd: user.home, env: user.env, home: user.home, signal });
    const keep = { dir: user.dir.join('kept') };
    const open = () => openGateway({ keep, token: 'same', rootDir: user.home, env: user.env, find });
    const first = await open();
    const { url, port } = await first.listen({ port: 0 });
    await using network = await nodeNetwork({ env: {} });
    const kernels = new KernelManager({
      serverSettings: serverSettings(serverFromUrl(url, { token: 'same', network })),
    });
    const kernel = await kernels.startNew({ name: 'python3' });
    await kernel.requestExecute({ code: 'x = 41' }).done;
    const statuses: string[] = [];
    kernel.connectionStatusChanged.connect((_, status) => void statuses.push(status));
    await first[Symbol.asyncDispose]();
    await expect.poll(() => statuses).toContain('connecting');
    await using second = await open();
    await second.listen({ port: port! });
    // it asks anew after 10 to 30 s, where nothing listened at first
    await expect.poll(() => kernel.connectionStatus, { timeout: 90_000 }).toBe('connected');
    const future = kernel.requestExecute({ code: 'print(x + 1)' });
    let printed = '';
    future.onIOPub = ({ content }) => {
      printed += (content as { text?: string }).text ?? '';
    };
    expect((await future.done).content.status).toBe('ok');
    expect(printed).toContain('42');
    await kernel.shutdown();
    await endManagers(kernels);
  }, 150_000);
});
