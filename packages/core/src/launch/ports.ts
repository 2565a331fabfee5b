import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { KernelkitError } from '../errors/index.js';

export class NoFreePortError extends KernelkitError {
  constructor(ip: string, tried: number) {
    super('no-free-port', `no five free ports were found on ${ip} after ${tried} tries`, {
      fix: 'another program may hold them: look at the listening sockets, or use a kernel that takes Unix sockets',
    });
  }
}

/** Ports of kernels that this process started and that may still be coming up: a kernel binds long after we looked. */
const reserved = new Set<number>();

/** Outgoing connections take their ports from here: a port in it can be gone before the kernel binds it. */
function ephemeralRange(): [number, number] {
  try {
    const [low, high] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number);
    if (low !== undefined && high !== undefined && low > 0 && high >= low) return [low, high];
  } catch {
    // Not Linux: IANA's range, which macOS and Windows use.
  }
  return [49152, 65535];
}

const LOWEST = 10_000;
const HIGHEST = 65_535;

function candidate([low, high]: [number, number]): number {
  const below = Math.max(0, low - LOWEST);
  const above = Math.max(0, HIGHEST - high);
  if (below + above < 1000) return 0; // The system's choice is all there is.
  const pick = Math.floor(Math.random() * (below + above));
  return pick < below ? LOWEST + pick : high + 1 + (pick - below);
}

function listen(port: number, host: string): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

export interface ReservedPorts {
  ports: number[];
  /** Lets them be chosen again: call it when the kernel has ended. */
  release(): void;
}

const TRIES = 200;

/**
 * Five TCP ports that were free a moment ago: outside the range that outgoing connections use, taken at random, held
 * together while they are looked for, and never given twice by this process. Another process may still take one in
 * between (jupyter_client#487); the launcher then tries again with others.
 * @throws NoFreePortError
 */
export async function reservePorts(ip: string, count = 5): Promise<ReservedPorts> {
  const range = ephemeralRange();
  const held: { server: Server; port: number }[] = [];
  try {
    for (let tries = 0; held.length < count; tries++) {
      if (tries >= TRIES) throw new NoFreePortError(ip, tries);
      const wanted = candidate(range);
      if (reserved.has(wanted)) continue;
      const server = await listen(wanted, ip);
      if (server === null) continue;
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      if (reserved.has(port)) {
        server.close();
        continue;
      }
      reserved.add(port);
      held.push({ server, port });
    }
  } catch (error) {
    for (const { port } of held) reserved.delete(port);
    throw error;
  } finally {
    await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  }
  const ports = held.map(({ port }) => port);
  return {
    ports,
    release() {
      for (const port of ports) reserved.delete(port);
    },
  };
}
