/** Clients that ask for everything at once. */
import { WEBSOCKET_V1 } from '@kernelkit/protocol';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { describeKernel } from '../../../testing/support/index.js';
import { besieged } from './hostile-support.js';

describeKernel('ipykernel', () => {
  test('restarts, interrupts, connections and ends of one kernel at once, and its path’s session', async () => {
    await using siege = await besieged({ maxKernels: 4 });
    const { ask, served, channels } = siege;
    const allowed = new Map<string, readonly number[]>([
      ['restart', [200, 404, 500]],
      ['interrupt', [204, 404]],
      ['model', [200, 404]],
      ['session', [201, 403]],
      ['end', [204, 404]],
      ['start', [201, 403]],
    ]);
    for (const round of [1, 2]) {
      const made = await ask('POST', 'api/sessions', { body: `{"path":"r${round}","type":"console","kernel":{}}` });
      const { kernel } = JSON.parse(made.body) as { kernel: { id: string } };
      const sockets: WebSocket[] = [];
      const does: Record<string, () => Promise<{ status: number; body: string }>> = {
        restart: () => ask('POST', `api/kernels/${kernel.id}/restart`),
        interrupt: () => ask('POST', `api/kernels/${kernel.id}/interrupt`),
        model: () => ask('GET', `api/kernels/${kernel.id}`),
        session: () => ask('POST', 'api/sessions', { body: `{"path":"r${round}","type":"console"}` }),
        start: () => ask('POST', 'api/kernels', { body: `{"kernel_id":"${kernel.id}"}` }),
        end: () => ask('DELETE', `api/kernels/${kernel.id}`),
      };
      const order =
        'restart interrupt model session restart start interrupt restart end session interrupt start end model restart end'.split(
          ' ',
        );
      const answers = await Promise.all(
        order.map(async (what, at) => {
          const socket = new WebSocket(channels(kernel.id, `&session_id=s${at % 3}`), [WEBSOCKET_V1]);
          socket.on('error', () => {});
          sockets.push(socket);
          // in another order each time
          for (let wait = 0; wait < ((at * 7) % 5) * round; wait += 1) await new Promise(setImmediate);
          return [what, await does[what]!()] as const;
        }),
      );
      for (const [what, { status, body }] of answers)
        expect([what, status, body]).toEqual([what, expect.toBeOneOf([...allowed.get(what)!]), body]);
      for (const socket of sockets) socket.terminate();
      await siege.isWell();
    }
    // what is left is listed, and can be ended
    for (const { id } of served.gateway.kernels.list()) {
      if (id !== siege.kernel) expect((await ask('DELETE', `api/kernels/${id}`)).status).toBe(204);
    }
    expect(served.gateway.kernels.list()).toHaveLength(1);
    expect(JSON.parse((await ask('GET', 'api/sessions')).body)).toEqual([]);
    await siege.isWell();
  });

  test('names of sessions that are none, and places in the log that are not there', async () => {
    await using siege = await besieged();
    for (const [query, opens] of [
      ...[
        ['session_id=', true],
        ['session_id=%00%0a%1b[2J', true],
        ['session_id=%F0%9F%98%80', true],
        ['session_id=__proto__', true],
      ],
      ...[
        [`session_id=${'x'.repeat(257)}`, false],
        ['after=0', true],
        ['after=999999999', true],
        ['after=-1', false],
        ['after=1e999', false],
      ],
      ...[
        ['after=NaN', false],
        ['after=1.5', false],
        ['after=', false],
        ['inherits=a,,b,__proto__', true],
        ['inherits=%2c', true],
      ],
      ...[
        [`inherits=${'a,'.repeat(17)}`, false],
        ['cursor=%00', true],
        ['session_id=a&session_id=b', true],
      ],
    ] as [string, boolean][]) {
      const socket = new WebSocket(siege.channels(undefined, `&${query}`), [WEBSOCKET_V1]);
      const isOpen = await new Promise<boolean>((resolve) =>
        socket.once('open', () => resolve(true)).once('error', () => resolve(false)),
      );
      expect([query, isOpen]).toEqual([query, opens]);
      socket.terminate();
    }
    await siege.isWell();
  });
});
