import * as net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as zmq from 'zeromq';
import { Dealer, Publisher, Reply, Request, Router, Subscriber, XPublisher } from '../src/index.js';
import { bindAddress, event, type Transport, transports, until, within } from './helpers.js';

// libzmq is the peer that did not grow up with us: every socket type of ours against it, each side binding once.

const sizes = [
  0,
  1,
  2,
  254,
  255,
  256,
  257,
  8191,
  8192,
  16_383,
  16_384,
  16_385,
  65_535,
  65_536,
  65_537,
  1 << 20,
  5_000_000,
];

// Left open, a native socket can abort the process or keep it from ending.
function native<T extends zmq.Socket>(socket: T): T {
  onTestFinished(() => socket.close());
  return socket;
}
const nativeAddress = (transport: Transport) => bindAddress(transport).replace(/:0$/, ':*');
const filled = (size: number) => Buffer.alloc(size, `${size}.`);

/** A proxy that passes on what comes in pieces of one byte, both ways. */
async function dripping(endpoint: string) {
  const { hostname, port } = new URL(endpoint.replace('tcp:', 'http:'));
  const sockets: net.Socket[] = [];
  const pipe = (from: net.Socket, to: net.Socket) => {
    from.setNoDelay(true);
    sockets.push(from);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.on('data', async (chunk) => {
      from.pause();
      for (const byte of chunk) {
        if (to.destroyed) return;
        // Waiting for the write keeps the system from joining the bytes again.
        await new Promise((resolve) => to.write(Buffer.of(byte), resolve));
      }
      from.resume();
    });
  };
  const server = net.createServer((near) => {
    const far = net.connect(Number(port), hostname);
    pipe(near, far);
    pipe(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `tcp://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

describe.each(transports)('over %s', (transport) => {
  it('DEALER to a libzmq ROUTER: identity, all sizes, both ways', async () => {
    const router = native(new zmq.Router({ linger: 0 }));
    await router.bind(nativeAddress(transport));
    await using dealer = new Dealer({ routingId: 'shared-id' });
    dealer.connect(router.lastEndpoint!);
    for (const size of sizes) {
      const body = filled(size);
      await dealer.send(['head', body, 'tail']);
      const [id, ...frames] = await within(router.receive(), `${size} bytes at the ROUTER`);
      expect(String(id)).toBe('shared-id');
      expect(frames.map((f) => f.length)).toEqual([4, size, 4]);
      expect(frames[1]!.equals(body)).toBe(true);
      await router.send([id!, ...frames]);
      const back = await within(dealer.receive(), `${size} bytes back`);
      expect(back.map((f) => f.length)).toEqual([4, size, 4]);
      expect(body.equals(back[1]!)).toBe(true);
    }
  });

  it('a libzmq DEALER to our ROUTER', async () => {
    await using router = new Router();
    const endpoint = await router.bind(bindAddress(transport));
    const dealer = native(new zmq.Dealer({ linger: 0, routingId: 'dd' }));
    dealer.connect(endpoint);
    for (const size of sizes) {
      const body = filled(size);
      await dealer.send(['x', body]);
      const message = await within(router.receive(), `${size} bytes at our ROUTER`);
      expect(String(message[0])).toBe('dd');
      expect(body.equals(message[2]!)).toBe(true);
      await router.send(message);
      const back = await within(dealer.receive(), `${size} bytes at the DEALER`);
      expect(back[1]!.equals(body)).toBe(true);
    }
  });

  it('SUB to a libzmq XPUB: topics both ways, then all sizes in one burst', async () => {
    const pub = native(new zmq.XPublisher({ linger: 0, sendHighWaterMark: 0 }));
    await pub.bind(nativeAddress(transport));
    await using sub = new Subscriber();
    sub.subscribe('a');
    sub.connect(pub.lastEndpoint!);
    expect(String(await within(pub.receive(), 'the subscription'))).toBe('\u0001a');
    sub.subscribe('b');
    expect(String(await within(pub.receive(), 'a later subscription'))).toBe('\u0001b');
    for (const text of ['c0', 'b1', 'x', 'a2']) await pub.send([text]);
    expect([String(await sub.receive()), String(await sub.receive())]).toEqual(['b1', 'a2']);
    sub.unsubscribe('a');
    expect(String(await within(pub.receive(), 'the cancellation'))).toBe('\u0000a');
    for (const text of ['a3', 'b4']) await pub.send([text]);
    expect(String(await sub.receive())).toBe('b4');
    for (const size of sizes) await pub.send(['b', filled(size)]);
    for (const size of sizes) {
      const [, body] = await within(sub.receive(), `${size} bytes at the SUB`);
      expect(filled(size).equals(body!)).toBe(true);
    }
  });

  it.each(['PUB', 'XPUB'] as const)('a libzmq SUB to our %s', async (type) => {
    await using pub = type === 'PUB' ? new Publisher() : new XPublisher({ welcome: ['b', 'welcome'] });
    const endpoint = await pub.bind(bindAddress(transport));
    const events: string[] = [];
    if (pub instanceof XPublisher) {
      pub.onSubscription = ({ topic, subscribe, reply }) => {
        events.push(`${subscribe ? '+' : '-'}${Buffer.from(topic)}`);
        if (subscribe) reply(['b', 'only you']);
      };
    }
    const sub = native(new zmq.Subscriber({ linger: 0 }));
    sub.subscribe('b');
    sub.connect(endpoint);
    let sending = true;
    // PUB does not tell of subscriptions: repeat until one message arrives.
    const knock = (async () => {
      while (sending) {
        pub.send(['b', 'knock']);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const seen = new Set<string>();
    while (!seen.has('knock')) seen.add(String((await within(sub.receive(), 'a message'))[1]));
    sending = false;
    await knock;
    if (type === 'XPUB') {
      expect([...seen].slice(0, 2)).toEqual(['welcome', 'only you']);
      expect(events).toEqual(['+b']);
    }
    pub.send(['a', 'not wanted']);
    for (const size of sizes) pub.send(['b', filled(size)]);
    for (const size of sizes) {
      let body: Buffer | undefined;
      do [, body] = await within(sub.receive(), `${size} bytes`);
      while (String(body) === 'knock');
      expect(filled(size).equals(body!)).toBe(true);
    }
    sub.unsubscribe('b');
    if (type === 'XPUB') await until(() => events.includes('-b'), 'the cancellation');
  });

  it('REQ to a libzmq REP, overlapping calls', async () => {
    const rep = native(new zmq.Reply({ linger: 0 }));
    await rep.bind(nativeAddress(transport));
    const echo = (async () => {
      for (let i = 0; i < sizes.length; i++) await rep.send(await rep.receive());
    })();
    await using req = new Request();
    req.connect(rep.lastEndpoint!);
    const replies = await within(Promise.all(sizes.map((size) => req.request(['n', filled(size)]))), 'all replies');
    for (const [i, size] of sizes.entries()) expect(filled(size).equals(replies[i]![1]!)).toBe(true);
    await echo;
  });

  it('a libzmq REQ, and a DEALER with an envelope, to our REP', async () => {
    await using rep = new Reply();
    rep.onRequest = async (frames) => [...frames, 'ok'];
    const endpoint = await rep.bind(bindAddress(transport));
    const req = native(new zmq.Request({ linger: 0 }));
    req.connect(endpoint);
    for (const size of sizes) {
      await req.send([filled(size)]);
      const [body, ok] = await within(req.receive(), 'the reply');
      expect(body!.equals(filled(size))).toBe(true);
      expect(String(ok)).toBe('ok');
    }
    const dealer = native(new zmq.Dealer({ linger: 0 }));
    dealer.connect(endpoint);
    await dealer.send(['hop', '', 'q']);
    expect((await within(dealer.receive(), 'the reply')).map(String)).toEqual(['hop', '', 'q', 'ok']);
  });

  it('our side may connect and libzmq may bind last, and it may come back', async () => {
    const address = transport === 'ipc' ? bindAddress('ipc') : await freePort();
    await using dealer = new Dealer({ routingId: 'early' });
    dealer.connect(address);
    await dealer.send(['first']);
    const one = new zmq.Router({ linger: 0 });
    await one.bind(address);
    expect((await within(one.receive(), 'the message sent before the bind')).map(String)).toEqual(['early', 'first']);
    const gone = event(dealer, 'disconnect');
    await one.unbind(address);
    one.close();
    expect((await gone).willRetry).toBe(true);
    const two = native(new zmq.Router({ linger: 0 }));
    await within(bindAgain(two, address), 'the second bind');
    await within(dealer.ready(), 'the second handshake');
    await dealer.send(['again']);
    expect((await within(two.receive(), 'a message after the return')).map(String)).toEqual(['early', 'again']);
  });

  it('20,000 messages each way arrive complete and in order', async () => {
    const router = native(new zmq.Router({ linger: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0 }));
    await router.bind(nativeAddress(transport));
    await using dealer = new Dealer();
    dealer.connect(router.lastEndpoint!);
    const count = 20_000;
    let next = 0;
    const finished = new Promise<void>((resolve, reject) => {
      dealer.onMessage = ([number, body]) => {
        if (Number(String(number)) !== next || body!.length !== (next * 7) % 600) reject(new Error(`wrong at ${next}`));
        if (++next === count) resolve();
      };
    });
    const echo = (async () => {
      for (let i = 0; i < count; i++) await router.send(await router.receive());
    })();
    for (let i = 0; i < count; i++) await dealer.send([String(i), Buffer.alloc((i * 7) % 600)]);
    await within(finished, 'all echoes');
    await echo;
  });

  it('PINGs of libzmq are answered, and ours by it: nobody hangs up', async () => {
    const router = native(new zmq.Router({ linger: 0, heartbeatInterval: 20, heartbeatTimeout: 5000 }));
    await router.bind(nativeAddress(transport));
    await using dealer = new Dealer({ heartbeat: { interval: 20, timeout: 5000 } });
    let drops = 0;
    dealer.on('disconnect', () => drops++);
    dealer.connect(router.lastEndpoint!);
    await within(dealer.ready(), 'the handshake');
    for (let i = 0; i < 10; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await dealer.send(['still here']);
      await within(router.receive(), 'a message between PINGs');
    }
    expect(drops).toBe(0);
  });

  it('our own busy loop is not taken for a dead peer', async () => {
    // libzmq answers PINGs on its own thread, so that the answer lies ready when we come back.
    const router = native(new zmq.Router({ linger: 0 }));
    await router.bind(nativeAddress(transport));
    await using dealer = new Dealer({ heartbeat: { interval: 10, timeout: 200 } });
    let drops = 0;
    dealer.on('disconnect', () => drops++);
    dealer.connect(router.lastEndpoint!);
    await within(dealer.ready(), 'the handshake');
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      for (const end = performance.now() + 400; performance.now() < end; );
    }
    await dealer.send(['still here']);
    await within(router.receive(), 'a message');
    expect(drops).toBe(0);
  });
});

describe('one byte at a time, both ways, greeting included', () => {
  it('DEALER and ROUTER', async () => {
    const router = native(new zmq.Router({ linger: 0 }));
    await router.bind('tcp://127.0.0.1:*');
    await using proxy = await dripping(router.lastEndpoint!);
    await using dealer = new Dealer({ routingId: 'drip' });
    dealer.connect(proxy.endpoint);
    for (const size of [0, 1, 255, 256, 3000]) {
      await dealer.send([filled(size), 'z']);
      const message = await within(router.receive(), 'a dripped message');
      expect(message[1]!.equals(filled(size))).toBe(true);
      await router.send(message);
      const back = await within(dealer.receive(), 'a dripped answer');
      expect(filled(size).equals(back[0]!)).toBe(true);
    }
  });

  it('a libzmq SUB and our XPUB', async () => {
    await using pub = new XPublisher();
    const endpoint = await pub.bind('tcp://127.0.0.1:0');
    await using proxy = await dripping(endpoint);
    const subscribed = new Promise<void>((resolve) => {
      pub.onSubscription = () => resolve();
    });
    const sub = native(new zmq.Subscriber({ linger: 0 }));
    sub.subscribe('t');
    sub.connect(proxy.endpoint);
    await within(subscribed, 'a dripped subscription');
    pub.send(['topic', filled(400)]);
    expect((await within(sub.receive(), 'a dripped message'))[1]!.equals(filled(400))).toBe(true);
  });
});

async function freePort(): Promise<string> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `tcp://127.0.0.1:${port}`;
}

// libzmq lets go of an address in its own time.
async function bindAgain(socket: zmq.Router, address: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await socket.bind(address);
      return;
    } catch (error) {
      if (tries === 500) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
