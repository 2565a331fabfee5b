import * as net from 'node:net';
import { describe, expect, it } from 'vitest';
import { Dealer, Router, Subscriber, ZmtpError } from '../src/index.js';
import { event, greeting3, hex, rawPeer, reader, ready, until, within } from './helpers.js';

const text = (frames: Uint8Array[]) => frames.map((frame) => Buffer.from(frame).toString());

describe('hostile and broken peers, over the wire', () => {
  it.each([
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'EGREETING'],
    ['CURVE', greeting3(1, 'CURVE'), 'EMECHANISM'],
    ['a PUB', Buffer.concat([greeting3(1), ready('PUB')]), 'ESOCKETTYPE'],
    ['an ERROR', Buffer.concat([greeting3(1), hex('04 0b 05 4552524f52 04 6e6f7065')]), 'EREFUSED'],
    ['2^63 bytes', Buffer.concat([greeting3(1), ready('ROUTER'), hex('02 8000000000000000')]), 'ETOOBIG'],
  ])('%s: one error, no further attempt, and everything waiting is told', async (_name, bytes, expected) => {
    await using peer = await rawPeer((socket) => socket.write(bytes));
    await using dealer = new Dealer({ retry: { first: 1, max: 1 } });
    const failed = event(dealer, 'error');
    const receiving = dealer.receive();
    receiving.catch(() => {});
    dealer.connect(peer.endpoint);
    const error = await failed;
    expect(error).toBeInstanceOf(ZmtpError);
    expect(error).toMatchObject({ code: expected, endpoint: peer.endpoint });
    await expect(receiving).rejects.toBe(error);
    await expect(dealer.ready()).rejects.toBe(error);
    await expect(dealer.send(['x'])).rejects.toBe(error);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(peer.connections()).toBe(1);
  });

  it.each([
    ['silence', Buffer.alloc(0)],
    ['half a greeting', greeting3(1).subarray(0, 30)],
    ['a greeting and no READY', greeting3(1)],
  ])('%s: tried again after the handshake timeout', async (_name, bytes) => {
    await using peer = await rawPeer((socket) => socket.write(bytes));
    await using dealer = new Dealer({ handshakeTimeout: 50 });
    const gone = event(dealer, 'disconnect');
    dealer.connect(peer.endpoint);
    expect(await gone).toMatchObject({ willRetry: true, error: { code: 'ETIMEDOUT' } });
    await until(() => peer.connections() >= 2, 'another attempt');
  });

  it('a peer that takes and drops connections is not hammered', async () => {
    await using peer = await rawPeer((socket) => socket.end());
    await using dealer = new Dealer();
    dealer.connect(peer.endpoint);
    await until(() => peer.connections() >= 3, 'some attempts');
    const before = peer.connections();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(peer.connections() - before).toBeLessThan(20);
  });

  it('a bad client costs a bound socket nothing', async () => {
    await using router = new Router();
    const address = await router.bind('tcp://127.0.0.1:0');
    const port = Number(address.split(':')[2]);
    const gone = event(router, 'disconnect');
    const bad = net.connect(port, '127.0.0.1');
    bad.on('error', () => {});
    bad.write('GET / HTTP/1.1\r\n\r\n');
    expect(await gone).toMatchObject({ willRetry: false, error: { code: 'EGREETING' } });
    await using dealer = new Dealer();
    dealer.connect(address);
    await dealer.send(['fine']);
    expect(text(await within(router.receive(), 'a message'))[1]).toBe('fine');
  });

  it('a peer that stops answering PINGs is dropped', async () => {
    await using peer = await rawPeer((socket) => socket.write(Buffer.concat([greeting3(1), ready('ROUTER')])));
    await using dealer = new Dealer({ heartbeat: { interval: 20, timeout: 100 } });
    const gone = event(dealer, 'disconnect');
    dealer.connect(peer.endpoint);
    expect(await gone).toMatchObject({ willRetry: true, error: { code: 'ETIMEDOUT' } });
  });
});

describe('peers of other versions, byte by byte', () => {
  it('2.0: ROUTER', async () => {
    const seen: Promise<string>[] = [];
    await using peer = await rawPeer((socket) => {
      const read = reader(socket);
      seen.push(
        (async () => {
          expect((await read(11)).toString('hex')).toBe('ff00000000000000017f03');
          socket.write(hex('ff 0000000000000001 7f 01 06 00 00'));
          expect((await read(1 + 4)).toString('hex')).toBe('0500026d65');
          expect((await read(4)).toString('hex')).toBe('00026869');
          socket.write(hex('01 00 00 02 796f'));
          return 'done';
        })(),
      );
    });
    await using dealer = new Dealer({ routingId: 'me' });
    dealer.connect(peer.endpoint);
    await dealer.send(['hi']);
    expect(text(await within(dealer.receive(), 'the answer'))).toEqual(['', 'yo']);
    expect(await seen[0]).toBe('done');
  });

  it('3.0: XPUB, which is told of topics by messages', async () => {
    const seen: Promise<void>[] = [];
    await using peer = await rawPeer((socket) => {
      const read = reader(socket);
      seen.push(
        (async () => {
          await read(11);
          socket.write(greeting3(0));
          await read(53);
          socket.write(ready('XPUB'));
          await read(2 + 25);
          expect((await read(4)).toString('hex')).toBe('00020174');
          socket.write(hex('01 02 7431 00 01 78'));
        })(),
      );
    });
    await using sub = new Subscriber();
    sub.subscribe('t');
    sub.connect(peer.endpoint);
    expect(text(await within(sub.receive(), 'the message'))).toEqual(['t1', 'x']);
    await seen[0];
  });
});
