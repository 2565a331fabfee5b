/** Too many connections, and clients that take for ever. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { describeKernel } from '../../../testing/support/index.js';
import { besieged } from './hostile-support.js';
import { dial, heard, send } from './raw.js';
import { testGateway } from './support.js';

const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);

test('a connection that is one too many is told so, and the next one is served when another has gone', async () => {
  await using served = await testGateway({ connections: { maxConnections: 2 } });
  const { url, port } = await served.listen();
  const held = await Promise.all([dial(port!), dial(port!)]);
  const refused = await send(`${url}api`);
  expect(refused).toMatchObject({ status: 503, headers: { connection: 'close' } });
  expect(JSON.parse(refused.body)).toMatchObject({ message: '2 connections are open, and no more are allowed' });
  held[0].destroy();
  await expect.poll(async () => (await send(`${url}api`)).status).toBe(200);
  held[1].destroy();
});

test('headers that do not come, and a body that does not end, have their time', async () => {
  await using served = await testGateway({ token: '', connections: { headersTimeout: 200, requestTimeout: 400 } });
  const { url, port } = await served.listen();
  const [silent, headers, body] = await Promise.all([dial(port!), dial(port!), dial(port!)]);
  headers.write('GET /api HTTP/1.1\r\nHost: localhost\r\nX: ');
  body.write('POST /api/kernels HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{');
  const drip = setInterval(() => headers.write('x'), 20);
  const answers = await Promise.all([silent, headers, body].map(heard));
  clearInterval(drip);
  expect(answers.map(statusOf)).toEqual([408, 408, 408]);
  expect((await send(`${url}api`)).status).toBe(200);
  expect(served.gateway.kernels.started).toBe(0);
});

describeKernel('ipykernel', () => {
  test('WebSockets to one kernel, and in all', async () => {
    // one of each is the healthy client's
    await using siege = await besieged({ connections: { maxWebSockets: 4, maxWebSocketsPerKernel: 2 } });
    const { hub } = await siege.served.gateway.kernels.create({});
    const attempt = async (id?: string) => {
      const socket = new WebSocket(siege.channels(id));
      const status = await new Promise<number>((resolve) => {
        socket.once('open', () => resolve(101));
        socket.once('unexpected-response', (request, response) => {
          request.destroy();
          resolve(response.statusCode!);
        });
        socket.on('error', () => {});
      });
      return { socket, status };
    };
    const first = await attempt();
    const second = await attempt();
    expect([first.status, second.status]).toEqual([101, 503]);
    const others = [await attempt(hub.id), await attempt(hub.id), await attempt(hub.id)];
    expect(others.map(({ status }) => status)).toEqual([101, 101, 503]);
    await siege.isWell();
    first.socket.close();
    await once(first.socket, 'close');
    expect((await attempt()).status).toBe(101);
  });
});
