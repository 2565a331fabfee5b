/** What comes at the wrong moment: nothing is left that nobody knows of, and nobody waits for what will not come. */
import { link, readdir } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { CatalogEntry } from '@kernelkit/core';
import { createMessage, type JupyterMessage } from '@kernelkit/protocol';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { tempDir } from '../../../testing/support/index.js';
import { entryOf, faultyEntry } from '../../core/test/support.js';
import { createGateway, type GatewayEvent, openGateway } from '../src/index.js';

/** A gateway that offers `test`, a light kernel, and `mute`, whose start ends with its time. */
function light() {
  const mute: CatalogEntry = {
    ...entryOf({ argv: [process.execPath, '-e', 'setInterval(() => {}, 1e3)', '{connection_file}'] }),
    name: 'mute',
  };
  const events: GatewayEvent[] = [];
  const gateway = createGateway({
    token: '',
    find: async () => ({ kernels: [faultyEntry(), { ...mute, id: 'mute' }], searched: [] }),
    onEvent: (event) => events.push(event),
  });
  const ask = async (method: string, path: string, body?: unknown) => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const answer = await gateway.fetch(new Request(`http://in.process/${path}`, init));
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
  };
  return { gateway, events, ask, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

test('a session that is given two kernels at once keeps one, and one that ends meanwhile leaves none', async () => {
  await using served = light();
  const { ask, gateway } = served;
  // each directory of it is looked for: a start takes some turns of the event loop
  const path = 'a/'.repeat(100);
  const make = () => ask('POST', 'api/sessions', { path, type: 'console', kernel: { name: 'test' } });
  const { id } = (await make()).body;
  const change = () => ask('PATCH', `api/sessions/${id}`, { kernel: { name: 'test' } });
  const changed = await Promise.all([change(), change(), change()]);
  expect(changed.map(({ status }) => status)).toEqual([200, 200, 200]);
  const left = (await ask('GET', `api/sessions/${id}`)).body.kernel.id;
  expect(gateway.kernels.list().map((kernel) => kernel.id)).toEqual([left]);
  const changing = change();
  await new Promise(setImmediate);
  const [late, ended] = await Promise.all([changing, ask('DELETE', `api/sessions/${id}`)]);
  expect([late.status, ended.status]).toEqual([404, 204]);
  expect(gateway.kernels.list()).toEqual([]);
});

test('a kernel that is being ended is nobody’s new one', async () => {
  await using served = light();
  const { ask, gateway } = served;
  const session = { path: 'a', type: 'console', kernel: { name: 'test' } };
  const { kernel, id } = (await ask('POST', 'api/sessions', session)).body;
  const old = gateway.kernels.get(kernel.id).hub;
  await old.ready;
  const ending = ask('DELETE', `api/kernels/${kernel.id}`);
  const [again, other] = await Promise.all([
    ask('POST', 'api/kernels', { kernel_id: kernel.id, name: 'test' }),
    ask('POST', 'api/sessions', session),
  ]);
  expect((await ending).status).toBe(204);
  expect([again.status, again.body.id, other.status]).toEqual([201, kernel.id, 201]);
  expect(other.body.id).not.toBe(id);
  expect(gateway.kernels.get(kernel.id).hub).not.toBe(old);
  await Promise.all(gateway.kernels.list().map(({ hub }) => hub.ready));
  expect((await ask('GET', 'api/sessions')).body).toMatchObject([{ id: other.body.id }]);
});

const saysDone = ({ content, parent_header }: JupyterMessage): boolean =>
  (content as { execution_state?: string }).execution_state === 'idle' &&
  (parent_header.msg_type as string | undefined) === 'execute_request';

test('whoever reads a log by REST takes no place of clients that come back', async () => {
  await using served = light();
  const { ask, gateway } = served;
  const { id } = (await ask('POST', 'api/kernels', { name: 'test' })).body;
  const { hub } = gateway.kernels.get(id);
  await hub.ready;
  const one = hub.attach({ session: 'one', wake() {} });
  while (one.take() !== null);
  const stood = one.cursor;
  one.close();
  await new Promise<void>((resolve) => {
    const other = hub.attach({
      session: 'other',
      wake() {
        for (let item = other.take(); item !== null; item = other.take())
          if (item.kind === 'message' && saysDone(item.entry.message)) resolve();
      },
    });
    const content = { code: '[["stream", "missed"], ["reply"], ["idle"]]' } as never;
    other.send(createMessage({ channel: 'shell', type: 'execute_request', session: 'other', content }));
  });
  for (let n = 0; n < 1100; n += 1) await ask('GET', `api/kernels/${id}/log?after=${hub.log.last}`);
  expect(hub.log.last).toBeGreaterThan(stood);
  expect(hub.attach({ session: 'one', wake() {} }).cursor).toBe(stood);
});

test('an interrupt of a dead kernel is refused, and no defect', async () => {
  await using served = light();
  const { ask, gateway, events } = served;
  const { id } = (await ask('POST', 'api/kernels', { name: 'test' })).body;
  const { hub } = gateway.kernels.get(id);
  await hub.ready;
  await hub.close();
  expect(await ask('POST', `api/kernels/${id}/interrupt`)).toMatchObject({ status: 500, body: { reason: /dead/ } });
  expect(events.filter(({ kind }) => kind === 'request-failed')).toEqual([]);
});

test('no longer listened for: whoever still waits for a kernel’s start is let go', async () => {
  await using served = light();
  const { ask, gateway } = served;
  const { id } = (await ask('POST', 'api/kernels', { name: 'mute' })).body;
  const listening = await gateway.listen({ port: 0 });
  const socket = new WebSocket(`ws://127.0.0.1:${listening.port}/api/kernels/${id}/channels?open=ready`);
  const refused = new Promise((resolve) => socket.once('error', resolve));
  // the request is there once one behind it is answered
  await fetch(`${listening.url}api`);
  await listening[Symbol.asyncDispose]();
  await refused;
  expect(gateway.kernels.get(id).hub.state).toBe('starting');
});

test('an address that is none is refused where it is given', async () => {
  await using served = light();
  expect(() => new served.gateway.WebSocket('nowhere')).toThrow(TypeError);
});

test('a kernel that cannot be written down is not started, and leaves nothing', async () => {
  await using directory = await tempDir();
  // so long that the kernel's directory still has a name, and no file in it
  let dir = directory.path;
  while (dir.length < 3900) dir += `/${'d'.repeat(100)}`;
  dir += `/${'d'.repeat(4049 - dir.length)}`;
  await using gateway = await openGateway({
    keep: { dir },
    find: async () => ({ kernels: [faultyEntry()], searched: [] }),
  });
  const asked = new Request('http://in.process/api/kernels', { method: 'POST', body: '{"name":"test"}' });
  expect((await gateway.fetch(asked)).status).toBe(500);
  expect(await readdir(dir)).toEqual(['lock']);
  expect(gateway.kernels.list()).toEqual([]);
});

test.skipIf(process.platform === 'win32')('of several that find a dead socket one gets the address', async () => {
  await using directory = await tempDir();
  const socketPath = directory.join('gateway.sock');
  for (let round = 0; round < 10; round += 1) {
    await leaveSocket(socketPath);
    const all = Array.from({ length: 4 }, () => createGateway({ token: '' }));
    const listened = await Promise.allSettled(all.map((gateway) => gateway.listen({ socketPath })));
    const failures = listened.flatMap((each) => (each.status === 'rejected' ? [each.reason.kind] : []));
    expect(failures).toEqual(['address-in-use', 'address-in-use', 'address-in-use']);
    expect(await reaches(socketPath)).toBe(true);
    await Promise.all(all.map((gateway) => gateway[Symbol.asyncDispose]()));
    expect(await readdir(directory.path)).toEqual([]);
  }
});

/** As a process that is killed does. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.now`, resolve));
  await link(`${path}.now`, path);
  await new Promise((resolve) => server.close(resolve));
}

function reaches(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}
