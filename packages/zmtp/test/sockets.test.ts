import * as net from 'node:net';
import { describe, expect, it } from 'vitest';
import { Dealer, encodeMessage, Publisher, Reply, Request, Router, Subscriber, XPublisher } from '../src/index.js';
import { event, greeting3, rawPeer, reader, ready, reserved, until, within } from './helpers.js';

const text = (frames: Uint8Array[]) => frames.map((frame) => Buffer.from(frame).toString());
const code = (expected: string) => expect.objectContaining({ name: 'ZmtpError', code: expected });

describe('DEALER', () => {
  it('takes turns between peers', async () => {
    await using a = new Router();
    await using b = new Router();
    await using dealer = new Dealer();
    dealer.connect(await a.bind('tcp://127.0.0.1:0'));
    dealer.connect(await b.bind('tcp://127.0.0.1:0'));
    await until(() => dealer.connected === 2, 'two peers');
    for (let i = 0; i < 4; i++) await dealer.send([String(i)]);
    const got = [await a.receive(), await a.receive(), await b.receive(), await b.receive()];
    expect(got.map((m) => text(m)[1]).sort()).toEqual(['0', '1', '2', '3']);
  });

  it('send rejects with EOVERFLOW when nobody is there, and keeps what it took', async () => {
    const address = await reserved();
    await using dealer = new Dealer({ sendBufferLimit: 10_000 });
    dealer.connect(address);
    for (let i = 0; i < 9; i++) await dealer.send([Buffer.alloc(1000, i)]);
    await expect(dealer.send([Buffer.alloc(1000)])).rejects.toEqual(code('EOVERFLOW'));
    await using router = new Router();
    await router.bind(address);
    for (let i = 0; i < 9; i++) expect((await within(router.receive(), 'a queued message'))[1]![0]).toBe(i);
  });

  it('send waits for a slow peer, and rejects when nobody waits for send', async () => {
    const release: net.Socket[] = [];
    await using peer = await rawPeer((socket) => {
      socket.write(Buffer.concat([greeting3(1), ready('ROUTER')]));
      socket.pause();
      release.push(socket);
    });
    await using dealer = new Dealer({ sendBufferLimit: 8 << 20, linger: 0 });
    dealer.connect(peer.endpoint);
    await within(dealer.ready(), 'the handshake');
    let waiting: Promise<void> | null = null;
    for (let i = 0; i < 100 && !waiting; i++) {
      const sent = dealer.send([Buffer.alloc(200_000)]);
      const state = await Promise.race([
        sent.then(() => 'sent'),
        new Promise((resolve) => setTimeout(resolve, 200, 'waits')),
      ]);
      if (state === 'waits') waiting = sent;
    }
    expect(waiting).not.toBeNull();
    const flood = Promise.allSettled(Array.from({ length: 100 }, () => dealer.send([Buffer.alloc(200_000)])));
    release[0]!.resume();
    await within(waiting!, 'the slow send');
    const results = await within(flood, 'the flood');
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const result of refused) expect(result.reason).toEqual(code('EOVERFLOW'));
  });

  it('without a reader it stops reading at the limit, and loses nothing', async () => {
    await using router = new Router();
    const address = await router.bind('tcp://127.0.0.1:0');
    await using dealer = new Dealer({ receiveBufferLimit: 1 << 20, routingId: 'd' });
    dealer.connect(address);
    await until(() => router.connected === 1, 'the peer');
    const count = 400;
    const sending = (async () => {
      for (let i = 0; i < count; i++) await router.send(['d', String(i), Buffer.alloc(100_000)]);
    })();
    // 40 MB do not fit into the limit and the system's buffers: the sender has to wait.
    let sent = false;
    void sending.then(() => {
      sent = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sent).toBe(false);
    let next = 0;
    for await (const [number] of dealer) {
      expect(String(number)).toBe(String(next));
      if (++next === count) break;
    }
    await within(sending, 'the sender');
  });

  it('a listener set late gets what was queued, in order', async () => {
    await using router = new Router();
    await using dealer = new Dealer({ routingId: 'd' });
    dealer.connect(await router.bind('tcp://127.0.0.1:0'));
    await until(() => router.connected === 1, 'the peer');
    for (let i = 0; i < 100; i++) await router.send(['d', String(i)]);
    expect(text(await within(dealer.receive(), 'a message'))).toEqual(['0']);
    const got: string[] = [];
    const all = new Promise<void>((resolve) => {
      dealer.onMessage = ([frame]) => {
        if (got.push(String(frame)) === 199) resolve();
      };
    });
    for (let i = 100; i < 200; i++) await router.send(['d', String(i)]);
    await within(all, 'all of them');
    expect(got).toEqual(Array.from({ length: 199 }, (_, i) => String(i + 1)));
  });
});

describe('ROUTER', () => {
  it('refuses an unknown id, makes ids up, and keeps the first of two peers with one id', async () => {
    await using router = new Router();
    const address = await router.bind('tcp://127.0.0.1:0');
    await expect(router.send(['nobody', 'x'])).rejects.toEqual(code('EHOSTUNREACH'));
    await using anonymous = new Dealer();
    anonymous.connect(address);
    await anonymous.send(['hi']);
    const [id] = await within(router.receive(), 'a message');
    expect([id!.length, id![0]]).toEqual([5, 0]);
    await using one = new Dealer({ routingId: 'same' });
    one.connect(address);
    await one.send(['one']);
    expect(text(await within(router.receive(), 'a message'))).toEqual(['same', 'one']);
    await using two = new Dealer({ routingId: 'same' });
    const refused = event(two, 'disconnect');
    two.connect(address);
    await refused;
    await router.send(['same', 'for one']);
    expect(text(await within(one.receive(), 'the answer'))).toEqual(['for one']);
  });

  it.each(['', '\0x', 'x'.repeat(256)])('a routing id of %j cannot be used', (routingId) => {
    expect(() => new Dealer({ routingId })).toThrow(RangeError);
  });
});

describe('overflow', () => {
  it('a SUB that nobody reads drops beyond its limit, and says how much', async () => {
    await using pub = new XPublisher();
    const subscribed = new Promise<void>((resolve) => {
      pub.onSubscription = () => resolve();
    });
    const address = await pub.bind('tcp://127.0.0.1:0');
    await using sub = new Subscriber({ receiveBufferLimit: 100_000 });
    let lost = 0;
    let bytes = 0;
    sub.on('overflow', (notice) => {
      lost += notice.messages;
      bytes += notice.bytes;
    });
    sub.subscribe();
    sub.connect(address);
    await within(subscribed, 'the subscription');
    for (let i = 0; i < 1000; i++) pub.send([String(i), Buffer.alloc(1000)]);
    await until(() => lost > 850, 'the notice');
    const kept: string[] = [];
    while (kept.length + lost < 1000) kept.push(String((await within(sub.receive(), 'a kept message'))[0]));
    expect(kept).toEqual(kept.map((_, i) => String(i)));
    expect(bytes).toBeGreaterThan(lost * 1000);
    pub.send(['after']);
    expect(text(await within(sub.receive(), 'what came after'))).toEqual(['after']);
  });

  it('a PUB drops for the peer that does not keep up, whole messages only, and not for the others', async () => {
    await using pub = new Publisher({ sendBufferLimit: 1 << 20, linger: 0 });
    const address = await pub.bind('tcp://127.0.0.1:0');
    let dropped = 0;
    pub.on('overflow', ({ messages }) => {
      dropped += messages;
    });
    const stalled = net.connect(Number(address.split(':')[2]), '127.0.0.1');
    stalled.on('error', () => {});
    const read = reader(stalled);
    stalled.write(Buffer.concat([greeting3(0), ready('SUB'), encodeMessage([Buffer.of(1)])]));
    await read(64);
    await using sub = new Subscriber();
    let received = 0;
    sub.onMessage = () => received++;
    sub.subscribe();
    sub.connect(address);
    let knocks = 0;
    while (received === 0) {
      pub.send(['knock']);
      knocks++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    stalled.pause();
    let sent = 0;
    while (dropped === 0 && sent < 3000) {
      pub.send([String(sent++), Buffer.alloc(100_000)]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(dropped).toBeGreaterThan(0);
    await until(() => received >= sent, 'the subscriber that reads');
    expect(received).toBeLessThanOrEqual(sent + knocks);
    stalled.destroy();
  });
});

describe('REQ', () => {
  it('an aborted request does not mix up the replies after it', async () => {
    await using rep = new Reply();
    let go: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    rep.onRequest = async (frames) => {
      await gate;
      return frames;
    };
    await using req = new Request();
    req.connect(await rep.bind('tcp://127.0.0.1:0'));
    await within(req.ready(), 'the handshake');
    const abort = new AbortController();
    const first = req.request(['1'], { signal: abort.signal });
    const second = req.request(['2']);
    abort.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    go();
    expect(text(await within(second, 'the second'))).toEqual(['2']);
    await expect(req.request(['3'], { signal: AbortSignal.abort(new Error('never')) })).rejects.toThrow('never');
    expect(text(await within(req.request(['4']), 'the fourth'))).toEqual(['4']);
  });

  it('close rejects what waits', async () => {
    const req = new Request({ linger: 0 });
    req.connect(await reserved());
    const waiting = req.request(['x']);
    await Promise.all([expect(waiting).rejects.toEqual(code('ECLOSED')), req.close()]);
    await expect(req.request(['y'])).rejects.toEqual(code('ECLOSED'));
  });
});
