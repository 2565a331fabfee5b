/** Requests as no client library would send them. */
import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect, type Socket } from 'node:net';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Sending {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string;
  /** The authority to trust, for https. */
  readonly ca?: Buffer;
}

/** A request with whatever headers; `fetch` sets some of them itself, and follows where it is sent. */
export function send(url: string, { method = 'GET', headers = {}, body, ca }: Sending = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = (ca === undefined ? request : secureRequest)(url, { method, headers, ca, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body: text }));
    });
    sent.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode!, headers: answer.headers, body: '' });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};

/** Bytes on a connection of their own, and all that comes back until the other side closes it. */
export async function speak(port: number, ...parts: (string | Buffer)[]): Promise<string> {
  const socket = await dial(port);
  for (const part of parts) socket.write(part);
  return heard(socket);
}

export async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** All that comes until the other side closes. */
export async function heard(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (data: Buffer) => {
    text += data.toString('latin1');
  });
  if (!socket.closed) await once(socket, 'close');
  return text;
}
