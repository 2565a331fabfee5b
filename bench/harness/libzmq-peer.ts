import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BenchContext } from './bench.js';
import { Peer } from './peer.js';

/**
 * How to start the libzmq peer: in C where a compiler and pyzmq's libzmq are there, else pyzmq, whose publisher is slower
 * than a subscriber of ours.
 */
export async function libzmqPeer(context: BenchContext, sources: string): Promise<() => Peer> {
  const python = context.kernels.python('peer');
  const program = join(context.directory, 'zmq-peer');
  const library = await bundledLibzmq(dirname(dirname(python)));
  if (library !== null && (await compile(join(sources, 'zmq_peer.c'), library, program)))
    return () => new Peer([program]);
  context.say('no C compiler, or no libzmq beside pyzmq: the peer is pyzmq');
  return () => new Peer([python, join(sources, 'zmq_peer.py')]);
}

/** The shared library that pyzmq's wheel brings along. */
async function bundledLibzmq(prefix: string): Promise<string | null> {
  for (const version of await readdir(join(prefix, 'lib')).catch(() => [])) {
    const libraries = join(prefix, 'lib', version, 'site-packages', 'pyzmq.libs');
    const found = (await readdir(libraries).catch(() => [])).find((name) => name.startsWith('libzmq'));
    if (found !== undefined) return join(libraries, found);
  }
  return null;
}

async function compile(source: string, library: string, program: string): Promise<boolean> {
  const child = spawn('cc', ['-O2', '-o', program, source, library, `-Wl,-rpath,${dirname(library)}`], {
    stdio: 'ignore',
  });
  const failed = new Promise<false>((resolve) => child.once('error', () => resolve(false)));
  return Promise.race([failed, once(child, 'exit').then(([code]) => code === 0)]);
}
