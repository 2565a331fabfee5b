import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeCommand,
  decodeMetadata,
  encodeCommand,
  encodeMessage,
  encodeMetadata,
  encodePing,
  GreetingReader,
  type MechanismFactory,
  type SocketType,
} from '../src/index.js';
import { session } from './harness.js';
import { greeting3, hex, ready } from './helpers.js';

const head = 'ff00000000000000017f03';

describe('handshake with 3.1, byte by byte', () => {
  it.each([1, 7, 1000])('in pieces of %i', (step) => {
    const { it: s, seen, feed, sent } = session('DEALER', 'me');
    s.start();
    expect(sent()).toBe(head);
    feed(greeting3(1).subarray(0, 10), step);
    expect(sent()).toBe('');
    feed(greeting3(1).subarray(10, 11));
    expect(sent()).toBe(`01${Buffer.from('NULL').toString('hex')}${'00'.repeat(16)}00${'00'.repeat(31)}`);
    feed(greeting3(1).subarray(11), step);
    const type = `0b${Buffer.from('Socket-Type').toString('hex')}00000006${Buffer.from('DEALER').toString('hex')}`;
    const identity = `08${Buffer.from('Identity').toString('hex')}000000026d65`;
    expect(sent()).toBe(`042b05${Buffer.from('READY').toString('hex')}${type}${identity}`);
    feed(ready('ROUTER', 'you'), step);
    expect(seen.peers.length).toBe(1);
    expect(seen.peers[0]).toMatchObject({ version: { major: 3, minor: 1 }, mechanism: 'NULL', socketType: 'ROUTER' });
    expect(String(Buffer.from(seen.peers[0]!.identity))).toBe('you');
    feed(encodeMessage(['a', 'b']), step);
    expect(seen.messages.map((m) => m.map(String))).toEqual([['a', 'b']]);
  });

  it('everything in one piece', () => {
    const { it: s, seen, feed } = session('REQ');
    s.start();
    feed(Buffer.concat([greeting3(1), ready('REP'), encodeMessage(['', 'x'])]));
    expect(seen.messages.length).toBe(1);
  });

  it('SUB and the like have no Identity', () => {
    const { it: s, feed, sent } = session('SUB');
    s.start();
    feed(greeting3(1));
    expect(Buffer.from(sent(), 'hex').includes('Identity')).toBe(false);
  });

  it('takes any padding in the signature and any major above 3', () => {
    const { it: s, seen, feed } = session();
    s.start();
    const greeting = greeting3(0);
    greeting.fill(0xab, 1, 9);
    greeting[10] = 7;
    feed(greeting);
    feed(ready('ROUTER'));
    expect(seen.peers[0]!.version).toEqual({ major: 3, minor: 1 });
  });

  it('compares property names without case', () => {
    const { it: s, seen, feed } = session();
    s.start();
    feed(greeting3(1));
    feed(Buffer.from(ready('ROUTER').toString('latin1').replace('Socket-Type', 'SOCKET-type'), 'latin1'));
    expect(seen.peers[0]!.socketType).toBe('ROUTER');
  });
});

describe('older peers', () => {
  it('3.0: subscriptions are messages, and it is never asked to PONG', () => {
    const { it: s, feed, sent } = session('SUB');
    s.start();
    feed(greeting3(0));
    feed(ready('XPUB'));
    sent();
    s.subscribe(Buffer.from('ab'), true);
    expect(sent()).toBe('0003016162');
    s.subscribe(Buffer.from('ab'), false);
    expect(sent()).toBe('0003006162');
    expect(s.ping()).toBe(false);
    expect(sent()).toBe('');
  });

  it('3.1: subscriptions are commands', () => {
    const { it: s, feed, sent } = session('SUB');
    s.start();
    feed(greeting3(1));
    feed(ready('XPUB'));
    sent();
    s.subscribe(Buffer.from('ab'), true);
    expect(sent()).toBe(`040c09${Buffer.from('SUBSCRIBEab').toString('hex')}`);
    s.subscribe(Buffer.from('ab'), false);
    expect(sent()).toBe(`040906${Buffer.from('CANCELab').toString('hex')}`);
    expect(s.ping()).toBe(true);
    expect(sent()).toBe(`040704${Buffer.from('PING').toString('hex')}0000`);
  });

  it.each([1, 100])('2.0 in pieces of %i: socket type and identity instead of the rest', (step) => {
    const { it: s, seen, feed, sent } = session('DEALER', 'me');
    s.start();
    expect(sent()).toBe(head);
    // revision 1, ROUTER (6), identity "r"
    feed(hex('ff 0000000000000001 7f 01 06 00 01 72'), step);
    expect(sent()).toBe('0500026d65');
    expect(seen.peers[0]).toMatchObject({ version: { major: 2, minor: 0 }, socketType: 'ROUTER' });
    feed(encodeMessage(['hello']), step);
    expect(seen.messages.length).toBe(1);
    expect(() => feed(hex('04 05 04 50 49 4e 47'))).toThrow(expect.objectContaining({ code: 'EPROTOCOL' }));
  });
});

describe('traffic', () => {
  const open = (type: SocketType, peer: string) => {
    const made = session(type);
    made.it.start();
    made.feed(greeting3(1));
    made.feed(ready(peer));
    made.sent();
    return made;
  };

  it('answers PING with its context', () => {
    const { feed, sent } = open('DEALER', 'ROUTER');
    feed(hex('04 09 04 50494e47 000a 6162'));
    expect(sent()).toBe('040704504f4e476162');
  });

  it('answers a PING between the frames of a message', () => {
    const { seen, feed, sent } = open('DEALER', 'ROUTER');
    feed(hex('01 01 61'));
    feed(hex('04 07 04 50494e47 0000'));
    feed(hex('00 01 62'));
    expect(sent()).toBe('040504504f4e47');
    expect(seen.messages.map((m) => m.map(String))).toEqual([['a', 'b']]);
  });

  it('takes subscriptions and ignores PONG and commands of the future', () => {
    const { seen, feed, sent } = open('XPUB', 'SUB');
    for (const name of ['SUBSCRIBE', 'CANCEL', 'PONG', 'FUTURE']) {
      const body = encodeCommand(name, Buffer.from('t'));
      feed(Buffer.concat([Buffer.of(4, body.length), body]));
    }
    expect(seen.topics).toEqual(['+t', '-t']);
    expect(sent()).toBe('');
  });
});

describe('a mechanism of several steps fits in', () => {
  // Shaped as CURVE is: the client says HELLO, the server WELCOME, the client INITIATE, the server READY.
  const steps =
    (server: boolean): MechanismFactory =>
    ({ properties }) => ({
      name: 'STEPS',
      asServer: server,
      start: () => (server ? [] : [encodeCommand('HELLO')]),
      receive(body) {
        const { name, data } = decodeCommand(body);
        const own = encodeMetadata(properties);
        if (name === 'HELLO') return { send: [encodeCommand('WELCOME')], peer: null };
        if (name === 'WELCOME') return { send: [encodeCommand('INITIATE', own)], peer: null };
        if (name === 'INITIATE') return { send: [encodeCommand('READY', own)], peer: decodeMetadata(data) };
        return { send: [], peer: decodeMetadata(data) };
      },
    });

  it('and both sides come to know each other', () => {
    const client = session('DEALER', 'c', steps(false));
    const server = session('ROUTER', '', steps(true));
    client.it.start();
    server.it.start();
    for (let i = 0; i < 10; i++) {
      const a = hex(client.sent());
      const b = hex(server.sent());
      if (a.length) server.feed(a, 3);
      if (b.length) client.feed(b, 3);
    }
    expect(client.seen.peers.map((p) => [p.socketType, p.mechanism])).toEqual([['ROUTER', 'STEPS']]);
    expect(server.seen.peers.map((p) => String(Buffer.from(p.identity)))).toEqual(['c']);
  });
});

describe('the small codecs', () => {
  it('metadata survives', () => {
    const name = fc.stringMatching(/^[a-z0-9\-_.+]{1,30}$/);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 400 })), { selector: ([n]) => n }),
        (entries) => {
          const back = decodeMetadata(encodeMetadata(entries));
          expect([...back].map(([n, v]) => [n, [...v]])).toEqual(entries.map(([n, v]) => [n, [...v]]));
        },
      ),
    );
  });

  it('PING rounds its time to live up to tenths of a second, and caps it', () => {
    expect(Buffer.from(encodePing(0)).toString('hex')).toBe('0450494e470000');
    expect(Buffer.from(encodePing(101, Buffer.from('c'))).toString('hex')).toBe('0450494e47000263');
    expect(Buffer.from(encodePing(1e9)).toString('hex')).toBe('0450494e47ffff');
  });

  it('a greeting leaves alone what follows it', () => {
    const reader = new GreetingReader();
    expect(reader.push(Buffer.concat([greeting3(1), Buffer.from('more')]))).toBe(64);
    expect(reader.greeting).toEqual({ major: 3, minor: 1, mechanism: 'NULL', asServer: false });
    expect(reader.push(Buffer.from('more'))).toBe(0);
  });
});
