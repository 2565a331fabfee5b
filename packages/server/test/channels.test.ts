/** The kernel's WebSocket, as clients of every sort speak it. */
import { once } from 'node:events';
import {
  createMessage,
  decodeWebSocketLegacy,
  decodeWebSocketV1,
  encodeWebSocketLegacy,
  encodeWebSocketV1,
  type JupyterMessage,
  WEBSOCKET_V1,
} from '@kernelkit/protocol';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { describeKernel } from '../../../testing/support/index.js';
import { testGateway } from './support.js';

interface Client extends AsyncDisposable {
  readonly socket: WebSocket;
  readonly messages: JupyterMessage[];
  send(code: string): string;
  /** The first message that fits, of those that came and those that come. */
  until(fits: (message: JupyterMessage) => boolean): Promise<JupyterMessage>;
  /** How it was closed. */
  readonly closed: Promise<number>;
}

async function open(url: string, protocols: string[] = [], headers: Record<string, string> = {}): Promise<Client> {
  const socket = new WebSocket(url, protocols, { headers, perMessageDeflate: false });
  const messages: JupyterMessage[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    messages.push(
      socket.protocol === WEBSOCKET_V1
        ? decodeWebSocketV1(data)
        : decodeWebSocketLegacy(isBinary ? data : data.toString('utf8')),
    );
    for (const look of waiting) look();
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve, reject) => socket.once('open', () => resolve()).once('error', reject));
  return {
    ...{ socket, messages, closed },
    send(code) {
      const request = executeRequest(code);
      socket.send(socket.protocol === WEBSOCKET_V1 ? encodeWebSocketV1(request) : encodeWebSocketLegacy(request));
      return request.header.msg_id;
    },
    until: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = messages.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}

function executeRequest(code: string): JupyterMessage {
  return createMessage({ channel: 'shell', type: 'execute_request', session: 'any', content: { code } as never });
}

const answerTo = (id: string) => (message: JupyterMessage) =>
  message.header.msg_type === 'execute_reply' && message.parent_header.msg_id === id;
const printedOf = (id: string) => (message: JupyterMessage) =>
  message.header.msg_type === 'stream' && message.parent_header.msg_id === id;
const textOf = (message: JupyterMessage) => (message.content as unknown as { text: string }).text;

describeKernel('ipykernel', () => {
  test('v1, legacy and none, two clients at once: all output to both, answers to who asked', async () => {
    await using served = await testGateway();
    const { url } = await served.listen();
    const { id } = await served.gateway.kernels.create({ name: 'python3' });
    const at = (session: string) =>
      `${url.replace('http', 'ws')}api/kernels/${id}/channels?session_id=${session}&token=${served.gateway.token}`;
    // at once: the kernel has not started yet
    await using one = await open(at('one'), [WEBSOCKET_V1, 'other']);
    await using two = await open(at('two'), ['other']).catch(() => open(at('two')));
    expect(one.socket.protocol).toBe(WEBSOCKET_V1);
    expect(two.socket.protocol).toBe('');
    expect(served.gateway.kernels.get(id).hub.connections).toBe(2);
    const first = one.send('print("from one")');
    await one.until(answerTo(first));
    expect(textOf(await two.until(printedOf(first)))).toBe('from one\n');
    const second = two.send('print("from two")');
    await two.until(answerTo(second));
    expect(textOf(await one.until(printedOf(second)))).toBe('from two\n');
    expect(one.messages.some(answerTo(second))).toBe(false);
    expect(two.messages.some(answerTo(first))).toBe(false);
  });

  test('what cannot be read is left out and counted, and the connection goes on', async () => {
    await using served = await testGateway({ webSockets: { maxFrameBytes: 100_000 } });
    const { url } = await served.listen();
    const { id } = await served.gateway.kernels.create({ name: 'python3' });
    const at = `${url.replace('http', 'ws')}api/kernels/${id}/channels?token=${served.gateway.token}`;
    await using legacy = await open(at);
    await using v1 = await open(at, [WEBSOCKET_V1]);
    const whole = encodeWebSocketV1(executeRequest('1'));
    for (const bad of ['', '{', 'null', '[]', '{"channel":"nowhere","header":{}}', '{"channel":"iopub"}', 'not JSON']) {
      legacy.socket.send(bad);
      v1.socket.send(bad);
    }
    for (const bad of [Buffer.alloc(0), Buffer.alloc(3), Buffer.from('ffffffffffff', 'hex'), whole.subarray(0, 40)]) {
      legacy.socket.send(bad);
      v1.socket.send(bad);
    }
    const asked = legacy.send('print("still here")');
    expect(textOf(await v1.until(printedOf(asked)))).toBe('still here\n');
    await v1.until(answerTo(v1.send('2'))).catch(() => {});
    expect(served.events.filter(({ kind }) => kind === 'message-refused').length).toBeGreaterThanOrEqual(20);
    expect(await (await served.ask('GET', 'metrics')).text()).toMatch(/kernelkit_messages_refused_total [1-9]/);
    // too large a frame ends that connection, and no other
    v1.socket.send(Buffer.alloc(200_000));
    expect(await v1.closed).toBe(1009);
    await legacy.until(answerTo(legacy.send('3')));
  });

  test('before the upgrade: the token, the kernel, the query', async () => {
    await using served = await testGateway();
    const { url } = await served.listen();
    const { id } = await served.gateway.kernels.create({ name: 'python3' });
    const base = `${url.replace('http', 'ws')}api/kernels/`;
    const { token } = served.gateway;
    const refused = (path: string, headers = {}) => open(`${base}${path}`, [], headers).catch(String);
    expect(await refused(`${id}/channels`)).toContain('403');
    expect(await refused(`${id}/channels?token=wrong`)).toContain('403');
    expect(await refused(`${id}/channels`, { Authorization: 'token ' })).toContain('403');
    expect(await refused(`00000000-0000-4000-8000-000000000000/channels?token=${token}`)).toContain('404');
    expect(await refused(`%E0%A4%A/channels?token=${token}`)).toContain('404');
    expect(await refused(`${id}/channels?token=${token}&after=-1`)).toContain('400');
    expect(await refused(`${id}/channels?token=${token}&session_id=${'x'.repeat(300)}`)).toContain('400');
    await using headed = await open(`${base}${id}/channels`, [], { Authorization: `BEARER ${token}` });
    await headed.until(answerTo(headed.send('1')));
  });

  test('a reloaded page, under another session, reads on where it was; messages then say where they stand', async () => {
    await using served = await testGateway();
    const { url } = await served.listen();
    const { id, hub } = await served.gateway.kernels.create({ name: 'python3' });
    const at = `${url.replace('http', 'ws')}api/kernels/${id}/channels?token=${served.gateway.token}`;
    const page = await open(`${at}&session_id=page&cursor=1`, [WEBSOCKET_V1]);
    await page.until(answerTo(page.send('x = 1')));
    const { seq } = page.messages.at(-1)!.metadata.kernelkit as { seq: number };
    const asked = page.send('import time; time.sleep(0.3); print("meanwhile")');
    await page.until((message) => message.parent_header.msg_id === asked);
    await page[Symbol.asyncDispose]();
    await using other = await open(`${at}&session_id=other`, []);
    await other.until(printedOf(asked));
    const log = (await (await served.ask('GET', `api/kernels/${id}/log`)).json()) as { last: number };
    expect(log.last).toBe(hub.log.last);
    await using again = await open(`${at}&session_id=reloaded&after=${seq}&inherits=page`, [WEBSOCKET_V1]);
    await again.until(answerTo(asked));
    expect(again.messages.filter(printedOf(asked)).map(textOf)).toEqual(['meanwhile\n']);
    const numbers = again.messages.map(({ metadata }) => (metadata.kernelkit as { seq: number }).seq);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(numbers[0]).toBeGreaterThan(seq);
  });

  test('a Tornado client without subprotocol gets no binary and no large frame, and is told', async () => {
    await using served = await testGateway();
    const { url } = await served.listen();
    const { id } = await served.gateway.kernels.create({ name: 'python3' });
    const at = `${url.replace('http', 'ws')}api/kernels/${id}/channels?token=${served.gateway.token}`;
    await using tornado = await open(at, [], { 'User-Agent': 'Tornado/6.5' });
    const large = tornado.send('print("x" * 11_000_000)');
    await tornado.until(answerTo(large));
    expect(textOf(await tornado.until(printedOf(large)))).toContain('was left out');
    const buffered = tornado.send(
      'from ipykernel.comm import Comm\nComm(target_name="t", data={"a": 1}, buffers=[b"12345"])',
    );
    await tornado.until(answerTo(buffered));
    const opened = await tornado.until(({ header }) => header.msg_type === 'comm_open');
    expect(opened.buffers).toEqual([]);
    expect(textOf(await tornado.until(printedOf(buffered)))).toContain('1 binary buffers (5 bytes)');
  });

  test('a kernel that is ended closes its connections; the same session on another connection ends the first', async () => {
    await using served = await testGateway();
    const { url } = await served.listen();
    const { id, hub } = await served.gateway.kernels.create({ name: 'python3' });
    await hub.ready;
    const at = `${url.replace('http', 'ws')}api/kernels/${id}/channels?token=${served.gateway.token}&session_id=s`;
    const first = await open(at);
    const second = await open(at);
    expect(await first.closed).toBe(1000);
    expect((await served.ask('DELETE', `api/kernels/${id}`)).status).toBe(204);
    expect(await second.closed).toBe(1000);
    expect((await served.ask('GET', `api/kernels/${id}`)).status).toBe(404);
  });

  test('open=ready: opens when the kernel has started, or has not; who leaves meanwhile has left', async () => {
    await using served = await testGateway({ autoRestart: false });
    const broken = { argv: ['/bin/sh', '-c', 'exit 3', 'sh', '{connection_file}'], display_name: 'B', language: 'x' };
    await served.home.dir.write('home/.local/share/jupyter/kernels/broken/kernel.json', JSON.stringify(broken));
    const listening = await served.listen();
    const headers = { Authorization: `token ${served.gateway.token}` };
    for (const [name, state] of [
      ['python3', 'idle'],
      ['broken', 'dead'],
    ] as const) {
      const { id, hub } = await served.gateway.kernels.create({ name });
      const path = `api/kernels/${id}/channels?open=ready`;
      const inside = new served.gateway.ObjectWebSocket(`ws://x/${path}`);
      const leaving = new served.gateway.ObjectWebSocket(`ws://x/${path}`);
      leaving.onopen = () => expect.unreachable();
      const left = new Promise((resolve) => {
        leaving.onclose = resolve;
      });
      // it waits by then
      setImmediate(() => setImmediate(() => leaving.close()));
      const states = [
        new Promise<string>((resolve) => {
          inside.onopen = () => resolve(hub.state);
        }),
        open(`${listening.url.replace('http', 'ws')}${path}`, [], headers).then(async (client) => {
          await using _ = client;
          return hub.state;
        }),
      ];
      expect(await Promise.all(states)).toEqual([state, state]);
      await left;
      await expect.poll(() => hub.connections).toBe(1);
      inside.close();
      expect(hub.connections).toBe(0);
    }
  });

  test('the client under nbclient, which gives up where nothing comes on iopub at once, is told the state unasked', async () => {
    await using served = await testGateway({ token: '' });
    const { url } = await served.listen();
    const { id } = await served.gateway.kernels.create({ name: 'python3' });
    // as websocket-client: an origin, and no more
    const socket = new WebSocket(`${url.replace('http', 'ws')}api/kernels/${id}/channels`, {
      origin: new URL(url).origin,
    });
    const [data] = await once(socket, 'message');
    expect(JSON.parse(String(data))).toMatchObject({
      ...{ channel: 'iopub', header: { msg_type: 'status' }, content: { execution_state: 'idle' } },
    });
    socket.close();
  });

  test('events: what starts and ends, to whoever subscribes, in-process and on a port', async () => {
    await using served = await testGateway();
    const listening = await served.listen();
    const heard: [string, { schema_id: string; action: string; kernel_id: string }][] = [];
    const inside = new served.gateway.WebSocket('ws://x/api/events/subscribe');
    inside.onmessage = ({ data }) => heard.push(['inside', JSON.parse(String(data))]);
    await new Promise((resolve) => {
      inside.onopen = resolve;
    });
    const headers = { Authorization: `token ${served.gateway.token}` };
    const outside = new WebSocket(`${listening.url.replace('http', 'ws')}api/events/subscribe`, { headers });
    const told = new Promise<void>((resolve) => {
      outside.on('message', (data) => {
        heard.push(['outside', JSON.parse(String(data))]);
        if (heard.length === 4) resolve();
      });
    });
    await new Promise((resolve) => outside.once('open', resolve));
    const { id } = await served.gateway.kernels.create({ name: 'python3' });
    await served.gateway.kernels.end(id);
    await told;
    const schema_id = 'https://events.jupyter.org/jupyter_server/kernel_actions/v1';
    for (const where of ['inside', 'outside']) {
      const events = heard.filter(([door]) => door === where).map(([, event]) => event);
      expect(events).toMatchObject([
        { schema_id, action: 'start', kernel_id: id },
        { schema_id, action: 'shutdown', kernel_id: id },
      ]);
    }
    const closed = new Promise((resolve) => outside.once('close', resolve));
    inside.close();
    outside.close();
    await closed;
    await served.gateway.kernels.create({ name: 'python3' });
    expect(heard).toHaveLength(4);
  });

  test('in-process: objects both ways, opened asynchronously', async () => {
    await using served = await testGateway();
    const { id } = await served.gateway.kernels.create({ name: 'python3' });
    const socket = new served.gateway.ObjectWebSocket(`ws://x/api/kernels/${id}/channels?session_id=s`, [WEBSOCKET_V1]);
    expect(socket.readyState).toBe(0);
    const request = executeRequest('6 * 7');
    // what is sent while it opens is as good as what is sent later
    socket.onopen = () => socket.send(request);
    const result = await new Promise<JupyterMessage>((resolve) => {
      socket.onmessage = ({ data }) => {
        const message = data as JupyterMessage;
        if (message.header.msg_type === 'execute_result') resolve(message);
      };
    });
    expect((result.content as { data?: Record<string, string> }).data?.['text/plain']).toBe('42');
    expect(result.parent_header.msg_id).toBe(request.header.msg_id);
    const code = new Promise((resolve) => {
      socket.onclose = (event) => resolve(event.code);
    });
    socket.close();
    expect(await code).toBe(1000);
    expect(served.gateway.kernels.get(id).hub.connections).toBe(0);
  });
});
