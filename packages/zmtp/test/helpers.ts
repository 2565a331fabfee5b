import { mkdtempSync, rmSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { Router, type Socket, type SocketEvents } from '../src/index.js';

/** Everything here must happen; the deadline only turns a hang into a failure that says what was waited for. */
const DEADLINE = 40_000;

export function within<T>(promise: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`still waiting for ${what}`)), DEADLINE);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export function event<Name extends keyof SocketEvents>(socket: Socket, name: Name): Promise<SocketEvents[Name]> {
  return within(
    new Promise((resolve) => {
      const off = socket.on(name, (payload) => {
        off();
        resolve(payload);
      });
    }),
    `the event "${name}"`,
  );
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + DEADLINE;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`still waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

let directory: string | null = null;
let counter = 0;

/** A fresh path for a Unix socket or a file; gone after the test file. */
export function freshPath(): string {
  if (!directory) {
    const made = mkdtempSync(join(tmpdir(), 'zmtp-'));
    directory = made;
    afterAllRemove.push(made);
  }
  return join(directory, `s${counter++}`);
}

const afterAllRemove: string[] = [];
afterAll(() => {
  for (const path of afterAllRemove.splice(0)) rmSync(path, { recursive: true, force: true });
  directory = null;
});

export const transports = ['tcp', 'ipc'] as const;
export type Transport = (typeof transports)[number];

/** Where to bind, with the port left to the system. */
export function bindAddress(transport: Transport): string {
  return transport === 'tcp' ? 'tcp://127.0.0.1:0' : `ipc://${freshPath()}`;
}

/** A TCP peer without any ZMTP of its own: the script gets the socket. */
export async function rawPeer(
  script: (socket: net.Socket) => void,
): Promise<{ endpoint: string; connections: () => number; [Symbol.asyncDispose](): Promise<void> }> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    script(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    endpoint: `tcp://127.0.0.1:${port}`,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Reads exactly so many bytes at a time from a socket. */
export function reader(socket: net.Socket): (count: number) => Promise<Buffer> {
  let buffered = Buffer.alloc(0);
  let wake: (() => void) | null = null;
  socket.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    wake?.();
  });
  return (count) =>
    within(
      (async () => {
        while (buffered.length < count) await new Promise<void>((resolve) => (wake = resolve));
        const head = buffered.subarray(0, count);
        buffered = buffered.subarray(count);
        return head;
      })(),
      `${count} bytes`,
    );
}

export function hex(text: string): Buffer {
  return Buffer.from(text.replace(/\s+/g, ''), 'hex');
}

/** A whole 3.x greeting, written here by hand and not with the code under test. */
export function greeting3(minor: number, mechanism = 'NULL'): Buffer {
  const bytes = Buffer.alloc(64);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes[11] = minor;
  bytes.write(mechanism, 12, 'latin1');
  return bytes;
}

/** A READY command frame, by hand. */
export function ready(socketType: string, identity?: string): Buffer {
  const property = (name: string, value: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(value.length);
    return Buffer.concat([Buffer.of(name.length), Buffer.from(name), length, Buffer.from(value)]);
  };
  const parts = [Buffer.from('\x05READY', 'latin1'), property('Socket-Type', socketType)];
  if (identity !== undefined) parts.push(property('Identity', identity));
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(4, body.length), body]);
}

/** An address that nobody listens on, and that was just free. */
export async function reserved(): Promise<string> {
  await using router = new Router();
  return await router.bind('tcp://127.0.0.1:0');
}
