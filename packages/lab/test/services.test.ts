/** @jupyterlab/services, the oldest and the newest that is supported, on raw kernels, on a gateway of ours, and on a jupyter_server. */
import type * as Services from '@jupyterlab/services';
import { describe, expect, test } from 'vitest';
import { describeServer } from '../../../testing/servers/index.js';
import { describeKernel, kernelTest } from '../../../testing/support/index.js';
import { endManagers } from '../src/index.js';
import { type DoorName, openDoor } from './doors.js';

const VERSIONS: readonly (readonly [string, () => Promise<typeof Services>])[] = [
  ['newest', () => import('@jupyterlab/services')],
  ['oldest', () => import('services-oldest' as string) as Promise<typeof Services>],
];

/** Echoes what comes on a comm, with its buffers. */
const ECHO = `
def target(comm, opened):
    @comm.on_msg
    def _(message):
        comm.send(message['content']['data'], buffers=message['buffers'])
get_ipython().kernel.comm_manager.register_target('echo', target)`;

function suite(door: DoorName): void {
  describe.each(VERSIONS)('%s', (_version, load) => {
    kernelTest('ipykernel', 'a kernel, from its start to its end', async () => {
      const { KernelManager } = await load();
      await using there = await openDoor(door, ['ipykernel']);
      const serverSettings = there.settings as never;
      const manager = new KernelManager({ serverSettings });
      await manager.ready;
      const kernel = await manager.startNew({ name: 'python3' });
      expect((await kernel.info).implementation).toBe('ipython');
      expect((await kernel.spec)?.language).toBe('python');

      // results, streams and input in the first cells
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

      // comms: views of a bigger buffer, of which nothing else goes along
      await kernel.requestExecute({ code: ECHO }).done;
      const comm = kernel.createComm('echo');
      const echoed = new Promise<readonly unknown[]>((resolve) => {
        comm.onMsg = ({ content, buffers = [] }) => {
          resolve([content.data, ...buffers.map((buffer) => bytesOf(buffer as ArrayBufferView))]);
        };
      });
      await comm.open().done;
      const all = Uint8Array.from({ length: 100 }, (_, index) => index);
      await comm.send({ n: 1 }, undefined, [all.subarray(10, 13), Buffer.from('xyz'), all.slice(0, 2).buffer]).done;
      expect(await echoed).toEqual([{ n: 1 }, [10, 11, 12], [...Buffer.from('xyz')], [0, 1]]);

      // interrupt
      const sleeping = kernel.requestExecute({ code: 'import time\nprint("in")\ntime.sleep(600)' });
      await new Promise<void>((resolve) => {
        sleeping.onIOPub = ({ header }) => {
          if (header.msg_type === 'stream') resolve();
        };
      });
      await kernel.interrupt();
      expect((await sleeping.done).content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' });

      // restart: a fresh process under the same id
      await kernel.requestExecute({ code: 'x = 1' }).done;
      const { id } = kernel;
      await kernel.restart();
      expect(kernel.id).toBe(id);
      const after = await kernel.requestExecute({ code: 'x' }).done;
      expect(after.content).toMatchObject({ status: 'error', ename: 'NameError' });

      expect(await there.running()).toBe(1);
      await kernel.shutdown();
      expect(await there.running()).toBe(0);
      await endManagers(manager);
    });

    kernelTest('ipykernel', 'sessions: their path, name and kernel', async () => {
      const { KernelManager, SessionManager, KernelSpecManager } = await load();
      await using there = await openDoor(door, ['ipykernel']);
      const serverSettings = there.settings as never;
      const specs = new KernelSpecManager({ serverSettings });
      await specs.ready;
      expect(Object.keys(specs.specs?.kernelspecs ?? {})).toContain('python3');
      const kernelManager = new KernelManager({ serverSettings });
      const sessions = new SessionManager({ serverSettings, kernelManager });
      await sessions.ready;
      const session = await sessions.startNew({
        ...{ path: 'a.ipynb', name: 'a.ipynb', type: 'notebook', kernel: { name: 'python3' } },
      });
      await session.kernel?.info;
      await session.setPath('b.ipynb');
      expect(session.path).toBe('b.ipynb');
      const before = session.kernel?.id;
      const changed = await session.changeKernel({ name: 'python3' });
      await changed?.info;
      expect(session.kernel?.id).not.toBe(before);
      await sessions.refreshRunning();
      expect([...sessions.running()].map(({ path }) => path)).toEqual(['b.ipynb']);
      await session.shutdown();
      expect(await there.running()).toBe(0);
      await endManagers(sessions, kernelManager, specs);
    });

    kernelTest('ir', 'two clients: each sees all of it, and its own answers', async () => {
      const { KernelManager } = await load();
      await using there = await openDoor(door, ['ir']);
      const manager = new KernelManager({ serverSettings: there.settings as never });
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
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): number[] {
  return [...new Uint8Array(buffer, byteOffset, byteLength)];
}

describe('raw, in-process', () => suite('in-process'));
describe('a gateway of ours', () => suite('gateway'));
describeServer('jupyter-server', () => suite('jupyter_server'));

describeKernel('ipykernel', () => {
  test('a kernel that dies: its connection is told, and why is an event with its exit code', async () => {
    const { KernelManager } = await import('@jupyterlab/services');
    await using there = await openDoor('in-process', ['ipykernel']);
    const manager = new KernelManager({ serverSettings: there.settings as never });
    await manager.ready;
    const kernel = await manager.startNew({ name: 'python3' });
    await kernel.info;
    const dead = new Promise<void>((resolve) => {
      kernel.statusChanged.connect((_, status) => {
        if (status === 'dead') resolve();
      });
    });
    const running = kernel.requestExecute({ code: 'import os; os._exit(7)' }).done.then(
      ({ content }) => content.status,
      () => 'rejected',
    );
    await dead;
    expect(['rejected', 'error']).toContain(await running);
    const failed = there.events.find(({ kind }) => kind === 'kernel-failed');
    expect(failed).toMatchObject({ error: { death: { code: 7, signal: null } } });
    await endManagers(manager);
  });

  test('a kernel that cannot start: its connection is dead, and its model says why', async () => {
    const { KernelManager } = await import('@jupyterlab/services');
    await using there = await openDoor('in-process', ['ipykernel']);
    const manager = new KernelManager({ serverSettings: there.settings as never });
    await manager.ready;
    await expect(manager.startNew({ name: 'nothing-of-this-name' })).rejects.toThrow();
    await endManagers(manager);
  });
});
