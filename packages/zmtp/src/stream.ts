import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import * as net from 'node:net';
import { type Endpoint, formatEndpoint } from './endpoint.js';
import { ZmtpError } from './errors.js';

// The one file that touches the operating system.

/** A byte stream as the rest of the package sees it. */
export interface ByteStream {
  /** Bytes that were written and are not yet in the system's buffer. */
  readonly pending: number;
  /** Writes all chunks as one. */
  write(chunks: readonly Uint8Array[]): void;
  pause(): void;
  resume(): void;
  /** Sends what is pending, then the end. */
  end(): void;
  /** Ends at once; what is pending is lost. */
  destroy(): void;
}

export interface StreamEvents {
  open(): void;
  /** With `reused`, the bytes are overwritten after the call. */
  data(chunk: Buffer, reused: boolean): void;
  /** Nothing is pending any more, after something was. */
  drain(): void;
  /** Everything has gone out after end(). */
  finished(): void;
  /** Called once, in every case. The error of the system, if there was one. */
  closed(error: NodeJS.ErrnoException | null): void;
}

export interface Listener {
  /** With the real port. */
  readonly endpoint: Endpoint;
  /** Takes no more connections; a Unix socket's file goes away. Those that exist stay. */
  close(): void;
}

// Large frames come up to twice as fast through this as through 64 KB (measured: fewer system calls and callbacks). libuv reads
// synchronously into the buffer and calls us before it reads anything else, so on POSIX one buffer serves all connections
// of a thread. Windows posts reads ahead, and other runtimes may read in the background: there, each has its own.
const SHARED_BUFFER = 512 * 1024;
const OWN_BUFFER = 64 * 1024;
const canShare = process.platform !== 'win32' && !('bun' in process.versions) && !('deno' in process.versions);
let shared: Buffer | null = null;

function readBuffer(): Buffer {
  if (!canShare) return Buffer.allocUnsafeSlow(OWN_BUFFER);
  shared ??= Buffer.allocUnsafeSlow(SHARED_BUFFER);
  return shared;
}

/** Whether there is anything to connect to; a Unix socket's missing file is seen far cheaper than by connecting. */
export function mayExist(endpoint: Endpoint): boolean {
  return endpoint.transport !== 'ipc' || existsSync(endpoint.path);
}

/**
 * Starts to connect. Reading goes through one fixed buffer: it is as fast as Node can read. (A function that gives a new
 * buffer for each read would be faster for large frames and corrupts memory when anything throws; see the README.)
 */
export function connectStream(endpoint: Endpoint, events: StreamEvents): ByteStream {
  const target =
    endpoint.transport === 'ipc'
      ? { path: endpoint.path }
      : { host: endpoint.host, port: endpoint.port, noDelay: true };
  const fixed = readBuffer();
  const onread = {
    buffer: fixed,
    callback: (count: number): boolean => {
      events.data(fixed.subarray(0, count), true);
      return true;
    },
  };
  const socket = net.connect({ ...target, onread });
  const stream = wrap(socket, events);
  socket.on('connect', () => {
    if (isSelf(socket)) {
      // A port in the ephemeral range can be given to our own end; then we would hold the port that the peer wants.
      socket.destroy(Object.assign(new Error('connected to itself'), { code: 'ECONNREFUSED' }));
      return;
    }
    events.open();
  });
  return stream;
}

/** Linux joins a socket to itself when the ephemeral port it picks for a loopback connection is the one it asks for. */
export function isSelf(ends: Pick<net.Socket, 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort'>): boolean {
  return ends.localPort !== undefined && ends.localPort === ends.remotePort && ends.localAddress === ends.remoteAddress;
}

/** Listens; `accept` is called for each connection and gives its events. Rejects with ZmtpError `EBIND`. */
export async function listenStreams(
  endpoint: Endpoint,
  accept: (stream: ByteStream) => StreamEvents,
): Promise<Listener> {
  try {
    return await listen(endpoint, accept);
  } catch (error) {
    if (endpoint.transport === 'ipc' && errno(error) === 'EADDRINUSE' && (await isStale(endpoint.path))) {
      unlinkSync(endpoint.path);
      return await listen(endpoint, accept).catch((again) => Promise.reject(bindError(endpoint, again)));
    }
    throw bindError(endpoint, error);
  }
}

function listen(endpoint: Endpoint, accept: (stream: ByteStream) => StreamEvents): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = net.createServer({ noDelay: true });
    server.on('connection', (socket) => {
      // Two steps, since the events belong to what the stream is given to.
      let events: StreamEvents | null = null;
      const stream = wrap(socket, {
        open() {},
        data: (chunk, reused) => events?.data(chunk, reused),
        drain: () => events?.drain(),
        finished: () => events?.finished(),
        closed: (error) => events?.closed(error),
      });
      events = accept(stream);
      socket.on('data', (chunk) => events?.data(chunk, false));
      events.open();
    });
    server.once('error', reject);
    server.listen(endpoint.transport === 'ipc' ? { path: endpoint.path } : endpoint, () => {
      server.off('error', reject);
      // Accepting can fail later (no file descriptors left); the connections that exist go on.
      server.on('error', () => {});
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({
        endpoint: endpoint.transport === 'ipc' ? endpoint : { ...endpoint, port },
        close: () => void server.close(),
      });
    });
  });
}

function wrap(socket: net.Socket, events: StreamEvents): ByteStream {
  let failure: NodeJS.ErrnoException | null = null;
  socket.on('drain', () => events.drain());
  socket.on('finish', () => events.finished());
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => events.closed(failure));
  return {
    get pending() {
      return socket.writableLength;
    },
    write(chunks) {
      if (chunks.length === 1) {
        socket.write(chunks[0]!);
        return;
      }
      socket.cork();
      for (const chunk of chunks) socket.write(chunk);
      socket.uncork();
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}

// A socket file that nobody listens on was left by a process that crashed. Any other file is somebody's, and stays.
async function isStale(path: string): Promise<boolean> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return false;
  return new Promise((resolve) => {
    const probe = net.connect({ path });
    probe.on('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

function errno(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

function bindError(endpoint: Endpoint, cause: unknown): ZmtpError {
  const where = formatEndpoint(endpoint);
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ZmtpError('EBIND', `Cannot listen on ${where}: ${why}`, { cause, endpoint: where });
}
