import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { JupyterServer, serverFromUrl, type WebSocketLike } from '../../src/jupyter/index.js';
import { type NodeNetwork, nodeNetwork } from '../../src/jupyter-node/index.js';
import { describeServer, jupyterServer } from './support.js';

const V1 = 'v1.kernel.websocket.jupyter.org';
let network: NodeNetwork;
beforeAll(async () => {
  network = await nodeNetwork({ env: {} });
});
afterAll(() => network.close());

function opened(socket: WebSocketLike): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onclose = ({ code }) => reject(new Error(`closed: ${code}`));
  });
}

describe("Node's WebSocket", () => {
  test('opens where a server selects none of the subprotocols, and says so', async () => {
    const http = createHttp();
    const selects: (string | false)[] = [false, V1];
    const server = new WebSocketServer({ server: http, handleProtocols: () => selects.shift() ?? false });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    try {
      const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`;
      for (const protocol of ['', V1]) {
        const socket = network.openWebSocket(url, [V1], {});
        await opened(socket);
        expect(socket.protocol).toBe(protocol);
        expect(socket.binaryType).toBe('arraybuffer');
        socket.close();
      }
    } finally {
      for (const each of server.clients) each.terminate();
      server.close();
      await new Promise((resolve) => http.close(resolve));
    }
  });

  test('nobody is there: it closes, and no error goes astray', async () => {
    const socket = network.openWebSocket('ws://127.0.0.1:1/', [], {});
    await expect(opened(socket)).rejects.toThrow('closed: 1006');
  });

  describeServer(['jupyter-server', 'notebook6'], ({ name }) => {
    test('a pong for each message frees it from waiting 40 ms for each answer', async () => {
      await using running = await jupyterServer({ version: name === 'jupyter-server' ? 'new' : 'notebook6' });
      const server = new JupyterServer(serverFromUrl(`${running.url}?token=${running.token}`, { network }));
      const { id } = await server.startKernel({ name: 'python3' });
      const url = `${running.url.replace('http', 'ws')}api/kernels/${id}/channels?session_id=s`;
      const socket = network.openWebSocket(url, [], { Authorization: `token ${running.token}` }) as WebSocketLike & {
        pong(): void;
      };
      await opened(socket);
      let withPong = false;
      let idle: () => void = () => {};
      socket.onmessage = ({ data }) => {
        if (withPong) socket.pong();
        const { header, content, parent_header: parent } = JSON.parse(String(data));
        if (header.msg_type === 'status' && content.execution_state === 'idle' && parent.msg_id.startsWith('e')) idle();
      };
      let count = 0;
      const run = async (): Promise<number> => {
        const begin = performance.now();
        const done = new Promise<void>((resolve) => {
          idle = resolve;
        });
        count += 1;
        const header = { msg_id: `e${count}`, msg_type: 'execute_request', session: 's', username: '', version: '5.3' };
        const content = { code: '1', silent: false, store_history: false, user_expressions: {}, allow_stdin: false };
        socket.send(JSON.stringify({ channel: 'shell', header, parent_header: {}, metadata: {}, content }));
        await done;
        return performance.now() - begin;
      };
      const fastest = async (): Promise<number> => {
        const times: number[] = [];
        for (let each = 0; each < 12; each++) times.push(await run());
        return Math.min(...times.slice(2));
      };
      await run();
      const without = await fastest();
      withPong = true;
      const freed = await fastest();
      // 44 ms and 4 here; a server that some day sets TCP_NODELAY needs no pong
      expect(freed).toBeLessThan(30);
      expect(freed).toBeLessThan(without * 1.5);
      socket.close();
      await server.deleteKernel(id);
    });
  });
});
