/** A kernel that dies behind a gateway, as a client of core's sees it. */
import { KernelDiedError, nodeNetwork, startServerKernel } from '@kernelkit/core';
import { expect, test } from 'vitest';
import { describeKernel } from '../../../testing/support/index.js';
import { testGateway } from './support.js';

describeKernel('ipykernel', () => {
  test('its cell fails when the kernel has died, and not when the next one is up; each death is told once', async () => {
    await using served = await testGateway();
    const { gateway } = served;
    const { url } = await served.listen();
    const network = await nodeNetwork({ env: {} });
    try {
      const settings = { baseUrl: url, token: gateway.token, headers: {}, network };
      await using kernel = await startServerKernel(settings, { name: 'python3' });
      const told: string[] = [];
      for (const round of [1, 2]) {
        const isBack = new Promise<void>((resolve) => {
          const stop = kernel.on('revival', ({ kind }) => {
            told.push(kind);
            if (kind !== 'restarted') return;
            stop();
            resolve();
          });
        });
        const error: unknown = await kernel
          .execute('import os, signal; os.kill(os.getpid(), signal.SIGKILL)')
          .then(null, (reason: unknown) => reason);
        expect(error).toBeInstanceOf(KernelDiedError);
        expect((error as KernelDiedError).death.willRestart).toBe(true);
        expect(gateway.kernels.get(kernel.id).hub.state).toBe('autorestarting');
        await isBack;
        expect((await kernel.execute('1')).status).toBe('ok');
        expect(told).toHaveLength(2 * round);
      }
      expect(told).toEqual(['restarting', 'restarted', 'restarting', 'restarted']);
    } finally {
      await network.close();
    }
  });
});
