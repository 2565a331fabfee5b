import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long a client has to take the answer, and to close its side. */
const GOODBYE_MS = 2000;

/** Answers in a WebSocket's place, and closes the connection, whether the client does so or not. */
export async function refuse(socket: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  response.headers.set('Content-Length', String(body.length));
  response.headers.set('Connection', 'close');
  const lines = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}\r\n${lines}\r\n`;
  // what it still sends is for nobody; unread, it would reset the connection, and the answer with it
  socket.resume();
  socket.end(Buffer.concat([Buffer.from(head, 'latin1'), body]));
  const timer = setTimeout(() => socket.destroy(), GOODBYE_MS);
  socket.once('close', () => clearTimeout(timer));
}
