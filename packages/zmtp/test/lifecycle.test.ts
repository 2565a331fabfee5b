import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Dealer, Reply, Request, Router, Subscriber, XPublisher } from '../src/index.js';
import { bindAddress, event, freshPath, reserved, transports, until, within } from './helpers.js';

const text = (frames: Uint8Array[]) => frames.map((frame) => Buffer.from(frame).toString());
const code = (expected: string) => expect.objectContaining({ name: 'ZmtpError', code: expected });

describe.each(transports)('lifecycle over %s', (transport) => {
  it('connects before the peer has bound, and reconnects, keeping subscriptions', async () => {
    const first = new XPublisher();
    let address = bindAddress(transport);
    if (transport === 'tcp') {
      address = await first.bind(address);
      await first.close();
    }
    await using sub = new Subscriber();
    sub.subscribe('t');
    sub.connect(address);
    for (const round of ['one', 'two']) {
      await using pub = new XPublisher();
      const subscribed = new Promise<string>((resolve) => {
        pub.onSubscription = ({ topic }) => resolve(String(topic));
      });
      await pub.bind(address);
      expect(await within(subscribed, `the subscription, round ${round}`)).toBe('t');
      pub.send(['t', round]);
      expect(text(await within(sub.receive(), 'a message'))).toEqual(['t', round]);
      const gone = event(sub, 'disconnect');
      await pub.close();
      expect(await gone).toMatchObject({ endpoint: address, willRetry: true });
    }
  });

  it('close flushes 20 MB that were sent just before', async () => {
    await using router = new Router();
    const address = await router.bind(bindAddress(transport));
    const sizes: number[] = [];
    const all = new Promise<void>((resolve) => {
      router.onMessage = ([, frame]) => {
        if (sizes.push(frame!.length) === 200) resolve();
      };
    });
    const dealer = new Dealer();
    dealer.connect(address);
    for (let i = 0; i < 200; i++) void dealer.send([Buffer.alloc(100_000)]);
    await dealer.close({ linger: 30_000 });
    await within(all, 'all that was sent');
    expect(new Set(sizes)).toEqual(new Set([100_000]));
  });

  it('close waits for a peer that comes within linger', async () => {
    const address = transport === 'ipc' ? bindAddress('ipc') : await reserved();
    const dealer = new Dealer({ linger: 30_000 });
    dealer.connect(address);
    await dealer.send(['late']);
    const closed = dealer.close();
    await using router = new Router();
    await router.bind(address);
    expect(text(await within(router.receive(), 'the late message'))[1]).toBe('late');
    await within(closed, 'the close');
  });

  it('REQ: pending requests reject when the peer goes, later ones are answered by the next', async () => {
    let address = bindAddress(transport);
    const silent = new Reply();
    const asked = new Promise<void>((resolve) => {
      silent.onRequest = () => {
        resolve();
        return new Promise(() => {});
      };
    });
    address = await silent.bind(address);
    await using req = new Request();
    req.connect(address);
    const lost = req.request(['lost']);
    const queued = req.request(['queued']);
    await within(asked, 'the request');
    await Promise.all([expect(lost).rejects.toEqual(code('EDISCONNECTED')), silent.close({ linger: 0 })]);
    await using rep = new Reply();
    rep.onRequest = (frames) => ['answer to', ...frames];
    await rep.bind(address);
    expect(text(await within(queued, 'the queued request'))).toEqual(['answer to', 'queued']);
  });
});

describe('Unix sockets', () => {
  it('the file goes with the socket, and nobody else takes it before', async () => {
    const path = freshPath();
    const router = new Router();
    await router.bind(`ipc://${path}`);
    expect(statSync(path).isSocket()).toBe(true);
    await using second = new Router();
    await expect(second.bind(`ipc://${path}`)).rejects.toEqual(code('EBIND'));
    await router.close();
    expect(existsSync(path)).toBe(false);
  });

  it('no file but a dead socket is ever replaced', async () => {
    const path = freshPath();
    writeFileSync(path, 'somebody needs this');
    await using router = new Router();
    await expect(router.bind(`ipc://${path}`)).rejects.toEqual(code('EBIND'));
    expect(readFileSync(path, 'utf8')).toBe('somebody needs this');
  });

  it('a path below a file fails at once', async () => {
    const path = freshPath();
    writeFileSync(path, '');
    await using dealer = new Dealer();
    dealer.connect(`ipc://${path}/x`);
    await expect(within(dealer.ready(), 'the refusal')).rejects.toEqual(code('ECONNECT'));
  });
});

describe('the end', () => {
  it('a closed socket says so everywhere', async () => {
    const dealer = new Dealer();
    const receiving = dealer.receive();
    const becoming = dealer.ready();
    await Promise.all([
      expect(receiving).rejects.toEqual(code('ECLOSED')),
      expect(becoming).rejects.toEqual(code('ECLOSED')),
      dealer.close(),
      dealer.close(),
    ]);
    expect(dealer.closed).toBe(true);
    await expect(dealer.send(['x'])).rejects.toEqual(code('ECLOSED'));
    expect(() => dealer.connect('tcp://127.0.0.1:1')).toThrow(code('ECLOSED'));
    await expect(dealer.bind('tcp://127.0.0.1:0')).rejects.toEqual(code('ECLOSED'));
    for await (const _ of dealer) throw new Error('nothing can come');
  });

  it('receive and ready heed an abort', async () => {
    await using dealer = new Dealer();
    const abort = new AbortController();
    const receiving = dealer.receive(abort.signal);
    const becoming = dealer.ready(abort.signal);
    abort.abort(new Error('stop'));
    await expect(receiving).rejects.toThrow('stop');
    await expect(becoming).rejects.toThrow('stop');
  });

  it('disconnect ends one endpoint and leaves the others', async () => {
    await using a = new Router();
    await using b = new Router();
    await using dealer = new Dealer();
    const first = await a.bind('tcp://127.0.0.1:0');
    dealer.connect(first);
    dealer.connect(await b.bind('tcp://127.0.0.1:0'));
    await until(() => dealer.connected === 2, 'two peers');
    dealer.disconnect(first);
    await until(() => a.connected === 0 && dealer.connected === 1, 'one peer');
    await dealer.send(['x']);
    expect(text(await within(b.receive(), 'a message'))[1]).toBe('x');
  });
});
