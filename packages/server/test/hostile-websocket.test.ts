/** Clients of a kernel's WebSocket that mean ill, or are broken. */
import {
  createMessage,
  decodeWebSocketV1,
  encodeWebSocketLegacy,
  encodeWebSocketV1,
  WEBSOCKET_V1,
} from '@kernelkit/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { describeKernel } from '../../../testing/support/index.js';
import { besieged, runCell } from './hostile-support.js';
import { dial, heard, UPGRADE } from './raw.js';

async function open(url: string, protocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.on('error', () => {});
  return socket;
}

const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.once('close', resolve));

/** Resolves when the gateway has taken all that was sent before. */
function taken(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('pong', () => resolve());
    socket.ping();
  });
}

const header = {
  msg_id: 'm',
  msg_type: 'kernel_info_request',
  session: 's',
  username: 'u',
  date: '2020-01-01T00:00:00Z',
  version: '5.3',
};
const message = { channel: 'shell', header, parent_header: {}, metadata: {}, content: {} };
const VALUES: readonly unknown[] = [
  null,
  0,
  -1,
  1.5,
  true,
  '',
  'x',
  [],
  [1],
  {},
  { a: [] },
  '\ud800',
  'x'.repeat(10_000),
];

describeKernel('ipykernel', () => {
  test('frames that are no messages, and messages with fields of wrong types', async () => {
    await using siege = await besieged();
    // of its own: a request that fails takes those that wait behind it along, whoever's they are
    const { hub } = await siege.served.gateway.kernels.create({});
    const legacy = await open(siege.channels(hub.id));
    const v1 = await open(siege.channels(hub.id), [WEBSOCKET_V1]);
    const both = (data: string | Buffer | Uint8Array) => {
      legacy.send(data);
      v1.send(data);
    };
    for (const text of [
      '',
      ' ',
      '{',
      'null',
      '[]',
      '1',
      '"x"',
      '{}',
      '{"channel":"x"}',
      '{"channel":"iopub"}',
      '\ufeff{}',
      '{'.repeat(10_000),
    ])
      both(text);
    for (const field of ['channel', 'header', 'parent_header', 'metadata', 'content', 'buffers']) {
      for (const value of VALUES) both(JSON.stringify({ ...message, [field]: value }));
      both(JSON.stringify({ ...message, [field]: undefined }));
    }
    for (const field of Object.keys(header)) {
      for (const value of VALUES) both(JSON.stringify({ ...message, header: { ...header, [field]: value } }));
      both(JSON.stringify({ ...message, header: { ...header, [field]: undefined } }));
    }
    for (const channel of ['shell', 'control', 'stdin', 'iopub', 'hb', '__proto__']) {
      for (const type of [
        'input_reply',
        'execute_reply',
        'status',
        'execute_request',
        'comm_msg',
        'comm_open',
        'no_such_request',
        '__proto__',
        'toString',
      ]) {
        for (const content of [{}, { code: 1 }, { code: null, silent: 'x' }, { comm_id: {}, data: [] }, { value: 1 }]) {
          both(
            JSON.stringify({
              ...message,
              channel,
              header: { ...header, msg_id: `${channel}${type}`, msg_type: type },
              content,
            }),
          );
        }
      }
    }
    // deep enough to end whoever follows it by calling itself
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    both(
      `{"channel":"shell","header":${JSON.stringify(header)},"parent_header":{},"metadata":{},"content":{"a":${deep}}}`,
    );
    both(
      `{"channel":"shell","header":${JSON.stringify(header)},"parent_header":{},"metadata":{"__proto__":${deep}},"content":{}}`,
    );
    await Promise.all([taken(legacy), taken(v1)]);
    await siege.isWell();
    // also the kernel that it was all for
    while ((await runCell(v1, 'print(1)')) !== '1\n') expect(hub.state).not.toBe('dead');
    legacy.close();
    v1.close();
  });

  test('bytes that are cut, mixed up or made up', async () => {
    await using siege = await besieged();
    // of its own: a request that fails takes those that wait behind it along, whoever's they are
    const { hub } = await siege.served.gateway.kernels.create({});
    const legacy = await open(siege.channels(hub.id));
    const v1 = await open(siege.channels(hub.id), [WEBSOCKET_V1]);
    const request = createMessage({
      channel: 'shell',
      type: 'kernel_info_request',
      session: 's',
      content: {} as never,
    });
    const whole = encodeWebSocketV1({ ...request, buffers: [new Uint8Array(3)] });
    const old = encodeWebSocketLegacy({ ...request, buffers: [new Uint8Array(3)] }) as Uint8Array;
    for (const [socket, bytes, step] of [
      [v1, whole, 8],
      [legacy, old, 4],
    ] as const) {
      for (let length = 0; length < bytes.length; length += 5) socket.send(bytes.subarray(0, length));
      // each offset as one that leads elsewhere
      for (let at = 0; at < step * 8; at += step) {
        for (const fill of [0x00, 0x01, 0x7f, 0xff])
          socket.send(Uint8Array.from(bytes, (byte, index) => (index >= at && index < at + step ? fill : byte)));
      }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(whole, old),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
        fc.boolean(),
        async (base, changes, binary) => {
          const bytes = Buffer.from(base);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          for (const socket of [legacy, v1]) socket.send(bytes, { binary });
        },
      ),
      { numRuns: 500 },
    );
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        for (const socket of [legacy, v1]) socket.send(text);
      }),
      { numRuns: 300 },
    );
    await Promise.all([taken(legacy), taken(v1)]);
    await siege.isWell();
    // also the kernel that it was all for
    while ((await runCell(v1, 'print(1)')) !== '1\n') expect(hub.state).not.toBe('dead');
    legacy.close();
    v1.close();
  });

  test('too large a frame, many small ones, connections that close half or say nothing, another subprotocol', async () => {
    await using siege = await besieged({ webSockets: { maxFrameBytes: 50_000, pingInterval: 50, pingTimeout: 300 } });
    const { port, kernel, channels } = siege;
    const large = await open(channels(), [WEBSOCKET_V1]);
    large.send(Buffer.alloc(60_000));
    expect(await closed(large)).toBe(1009);
    const parts = await open(channels());
    for (let sent = 0; sent < 100; sent += 1) parts.send('x'.repeat(1000), { fin: false });
    expect(await closed(parts)).toBe(1009);

    // what no WebSocket may send: a reserved bit, an opcode that is none, no mask, a long ping, a length that lies
    const path = `/api/kernels/${kernel}/channels?token=${new URL(channels()).searchParams.get('token')}`;
    const head = Object.entries({ Host: `127.0.0.1:${port}`, ...UPGRADE }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    const handshake = `GET ${path} HTTP/1.1\r\n${head.join('')}\r\n`;
    for (const frame of [
      'f18100000000',
      '8381000000ff61',
      '810161',
      '89fe007f00000000',
      '82ff7fffffffffffffff00000000',
      '88810000000061',
    ]) {
      const socket = await dial(port);
      socket.write(handshake);
      socket.write(Buffer.from(frame, 'hex'));
      expect(await heard(socket)).toMatch(/^HTTP\/1\.1 101 /);
    }
    // in one packet with the handshake, one byte at a time, and never to its end
    const slow = await dial(port);
    for (const byte of handshake) slow.write(byte);
    slow.write(Buffer.from('82fe', 'hex'));
    expect(await heard(slow)).toMatch(/^HTTP\/1\.1 101 /);
    const half = await dial(port);
    half.end(handshake);
    expect(await heard(half)).toMatch(/^HTTP\/1\.1 101 /);
    // refused, and its sender does not close
    const refused = await dial(port);
    refused.write(handshake.replace('token=', 'token=x'));
    expect(await heard(refused)).toMatch(/^HTTP\/1\.1 403 /);

    for (const protocols of [['graphql-ws'], ['v1.kernel.websocket.jupyter.org.evil', 'x']]) {
      const failure = await open(channels(), protocols).catch((error: Error) => error.message);
      expect(failure).toBe('Server sent no subprotocol');
    }
    await expect.poll(() => siege.served.gateway.kernels.get(kernel).hub.connections).toBe(1);
    await siege.isWell();
  });

  test('a gateway that did not run for a while takes nobody for gone', async () => {
    await using siege = await besieged({ webSockets: { maxFrameBytes: 50_000, pingInterval: 50, pingTimeout: 300 } });
    const quiet = await open(siege.channels());
    const gone = closed(quiet);
    await taken(quiet);
    const until = performance.now() + 1000;
    while (performance.now() < until);
    expect(await Promise.race([gone, taken(quiet)])).toBeUndefined();
    await siege.isWell();
    quiet.close();
  });

  test('a flood to a kernel that is busy', async () => {
    await using siege = await besieged();
    const { gateway } = siege.served;
    const busy = await gateway.kernels.create({});
    await busy.hub.ready;
    const flooding = await Promise.all([open(siege.channels(busy.id)), open(siege.channels(busy.id), [WEBSOCKET_V1])]);
    const sleep = createMessage({
      channel: 'shell',
      type: 'execute_request',
      session: 's',
      content: { code: 'import time; time.sleep(1)' } as never,
    });
    flooding[1].send(encodeWebSocketV1(sleep));
    const padding = 'x'.repeat(1000);
    for (let sent = 0; sent < 3000; sent += 1) {
      flooding[0].send(
        JSON.stringify({ ...message, header: { ...header, msg_id: `flood-${sent}` }, content: { padding } }),
      );
      flooding[1].send(`nonsense ${sent}`);
    }
    await Promise.all(flooding.map(taken));
    await siege.isWell();
    for (const socket of flooding) socket.terminate();
    expect((await siege.ask('DELETE', `api/kernels/${busy.id}`)).status).toBe(204);
    await siege.isWell();
  });

  test('more than may wait for a kernel that reads nothing: what is not taken is answered with an error', async () => {
    await using siege = await besieged();
    const { hub } = await siege.served.gateway.kernels.create({});
    const socket = await open(siege.channels(hub.id), [WEBSOCKET_V1]);
    const pid = Number(await runCell(socket, 'import os; print(os.getpid())'));
    const answers = new Map<string, string>();
    socket.on('message', (data: Buffer) => {
      const { header: said, parent_header, content } = decodeWebSocketV1(data);
      if (said.msg_type === 'comm_info_reply')
        answers.set(parent_header.msg_id!, (content as { ename?: string }).ename ?? 'ok');
    });
    process.kill(pid, 'SIGSTOP');
    const comm = createMessage({
      channel: 'shell',
      type: 'comm_msg',
      session: 's',
      content: { comm_id: 'c', data: {} } as never,
    });
    const told = new Promise<string>((resolve) => {
      socket.on('message', (data: Buffer) => {
        const { header: said, parent_header, content } = decodeWebSocketV1(data);
        if (said.msg_type === 'stream' && parent_header.msg_id === comm.header.msg_id)
          resolve((content as never as { text: string }).text);
      });
    });
    const asked: string[] = [];
    try {
      const target_name = 'x'.repeat(1_000_000);
      for (let sent = 0; sent < 100; sent += 1) {
        const request = createMessage({
          channel: 'shell',
          type: 'comm_info_request',
          session: 's',
          content: { target_name } as never,
        });
        asked.push(request.header.msg_id);
        socket.send(encodeWebSocketV1(request));
      }
      socket.send(encodeWebSocketV1({ ...comm, buffers: [new Uint8Array(1_000_000)] }));
      await taken(socket);
      await siege.isWell();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await expect.poll(() => asked.filter((id) => !answers.has(id)), { timeout: 30_000 }).toEqual([]);
    expect(await told).toContain('this comm_msg was not sent');
    const all = [...answers.values()];
    expect(all.filter((answer) => answer === 'ok').length).toBeGreaterThan(10);
    expect(all.filter((answer) => answer === 'KernelNotReadyError').length).toBeGreaterThan(10);
    socket.close();
  });

  test('a kernel that sends what nobody can write again', async () => {
    await using siege = await besieged();
    const { hub } = await siege.served.gateway.kernels.create({});
    const v1 = await open(siege.channels(hub.id), [WEBSOCKET_V1]);
    const legacy = await open(siege.channels(hub.id));
    const told = new Promise<void>((resolve) => {
      legacy.on('message', (data: Buffer) => {
        if (data.includes('A message was left out')) resolve();
      });
    });
    // nested deeper than who writes JSON by calling himself can go; twice, as content and as metadata
    const code = `
session, iopub = get_ipython().kernel.session, get_ipython().kernel.iopub_socket
deep = b'{"a":' * 50_000 + b'1' + b'}' * 50_000
for at in (-1, -2):
    parts = session.serialize(session.msg("display_data", content={"data": {}, "metadata": {}}, parent=get_ipython().parent_header))
    parts[at] = deep
    delimiter = parts.index(b"<IDS|MSG>")
    parts[delimiter + 1] = session.sign(parts[delimiter + 2:])
    iopub.send_multipart([b"display_data"] + parts)
print("sent")
`;
    expect(await runCell(v1, code)).toContain('sent');
    await told;
    expect(await runCell(v1, 'print(1)')).toBe('1\n');
    await siege.isWell();
    v1.close();
    legacy.close();
  });
});
