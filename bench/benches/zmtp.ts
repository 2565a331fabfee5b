import { Dealer, Subscriber } from '@kernelkit/zmtp';
import * as native from 'zeromq';
// Not part of the package's door: measured by itself, without the Jupyter messages around it.
import { readIopubInWorker } from '../../packages/core/src/raw/iopub-in-worker.js';
import type { Bench, BenchContext } from '../harness/bench.js';
import { interleave } from '../harness/interleave.js';
import { libzmqPeer } from '../harness/libzmq-peer.js';
import type { Peer } from '../harness/peer.js';
import { peerSources } from '../harness/places.js';
import { atLeast, atMost, type Mark, type Row, ratio } from '../harness/rows.js';
import { median } from '../harness/stats.js';

const OURS = '@kernelkit/zmtp';
const WORKER = '@kernelkit/zmtp in the iopub worker';
const NATIVE = 'native zeromq';

function address(context: BenchContext, transport: 'tcp' | 'ipc'): string {
  return transport === 'tcp' ? 'tcp://127.0.0.1:*' : `ipc://${context.directory}/z${Math.trunc(Math.random() * 1e9)}`;
}

interface Load {
  count: number;
  frames: number;
  size: number;
}

/** Counts the messages of one flood; done when all have come. */
class Counter {
  readonly done: Promise<void>;
  readonly #load: Load;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};
  #count = 0;
  #began = 0;
  /** From the first message to the last. */
  seconds = Number.NaN;

  constructor(load: Load) {
    this.#load = load;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  take(frames: readonly Uint8Array[]): void {
    const { count, frames: expected, size } = this.#load;
    if (frames.length !== expected || frames[0]?.byteLength !== size)
      this.#reject(new Error('not the message that was sent'));
    if (this.#count++ === 0) this.#began = performance.now();
    if (this.#count < count) return;
    this.seconds = (performance.now() - this.#began) / 1000;
    this.#resolve();
  }
}

type Receive = (endpoint: string, counter: Counter) => Promise<void>;

async function receiveOurs(endpoint: string, counter: Counter): Promise<void> {
  await using socket = new Subscriber();
  socket.onMessage = (frames) => counter.take(frames);
  socket.subscribe('');
  socket.connect(endpoint);
  await counter.done;
}

async function receiveInWorker(endpoint: string, counter: Counter): Promise<void> {
  let lost = 0;
  const reader = readIopubInWorker(
    { endpoint, limit: 2 ** 30, maxMessageSize: 2 ** 30 },
    {
      message: (frames) => counter.take(frames),
      overflow: (messages) => {
        lost += messages;
      },
      connected() {},
      disconnected() {},
      failed: (error) => {
        throw error;
      },
    },
  );
  await counter.done;
  await reader.close(false);
  if (lost > 0) throw new Error(`${lost} messages were dropped`);
}

async function receiveNative(endpoint: string, counter: Counter): Promise<void> {
  const socket = new native.Subscriber({ receiveHighWaterMark: 0, linger: 0 });
  socket.subscribe();
  socket.connect(endpoint);
  const read = (async () => {
    for await (const frames of socket) counter.take(frames);
  })();
  await counter.done;
  socket.close();
  await read;
}

/** Messages a second, the publisher sending as fast as it can. */
async function throughput(peer: Peer, endpoint: string, load: Load, receive: Receive): Promise<number> {
  const counter = new Counter(load);
  const sent = peer.ask('flood', { ...load });
  await Promise.all([sent, receive(endpoint, counter)]);
  return (load.count - 1) / counter.seconds;
}

async function subscribers(context: BenchContext, makePeer: () => Peer): Promise<Row[]> {
  const rows: Row[] = [];
  const small: Load = { count: context.quick ? 20_000 : 200_000, frames: 6, size: 200 };
  for (const transport of ['tcp', 'ipc'] as const) {
    await using peer = makePeer();
    const endpoint = await peer.ask<string>('publish', { endpoint: address(context, transport) });
    const side = (name: string, receive: Receive) => ({
      name,
      measure: () => throughput(peer, endpoint, small, receive),
    });
    const sides = await interleave(context.quick ? 2 : 7, [
      side(OURS, receiveOurs),
      side(NATIVE, receiveNative),
      side(WORKER, receiveInWorker),
    ]);
    const details = (mark: Mark) => ({ measured: 'msg/s', mark, more: 'better' as const });
    const what = `SUB messages a second (6 × 200 B, ${transport})`;
    rows.push(
      ratio(`${what}, on the calling thread ÷ native zeromq`, sides, [OURS, NATIVE], details(atLeast(5))),
      ratio(`${what}, through the worker ÷ native zeromq`, sides, [WORKER, NATIVE], details(atLeast(3.5))),
    );
  }
  return rows;
}

async function largeFrames(context: BenchContext, makePeer: () => Peer): Promise<Row[]> {
  const rows: Row[] = [];
  const load: Load = { count: context.quick ? 10 : 100, frames: 1, size: 10_000_000 };
  for (const transport of ['tcp', 'ipc'] as const) {
    await using peer = makePeer();
    const endpoint = await peer.ask<string>('publish', { endpoint: address(context, transport) });
    const side = (name: string, receive: Receive) => ({
      name,
      measure: async () => ((await throughput(peer, endpoint, load, receive)) * load.size) / 1e6,
    });
    const sides = await interleave(context.quick ? 2 : 11, [side(OURS, receiveOurs), side(NATIVE, receiveNative)]);
    rows.push(
      ratio(`10 MB frames (${transport}) ÷ native zeromq`, sides, [OURS, NATIVE], {
        measured: 'MB/s',
        more: 'better',
        mark: atLeast(transport === 'tcp' ? 0.8 : 0.55),
      }),
    );
  }
  return rows;
}

async function roundTrips(context: BenchContext, makePeer: () => Peer): Promise<Row[]> {
  const rows: Row[] = [];
  const times = context.quick ? 500 : 5000;
  const warmUps = times / 5;
  const body = Buffer.alloc(100);
  for (const transport of ['tcp', 'ipc'] as const) {
    await using peer = makePeer();
    const endpoint = await peer.ask<string>('route', { endpoint: address(context, transport) });
    const measure = async (once: () => Promise<void>): Promise<number> => {
      const echoed = peer.ask('echo', { count: times + warmUps });
      const taken: number[] = [];
      for (let i = -warmUps; i < times; i++) {
        const began = performance.now();
        await once();
        if (i >= 0) taken.push(performance.now() - began);
      }
      await echoed;
      return median(taken) * 1000;
    };
    const sides = await interleave(context.quick ? 2 : 9, [
      {
        name: OURS,
        measure: async () => {
          await using socket = new Dealer();
          socket.connect(endpoint);
          // Awaited here: the socket closes when this block is left.
          return await measure(async () => {
            await socket.send([body]);
            await socket.receive();
          });
        },
      },
      {
        name: NATIVE,
        measure: async () => {
          const socket = new native.Dealer({ linger: 0 });
          socket.connect(endpoint);
          try {
            return await measure(async () => {
              await socket.send(body);
              await socket.receive();
            });
          } finally {
            socket.close();
          }
        },
      },
    ]);
    rows.push(
      ratio(`DEALER round trip (100 B, ${transport}), p50 ÷ native zeromq`, sides, [OURS, NATIVE], {
        measured: 'µs',
        mark: atMost(0.8),
      }),
    );
  }
  return rows;
}

/** Our ZeroMQ against the native addon, each talking to libzmq in another process. */
export const zmtp: Bench = {
  name: 'zmtp',
  async run(context) {
    const makePeer = await libzmqPeer(context, peerSources);
    const rows: Row[] = [];
    await using probe = makePeer();
    const version = await probe.ask<string>('version');
    for (const part of [subscribers, roundTrips, largeFrames]) rows.push(...(await part(context, makePeer)));
    return rows.map((row) => ({ ...row, note: `the peer: ${version}` }));
  },
};
