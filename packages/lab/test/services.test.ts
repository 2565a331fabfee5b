/** @jupyterlab/services, the oldest and the newest that is supported, on raw kernels, on a gateway of ours, and on a jupyter_server. */
import type * as Services from '@jupyterlab/services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeServer } from '../../../testing/servers/index.js';
import { describeKernel, kernelTest } from '../../../testing/support/index.js';
import { endManagers, type LabKernelEnd, onKernelEnd } from '../src/index.js';
import { type Door, type DoorName, openDoor } from './doors.js';

const NEWEST = () => import('@jupyterlab/services');
const OLDEST = () => import('services-oldest' as string) as Promise<typeof Services>;

/** Echoes what comes on a comm, with its buffers; and opens one by itself. */
const COMMS = `
def target(comm, opened):
    @comm.on_msg
    def _(message):
        comm.send(message['content']['data'], buffers=message['buffers'])
get_ipython().kernel.comm_manager.register_target('echo', target)
from comm import create_comm
create_comm(target_name='front', data={'from': 'kernel'}, buffers=[memoryview(b'_abc_')[1:4], b''])`;

function suite(name: DoorName, load: () => Promise<typeof Services>): void {
  let door: Door;
  let services: typeof Services;
  beforeAll(async () => {
    services = await load();
    door = await openDoor(name);
  });
  afterAll(() => door?.[Symbol.asyncDispose]());
  /** As every function of @jupyterlab/services takes them. */
  const own = () => ({ serverSettings: door.settings });

  kernelTest('ipykernel', 'a kernel: input, comms, interrupt, restart, shutdown', async () => {
    const manager = new services.KernelManager(own());
    await manager.ready;
    const kernel = await manager.startNew({ name: 'python3' });
    expect((await kernel.spec)?.language).toBe('python');

    // the first cell asks, before anything else was answered
    const texts: string[] = [];
    const asking = kernel.requestExecute({ code: 'print("a" + input("who? "))\n6 * 7', allow_stdin: true });
    asking.onStdin = ({ header }) => {
      if (header.msg_type === 'input_request') kernel.sendInputReply({ status: 'ok', value: 'nn' }, header as never);
    };
    asking.onIOPub = ({ header, content }) => {
      if (header.msg_type === 'stream') texts.push((content as { text: string }).text);
      if (header.msg_type === 'execute_result') {
        texts.push((content as { data: Record<string, string> }).data['text/plain']!);
      }
    };
    expect((await asking.done).content.status).toBe('ok');
    expect(texts.join('')).toBe('ann\n42');
    expect((await kernel.info).implementation).toBe('ipython');

    // comms: views of a bigger buffer, of which nothing else goes along
    const opened = new Promise<unknown>((resolve) => {
      kernel.registerCommTarget('front', (_, { content, buffers }) => resolve([content.data, bytesOf(buffers)]));
    });
    await kernel.requestExecute({ code: COMMS }).done;
    expect(await opened).toEqual([{ from: 'kernel' }, [[97, 98, 99], []]]);
    const comm = kernel.createComm('echo');
    const echoed = new Promise<unknown>((resolve) => {
      comm.onMsg = ({ content, buffers }) => resolve([content.data, bytesOf(buffers)]);
    });
    await comm.open().done;
    const all = Uint8Array.from({ length: 100 }, (_, index) => index);
    const views = [all.subarray(10, 13), Buffer.from('xyz'), all.slice(0, 2).buffer, new DataView(all.buffer, 98)];
    await comm.send({ n: 1 }, undefined, views).done;
    expect(await echoed).toEqual([{ n: 1 }, [[10, 11, 12], [...Buffer.from('xyz')], [0, 1], [98, 99]]]);

    const sleeping = kernel.requestExecute({ code: 'import time\nprint("in")\ntime.sleep(600)' });
    await new Promise<void>((resolve) => {
      sleeping.onIOPub = ({ header }) => {
        if (header.msg_type === 'stream') resolve();
      };
    });
    await kernel.interrupt();
    expect((await sleeping.done).content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' });

    // a fresh process under the same id
    await kernel.requestExecute({ code: 'x = 1' }).done;
    const { id } = kernel;
    await kernel.restart();
    expect(kernel.id).toBe(id);
    const after = await kernel.requestExecute({ code: 'x' }).done;
    expect(after.content).toMatchObject({ status: 'error', ename: 'NameError' });

    expect(await door.running()).toBe(1);
    await kernel.shutdown();
    expect(await door.running()).toBe(0);
    await endManagers(manager);
  });

  kernelTest(
    'ipykernel',
    'a ServiceManager: kernelspecs, events, and a session whose path and kernel change',
    async () => {
      let subscribed: () => void = () => {};
      const isOpen = new Promise<void>((resolve) => {
        subscribed = resolve;
      });
      const { WebSocket: Socket } = door.settings;
      const serverSettings = {
        ...door.settings,
        WebSocket: class {
          constructor(url: string, protocols?: string[]) {
            const socket = new Socket(url, protocols);
            if (url.endsWith('/api/events/subscribe')) socket.onopen = subscribed;
            // biome-ignore lint/correctness/noConstructorReturn: it is looked at, and is what it was
            return socket;
          }
        } as never,
      };
      const all = new services.ServiceManager({ serverSettings });
      const failures: Error[] = [];
      all.connectionFailure.connect((_, error) => failures.push(error));
      await all.ready;
      await isOpen;
      expect(Object.keys(all.kernelspecs.specs?.kernelspecs ?? {})).toContain('python3');
      const actions: unknown[] = [];
      const shut = new Promise<void>((resolve) => {
        all.events.stream.connect((_, event) => {
          actions.push(event.action);
          if (event.action === 'shutdown') resolve();
        });
      });
      const session = await all.sessions.startNew({
        ...{ path: 'a.ipynb', name: 'a.ipynb', type: 'notebook', kernel: { name: 'python3' } },
      });
      await session.kernel?.info;
      await session.setPath('b.ipynb');
      expect(session.path).toBe('b.ipynb');
      const before = session.kernel?.id;
      const changed = await session.changeKernel({ name: 'python3' });
      await changed?.info;
      expect(session.kernel?.id).not.toBe(before);
      await all.sessions.refreshRunning();
      expect([...all.sessions.running()].map(({ path }) => path)).toEqual(['b.ipynb']);
      await session.shutdown();
      expect(await door.running()).toBe(0);
      await shut;
      expect(actions[0]).toBe('start');
      expect(failures).toEqual([]);
      await endManagers(all);
      expect([all.isDisposed, all.kernels.isDisposed, all.kernelspecs.isDisposed]).toEqual([true, true, true]);
    },
  );

  kernelTest('ir', 'two clients: each sees all of it, and its own answers', async () => {
    const manager = new services.KernelManager(own());
    await manager.ready;
    const first = await manager.startNew({ name: 'ir' });
    await first.info;
    const second = manager.connectTo({ model: first.model });
    await second.info;
    const seen = [first, second].map((kernel) => {
      const texts: string[] = [];
      kernel.iopubMessage.connect((_, { header, content }) => {
        if (header.msg_type === 'stream') texts.push((content as { text: string }).text.trim());
      });
      return texts;
    });
    for (let round = 0; round < 10; round++) {
      const both = [first, second].map((kernel, index) =>
        kernel.requestExecute({ code: `cat("${index}-${round}\\n")` }),
      );
      await Promise.all(both.map(({ done }) => done));
    }
    const expected = Array.from({ length: 20 }, (_, index) => `${index % 2}-${Math.floor(index / 2)}`).sort();
    await expect.poll(() => seen.map((texts) => texts.join('\n').split('\n').sort())).toEqual([expected, expected]);
    second.dispose();
    await first.shutdown();
    await endManagers(manager);
  });

  kernelTest('ipykernel', 'a KernelConnection alone: restarted while it starts; its end is told', async () => {
    const model = await services.KernelAPI.startNew({ name: 'python3' }, door.settings);
    const kernel = new services.KernelConnection({ model, ...own() });
    const ends: LabKernelEnd[] = [];
    // as long as a WebSocket takes that opens at once: kernel_info would wait for its answer now, and its promise be rejected, for nobody to catch
    for (let turn = 0; turn < 5; turn++) await services.KernelAPI.getKernelModel(model.id, door.settings);
    await kernel.restart();
    expect((await kernel.requestExecute({ code: '1' }).done).content.status).toBe('ok');
    const told = new Promise<void>((resolve) => {
      onKernelEnd(kernel, (end) => {
        ends.push(end);
        resolve();
      });
    });
    const running = kernel.requestExecute({ code: 'import os; os.kill(os.getpid(), 9)' }).done.then(
      ({ content }) => content.status,
      () => 'rejected',
    );
    await told;
    expect(['rejected', 'error']).toContain(await running);
    // a Jupyter server says that it started it again, and no more
    const died = { kind: 'kernel-died', code: null, message: expect.stringContaining('died') };
    expect(ends).toEqual([
      name === 'jupyter_server'
        ? { ...died, signal: null, fix: null, stderr: '', isRestarted: true }
        : { ...died, signal: 'SIGKILL', fix: expect.any(String), stderr: expect.any(String), isRestarted: false },
    ]);
    if (name !== 'jupyter_server') await expect.poll(() => kernel.status).toBe('dead');
    // it connects again by itself, and a failure of that would be nobody's to catch
    else await expect.poll(() => kernel.connectionStatus, { timeout: 20_000 }).toBe('connected');
    kernel.dispose();
    await services.KernelAPI.shutdownKernel(model.id, door.settings);
    expect(await door.running()).toBe(0);
  });

  kernelTest('peer', 'messages that lack something, or make no sense, end nothing', async () => {
    const model = await services.KernelAPI.startNew({ name: 'faulty' }, door.settings);
    const kernel = new services.KernelConnection({ model, ...own() });
    const steps = [
      ...[
        ['publish', ['error', { ename: 'E' }]],
        ['publish', ['status', { execution_state: 'dancing' }]],
      ],
      ...[['publish', ['comm_msg', { data: 1 }]], ['stream', 'after'], ['reply'], ['idle']],
    ];
    const cell = kernel.requestExecute({ code: JSON.stringify(steps) });
    const seen: unknown[] = [];
    cell.onIOPub = ({ header, content }) => {
      if (header.msg_type !== 'status') seen.push([header.msg_type, content]);
    };
    expect((await cell.done).content.status).toBe('ok');
    const after = ['stream', { name: 'stdout', text: 'after' }];
    expect(seen).toEqual([['error', { ename: 'E', evalue: '', traceback: [] }], after]);
    await kernel.shutdown();
  });

  if (name === 'jupyter_server') return;
  test('a kernel that cannot start: its connection is dead, and told why', async () => {
    const manager = new services.KernelManager(own());
    await manager.ready;
    await expect(manager.startNew({ name: 'nothing-of-this-name' })).rejects.toThrow();
    const kernel = await manager.startNew({ name: 'broken' });
    const end = await new Promise<LabKernelEnd>((resolve) => {
      onKernelEnd(kernel, resolve);
    });
    expect(end).toMatchObject({
      ...{ kind: 'process-exited', message: expect.stringContaining('Broken did not start'), fix: null },
      ...{ code: 3, signal: null, stderr: expect.stringContaining('the last words'), isRestarted: false },
    });
    await expect.poll(() => kernel.status).toBe('dead');
    await services.KernelAPI.shutdownKernel(kernel.id, door.settings);
    await endManagers(manager);
  });
}

function bytesOf(buffers: readonly (ArrayBuffer | ArrayBufferView)[] = []): number[][] {
  return (buffers as DataView[]).map(({ buffer, byteOffset, byteLength }) => [
    ...new Uint8Array(buffer, byteOffset, byteLength),
  ]);
}

describe('the newest, raw and in-process', () => suite('in-process', NEWEST));
describe('the newest, a gateway of ours', () => suite('gateway', NEWEST));
describeServer('jupyter-server', () => suite('jupyter_server', NEWEST));
describe('the oldest, raw and in-process', () => suite('in-process', OLDEST));
describe('the oldest, a gateway of ours', () => suite('gateway', OLDEST));

const CYCLES = process.env.KERNELKIT_TEST_HEAVY ? 100 : 20;

describeKernel('xpython', () => {
  test(`${CYCLES} kernels come and go, four at a time: each answers, and none is left`, async () => {
    const { KernelManager } = await NEWEST();
    await using door = await openDoor('in-process');
    const manager = new KernelManager({ serverSettings: door.settings });
    await manager.ready;
    const cycles = Array.from({ length: CYCLES }).keys();
    const some = async () => {
      for (const cycle of cycles) {
        const kernel = await manager.startNew({ name: 'xpython' });
        const { content } = await kernel.requestExecute({ code: String(cycle) }).done;
        expect(content).toMatchObject({ status: 'ok', execution_count: 1 });
        await kernel.shutdown();
      }
    };
    await Promise.all([some(), some(), some(), some()]);
    await manager.refreshRunning();
    expect([await door.running(), manager.runningCount]).toEqual([0, 0]);
    await endManagers(manager);
  }, 300_000);
});
