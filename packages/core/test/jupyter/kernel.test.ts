/** Kernels behind a real Jupyter server: what only they have. What every kernel must do, test/acceptance asks of them too. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeServer, type RunningJupyter } from '../../../../testing/servers/index.js';
import { JupyterServer } from '../../src/jupyter/index.js';
import { connectServerKernel, startServerKernel } from '../../src/jupyter/server-kernel.js';
import type { ServerSettings } from '../../src/jupyter/types.js';
import type { Kernel } from '../../src/kernel/index.js';
import { printed, resultText } from '../support.js';
import { browserNetwork, noticesOf, settingsOf, unlimitedServer } from './kernel-support.js';

describeServer('jupyter-server', () => {
  let server: RunningJupyter;
  let settings: ServerSettings;
  let shared: Kernel;

  beforeAll(async () => {
    server = await unlimitedServer();
    settings = settingsOf(server);
    shared = await startServerKernel(settings);
  });
  afterAll(async () => {
    await shared?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test('comms carry data and buffers both ways', async () => {
    for (const legacy of [false, true]) {
      const other = legacy
        ? await unlimitedServer({
            config: { ZMQChannelsWebsocketConnection: { limit_rate: false, kernel_ws_protocol: '' } },
          })
        : null;
      try {
        await using kernel = await startServerKernel(other === null ? settings : settingsOf(other));
        await echoes(kernel);
      } finally {
        await other?.[Symbol.asyncDispose]();
      }
    }
  });

  test('as in a browser: no headers, no pings', async () => {
    await using kernel = await startServerKernel(settingsOf(server, browserNetwork));
    await echoes(kernel);
    expect((await kernel.probe()).heartbeat).toBeNull();
  });

  test('works in the directory of its path, in a session of its own', async () => {
    await mkdir(join(server.root, 'sub'));
    await using first = await startServerKernel(settings, { path: 'sub/a.ipynb', type: 'notebook', sessionName: 'A' });
    const where = await first.execute('import os; print(os.getcwd())');
    expect(printed(where).trim()).toBe(join(server.root, 'sub'));
    await using second = await startServerKernel(settings);
    expect(second.id).not.toBe(first.id);
    const response = await fetch(`${server.url}api/sessions`, { headers: { Authorization: `token ${server.token}` } });
    const sessions = (await response.json()) as { path: string; name: string; type: string; kernel: { id: string } }[];
    expect(sessions.find(({ kernel }) => kernel.id === first.id)).toMatchObject({
      ...{ path: 'sub/a.ipynb', type: 'notebook', name: 'A' },
    });
    await second.close();
    expect(await new JupyterServer(settings).kernel(second.id)).toBeNull();
  });

  test('a kernel alone, and a client that leaves it alone', async () => {
    await using owner = await startServerKernel(settings, { withoutSession: true });
    const guest = await connectServerKernel(settings, owner.id);
    expect(guest.status).toBe('idle');
    await owner.execute('x = 42');
    const seen: string[] = [];
    guest.on('lateOutput', ({ output }) => seen.push(JSON.stringify(output)));
    expect(resultText(await guest.execute('x'))).toBe('42');
    await owner.execute('print("for both")');
    await guest.execute('1');
    expect(seen.join()).toContain('for both');
    await guest.close();
    expect(resultText(await owner.execute('x'))).toBe('42');
  });

  test('a kernel that is deleted under us ends with a type of its own', async () => {
    await using owner = await startServerKernel(settings, { idleCheck: 500 });
    const died = new Promise((resolve) => owner.on('died', resolve));
    const running = owner.execute('import time; time.sleep(1000)');
    await new JupyterServer(settings).deleteKernel(owner.id);
    // the server interrupts what runs before it ends the kernel, so that the cell may still have an end of its own
    const ended = await running.done.then(
      ({ status, reply }) => (reply === null ? 'unanswered' : status),
      ({ kind }) => kind,
    );
    expect(['kernel-died', 'error', 'aborted', 'unanswered']).toContain(ended);
    expect(await died).toMatchObject({ cause: 'removed' });
    expect(owner.status).toBe('dead');
    await expect(owner.execute('1')).rejects.toMatchObject({ kind: 'kernel-died' });
    await expect(connectServerKernel(settings, owner.id)).rejects.toMatchObject({ kind: 'kernel-removed' });
  });

  test('… an idle one, too', async () => {
    await using owner = await startServerKernel(settings, { idleCheck: 100 });
    const died = new Promise((resolve) => owner.on('died', resolve));
    await new JupyterServer(settings).deleteKernel(owner.id);
    expect(await died).toMatchObject({ cause: 'removed' });
    expect(owner.status).toBe('dead');
  });

  test('a beat is a round trip to the server; a big message goes out whole', async () => {
    const notices = noticesOf(shared);
    expect((await shared.probe()).heartbeat).toBeGreaterThan(0);
    const big = 'x'.repeat(8_000_000);
    const length = await shared.execute(`len("${big}")`);
    expect(resultText(length)).toBe('8000000');
    expect(notices).toEqual([]);
  });
});

async function echoes(kernel: Kernel): Promise<void> {
  await kernel.execute(
    [
      'def opened(comm, msg):',
      '    @comm.on_msg',
      '    def echo(msg):',
      '        comm.send({"got": msg["content"]["data"]}, buffers=[bytes(b)[::-1] for b in msg["buffers"]])',
      'get_ipython().kernel.comm_manager.register_target("echo", opened)',
    ].join('\n'),
  );
  const comm = await kernel.openComm('echo');
  const echoed = new Promise<{ data: unknown; buffers: Uint8Array[] }>((resolve) => {
    comm.onMessage = resolve;
  });
  const large = new Uint8Array(3_000_000).fill(7);
  large[0] = 1;
  await comm.send({ n: 1 }, [new Uint8Array([1, 2, 3]), new Uint8Array(0), large]);
  const { data, buffers } = await echoed;
  expect(data).toEqual({ got: { n: 1 } });
  expect(Array.from(buffers[0]!)).toEqual([3, 2, 1]);
  expect(buffers.map(({ byteLength }) => byteLength)).toEqual([3, 0, 3_000_000]);
  expect(buffers[2]!.at(-1)).toBe(1);
}
