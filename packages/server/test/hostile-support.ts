/** A gateway with a running kernel of a healthy client, which every attack has to leave alone. */
import {
  createMessage,
  decodeWebSocketV1,
  encodeWebSocketV1,
  type JupyterMessage,
  WEBSOCKET_V1,
} from '@kernelkit/protocol';
import { expect } from 'vitest';
import WebSocket from 'ws';
import type { GatewayOptions } from '../src/index.js';
import { type Answered, type Sending, send } from './raw.js';
import { type TestGateway, testGateway } from './support.js';

export const TOKEN = 'the-secret-token-of-this-gateway';

export interface Besieged extends AsyncDisposable {
  readonly served: TestGateway;
  readonly url: string;
  readonly port: number;
  /** The healthy client's kernel. */
  readonly kernel: string;
  /** Where the kernels' WebSockets are, with the token. */
  channels(id?: string, query?: string): string;
  /** A request with the token. */
  ask(method: string, path: string, sending?: Sending): Promise<Answered>;
  /** The healthy client runs a cell, and the gateway answers another; no defect was told. @throws where not */
  isWell(): Promise<void>;
}

export async function besieged(options: GatewayOptions = {}): Promise<Besieged> {
  const served = await testGateway({ token: TOKEN, ...options });
  const { url, port } = await served.listen();
  const { hub } = await served.gateway.kernels.create({ name: 'python3' });
  const channels = (id = hub.id, query = '') =>
    `${url.replace('http', 'ws')}api/kernels/${encodeURIComponent(id)}/channels?token=${TOKEN}${query}`;
  const socket = new WebSocket(channels(), [WEBSOCKET_V1]);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  let cells = 0;
  const ask = (method: string, path: string, sending: Sending = {}) =>
    send(`${url}${path}`, { method, ...sending, headers: { Authorization: `token ${TOKEN}`, ...sending.headers } });
  return {
    ...{ served, url, port: port!, kernel: hub.id, channels, ask },
    async isWell() {
      cells += 1;
      expect(await runCell(socket, `print(6 * 7, ${cells})`)).toBe(`42 ${cells}\n`);
      expect((await ask('GET', `api/kernels/${hub.id}`)).status).toBe(200);
      expect(served.events.filter(({ kind }) => kind === 'request-failed')).toEqual([]);
      expect(JSON.stringify(served.events)).not.toContain(TOKEN);
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await served[Symbol.asyncDispose]();
    },
  };
}

/** What a cell prints. */
export function runCell(socket: WebSocket, code: string): Promise<string> {
  const request = createMessage({
    channel: 'shell',
    type: 'execute_request',
    session: 'healthy',
    content: { code } as never,
  });
  return new Promise((resolve, reject) => {
    let printed = '';
    let left = 2;
    const take = (data: Buffer) => {
      const { header, parent_header, content } = decodeWebSocketV1(data) as JupyterMessage;
      if (parent_header.msg_id !== request.header.msg_id) return;
      if (header.msg_type === 'stream') printed += (content as unknown as { text: string }).text;
      if ((header.msg_type as string) === 'status')
        left -= (content as { execution_state?: string }).execution_state === 'idle' ? 1 : 0;
      if (header.msg_type === 'execute_reply') left -= 1;
      if (left > 0) return;
      socket.off('message', take).off('close', lost);
      resolve(printed);
    };
    const lost = () => reject(new Error('the healthy client was disconnected'));
    socket.on('message', take).once('close', lost);
    socket.send(encodeWebSocketV1(request));
  });
}
