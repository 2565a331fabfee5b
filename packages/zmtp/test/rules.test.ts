import { describe, expect, it } from 'vitest';
import { formatEndpoint, parseEndpoint } from '../src/index.js';
import { isHopeless, retryDelay } from '../src/retry.js';
import { isSelf } from '../src/stream.js';
import { Topics } from '../src/topic.js';

describe('endpoints', () => {
  it.each([
    ['tcp://127.0.0.1:5555', { transport: 'tcp', host: '127.0.0.1', port: 5555 }],
    ['tcp://[::1]:80', { transport: 'tcp', host: '::1', port: 80 }],
    ['tcp://some-host.example:1', { transport: 'tcp', host: 'some-host.example', port: 1 }],
    ['ipc:///tmp/a b-1', { transport: 'ipc', path: '/tmp/a b-1' }],
    ['ipc://relative-5', { transport: 'ipc', path: 'relative-5' }],
  ])('%s', (text, parsed) => {
    expect(parseEndpoint(text, 'connect', 'linux')).toEqual(parsed);
    expect(formatEndpoint(parseEndpoint(text, 'connect', 'linux'))).toBe(text);
  });

  it.each([
    ['tcp://*:0', 'tcp://0.0.0.0:0'],
    ['tcp://*:*', 'tcp://0.0.0.0:0'],
    ['tcp://127.0.0.1:*', 'tcp://127.0.0.1:0'],
  ])('%s to bind', (text, same) => {
    expect(formatEndpoint(parseEndpoint(text, 'bind', 'linux'))).toBe(same);
  });

  it.each([
    ['127.0.0.1:5555', 'linux'],
    ['http://x:1', 'linux'],
    ['inproc://x', 'linux'],
    ['tcp://127.0.0.1', 'linux'],
    ['tcp://127.0.0.1:65536', 'linux'],
    ['tcp://127.0.0.1:0', 'linux'],
    ['tcp://*:5555', 'linux'],
    ['tcp://::1:5555', 'linux'],
    ['tcp://:5555', 'linux'],
    ['ipc://', 'linux'],
    ['ipc://@abstract', 'linux'],
    ['ipc:///tmp/x', 'win32'],
    [`ipc:///${'x'.repeat(107)}`, 'linux'],
    [`ipc:///${'x'.repeat(103)}`, 'darwin'],
    [`ipc:///${'é'.repeat(54)}`, 'linux'],
  ])('refuses to connect to %s on %s', (text, platform) => {
    expect(() => parseEndpoint(text, 'connect', platform)).toThrow(expect.objectContaining({ code: 'EENDPOINT' }));
  });

  it('takes the longest path that fits', () => {
    expect(parseEndpoint(`ipc:///${'x'.repeat(106)}`, 'bind', 'linux').transport).toBe('ipc');
    expect(parseEndpoint(`ipc:///${'x'.repeat(102)}`, 'bind', 'darwin').transport).toBe('ipc');
  });
});

describe('retry', () => {
  const options = { first: 2, max: 100 };
  it.each([
    [0, 0, 2],
    [200, 0, 2],
    [1000, 0, 10],
    [5000, 0, 50],
    [60_000, 0, 100],
    [0, 1, 10],
    [0, 2, 20],
    [0, 4, 80],
    [0, 50, 100],
  ])('after %i ms without a peer and %i refusals: %i ms', (waited, refusals, delay) => {
    expect(retryDelay(options, waited, refusals)).toBe(delay);
  });

  it('does not repeat what time does not mend', () => {
    expect(['EACCES', 'ENOTDIR', 'ECONNREFUSED', 'ENOENT', 'EAGAIN', undefined].map(isHopeless)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('knows a connection to itself', () => {
    const ends = { localAddress: '127.0.0.1', localPort: 5, remoteAddress: '127.0.0.1', remotePort: 5 };
    expect(isSelf(ends)).toBe(true);
    expect(isSelf({ ...ends, remotePort: 6 })).toBe(false);
    expect(isSelf({ ...ends, remoteAddress: '10.0.0.1' })).toBe(false);
    // Both ends of a Unix socket have no port at all.
    expect(
      isSelf({ localAddress: undefined, localPort: undefined, remoteAddress: undefined, remotePort: undefined }),
    ).toBe(false);
  });
});

describe('topics', () => {
  it('are prefixes, counted', () => {
    const topics = new Topics();
    const bytes = (text: string) => Buffer.from(text);
    expect(topics.matches(bytes('a'))).toBe(false);
    expect(topics.add(bytes('ab'))).toBe(true);
    expect(topics.add(bytes('ab'))).toBe(false);
    expect([topics.matches(bytes('abc')), topics.matches(bytes('a')), topics.matches(bytes('xab'))]).toEqual([
      true,
      false,
      false,
    ]);
    expect(topics.remove(bytes('ab'))).toBe(false);
    expect(topics.remove(bytes('ab'))).toBe(true);
    expect(topics.remove(bytes('ab'))).toBe(false);
    expect(topics.matches(bytes('abc'))).toBe(false);
    topics.add(bytes(''));
    expect(topics.matches(bytes(''))).toBe(true);
    topics.remove(bytes(''));
    expect(topics.matches(bytes('x'))).toBe(false);
  });

  it('are bytes, not text', () => {
    const topics = new Topics();
    topics.add(Buffer.of(0xff, 0xfe));
    expect(topics.matches(Buffer.of(0xff, 0xfe, 0))).toBe(true);
    expect(topics.matches(Buffer.of(0xff, 0xfd, 0))).toBe(false);
    expect(topics.list().map((t) => [...t])).toEqual([[0xff, 0xfe]]);
  });
});
