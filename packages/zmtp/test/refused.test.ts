import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage, ZmtpError } from '../src/index.js';
import { session } from './harness.js';
import { greeting3, hex, ready } from './helpers.js';

describe('peers that are refused', () => {
  const frame = (flags: number, body: string) =>
    Buffer.concat([Buffer.of(flags, body.length), Buffer.from(body, 'latin1')]);
  const table: [string, Buffer, string, RegExp][] = [
    ['an HTTP server', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), 'EGREETING', /HTTP\/1\.1/],
    ['a bad signature', hex('ff 0000000000000001 7e 03'), 'EGREETING', /not a ZeroMQ peer/],
    ['ZMTP 1.0', hex('ff 0000000000000001 7f 00'), 'EGREETING', /1\.0/],
    ['an unknown 2.0 socket type', hex('ff 0000000000000001 7f 01 0b'), 'EGREETING', /socket type/],
    ['a 2.0 PUB', hex('ff 0000000000000001 7f 01 01'), 'ESOCKETTYPE', /PUB/],
    ['PLAIN', greeting3(1, 'PLAIN'), 'EMECHANISM', /PLAIN/],
    ['CURVE', greeting3(1, 'CURVE'), 'EMECHANISM', /CURVE/],
    ['a message before READY', Buffer.concat([greeting3(1), frame(0, 'x')]), 'EPROTOCOL', /before its READY/],
    ['a large frame before READY', Buffer.concat([greeting3(1), hex('02 0000000000080000')]), 'ETOOBIG', /frame/],
    ['PING before READY', Buffer.concat([greeting3(1), frame(4, '\x04PING\0\0')]), 'EPROTOCOL', /PING/],
    ['ERROR', Buffer.concat([greeting3(1), frame(4, '\x05ERROR\x04nope')]), 'EREFUSED', /nope/],
    ['ERROR without a reason', Buffer.concat([greeting3(1), frame(4, '\x05ERROR')]), 'EREFUSED', /no reason/],
    ['an empty command', Buffer.concat([greeting3(1), frame(4, '')]), 'EPROTOCOL', /name/],
    ['a command name too long', Buffer.concat([greeting3(1), frame(4, '\x09READY')]), 'EPROTOCOL', /name/],
    ['a property without a value', Buffer.concat([greeting3(1), frame(4, '\x05READY\x01a')]), 'EPROTOCOL', /metadata/],
    ['a value too long', Buffer.concat([greeting3(1), frame(4, '\x05READY\x01a\0\0\0\x09x')]), 'EPROTOCOL', /metadata/],
    [
      'a huge value length',
      Buffer.concat([greeting3(1), frame(4, '\x05READY\x01a\xff\xff\xff\xff')]),
      'EPROTOCOL',
      /metadata/,
    ],
    [
      'a name of no letters',
      Buffer.concat([greeting3(1), frame(4, '\x05READY\x01\x07\0\0\0\0')]),
      'EPROTOCOL',
      /invalid name/,
    ],
    ['no Socket-Type', Buffer.concat([greeting3(1), frame(4, '\x05READY')]), 'EPROTOCOL', /Socket-Type/],
    ['the wrong Socket-Type', Buffer.concat([greeting3(1), ready('PUB')]), 'ESOCKETTYPE', /PUB/],
    ['an unheard-of Socket-Type', Buffer.concat([greeting3(1), ready('TOASTER')]), 'ESOCKETTYPE', /TOASTER/],
    [
      'an Identity too long',
      Buffer.concat([
        greeting3(1),
        hex('06 0000000000000129'),
        Buffer.from('\x05READY\x0bSocket-Type\0\0\0\x06ROUTER\x08Identity\0\0\x01\0', 'latin1'),
        Buffer.alloc(256),
      ]),
      'EPROTOCOL',
      /longer than 255/,
    ],
    ['a PING too short', Buffer.concat([greeting3(1), ready('ROUTER'), frame(4, '\x04PING\0')]), 'EPROTOCOL', /PING/],
    [
      'ERROR in traffic',
      Buffer.concat([greeting3(1), ready('ROUTER'), frame(4, '\x05ERROR\x03bad')]),
      'EREFUSED',
      /bad/,
    ],
    [
      'reserved bits in traffic',
      Buffer.concat([greeting3(1), ready('ROUTER'), frame(0x40, 'x')]),
      'EPROTOCOL',
      /reserved/,
    ],
  ];

  it.each(table)('%s', (_name, bytes, code, says) => {
    for (const step of [bytes.length, 1]) {
      const { it: s, feed } = session();
      s.start();
      expect(() => feed(bytes, step)).toThrow(expect.objectContaining({ name: 'ZmtpError', code }));
      const again = session();
      again.it.start();
      expect(() => again.feed(bytes, bytes.length)).toThrow(says);
    }
  });

  it('random bytes at every stage raise nothing but ZmtpError', () => {
    const stages = [
      Buffer.alloc(0),
      hex('ff 0000000000000001 7f'),
      greeting3(1),
      hex('ff 0000000000000001 7f 01 06'),
      Buffer.concat([greeting3(1), ready('ROUTER')]),
      Buffer.concat([greeting3(1), hex('04')]),
    ];
    let refused = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...stages),
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 64 }),
        (stage, noise, step) => {
          const { it: s, feed } = session();
          s.start();
          feed(stage);
          try {
            feed(noise, step);
          } catch (error) {
            expect(error).toBeInstanceOf(ZmtpError);
            refused++;
          }
        },
      ),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  it('a valid stream with one byte changed raises nothing but ZmtpError', () => {
    const valid = Buffer.concat([greeting3(1), ready('ROUTER', 'x'), encodeMessage(['a', Buffer.alloc(300)])]);
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const { it: s, feed } = session();
        s.start();
        const bytes = Buffer.from(valid);
        bytes[at] = value;
        try {
          feed(bytes, 13);
        } catch (error) {
          expect(error).toBeInstanceOf(ZmtpError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
