import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type ListenOptions, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Steps } from './steps.js';

const DEADLINE_MS = 2000;

/** Whether the sockets that kernels are talked to through can be used: really bound, and connected to. */
export async function examineSockets(steps: Steps): Promise<void> {
  await steps.add(...(await tried('loopback', { host: '127.0.0.1', port: 0 }, 'kernels on TCP listen on 127.0.0.1')));
  if (process.platform === 'win32') return;
  const dir = await mkdtemp(join(tmpdir(), 'kernelkit-')).catch(() => null);
  // why it cannot be made is told already
  if (dir === null) return;
  try {
    const path = join(dir, 'k-5');
    await steps.add(...(await tried('unix socket', { path }, 'kernels that take Unix sockets listen on those')));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function tried(
  name: string,
  where: ListenOptions,
  what: string,
): Promise<[string, 'ok' | 'failed', string, { ms: number; fix: string | null }]> {
  const begin = performance.now();
  const server = createServer((socket) => socket.end());
  try {
    await within(listening(server, where));
    await within(connected(server));
    return [name, 'ok', what, { ms: performance.now() - begin, fix: null }];
  } catch (error) {
    const message = `a socket cannot be bound and connected to: ${(error as Error).message}`;
    const fix =
      name === 'loopback'
        ? 'look whether the loopback interface is up, and what a firewall or VPN does to it'
        : 'set TMPDIR to a directory on a file system that has sockets';
    return [name, 'failed', message, { ms: performance.now() - begin, fix }];
  } finally {
    server.close();
  }
}

function listening(server: Server, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, resolve);
  });
}

function connected(server: Server): Promise<void> {
  const address = server.address();
  return new Promise((resolve, reject) => {
    const socket = typeof address === 'string' ? connect(address) : connect(address!.port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

/** What neither works nor fails is what a firewall does. */
async function within(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came of it within ${DEADLINE_MS / 1000} s`)), DEADLINE_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
