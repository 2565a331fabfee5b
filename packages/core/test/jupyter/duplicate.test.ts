import { newSessionId } from '@kernelkit/protocol';
import { expect, test } from 'vitest';
import { describeServer, jupyterServer } from '../../../../testing/servers/index.js';
import { connectServerKernel, startServerKernel } from '../../src/jupyter/server-kernel.js';
import type { Kernel } from '../../src/kernel/index.js';
import { resultText } from '../support.js';
import { noticesOf, settingsOf } from './kernel-support.js';

describeServer('jupyter-server', () => {
  test('two clients under one session id: the server throws out whoever was there, and one of them gives up', async () => {
    await using server = await jupyterServer({ version: 'new' });
    const options = { session: newSessionId(), reconnect: { delay: 5, longest: 20 } };
    await using first = await startServerKernel(settingsOf(server), options);
    const notices = noticesOf(first);
    const givesUp = (kernel: Kernel) =>
      new Promise<Kernel>((resolve) => {
        const stop = kernel.on('status', (status) => {
          if (status !== 'dead') return;
          stop();
          resolve(kernel);
        });
      });
    const firstEnds = givesUp(first);
    await using second = await connectServerKernel(settingsOf(server), first.id, options);
    const gone = await Promise.race([firstEnds, givesUp(second)]);
    const stays = gone === first ? second : first;
    expect(resultText(await stays.execute('1 + 1'))).toBe('2');
    await expect(Promise.resolve(gone.execute('1'))).rejects.toMatchObject({ kind: expect.any(String) });
    expect(notices.map(({ kind }) => kind)).toContain('disconnected');
  });
});
