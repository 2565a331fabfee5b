import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder, type DecoderLimits, encodeMessage, type Frame, LARGE, Outbox, ZmtpError } from '../src/index.js';
import { hex } from './helpers.js';

const limits: DecoderLimits = { maxFrameSize: 2 ** 24, maxMessageSize: 2 ** 24, copy: 'never' };

function collect(options: Partial<DecoderLimits> = {}) {
  const messages: Frame[][] = [];
  const commands: Uint8Array[] = [];
  const decoder = new Decoder(
    { ...limits, ...options },
    { message: (frames) => messages.push(frames), command: (body) => commands.push(body) },
  );
  return { decoder, messages, commands };
}

const plain = (messages: Frame[][]) => messages.map((frames) => frames.map((frame) => Buffer.from(frame)));

describe('frames, byte by byte (RFC 37 "Framing")', () => {
  const body = (size: number) => Buffer.alloc(size, 0x61);
  const table: [string, Buffer[], Buffer][] = [
    ['one empty frame', [body(0)], hex('00 00')],
    ['one short frame', [Buffer.from('hi')], hex('00 02 68 69')],
    ['the longest short frame', [body(255)], Buffer.concat([hex('00 ff'), body(255)])],
    ['the shortest long frame', [body(256)], Buffer.concat([hex('02 0000000000000100'), body(256)])],
    ['two frames', [Buffer.from('a'), Buffer.from('b')], hex('01 01 61 00 01 62')],
    ['an empty frame between', [body(1), body(0), body(1)], hex('01 01 61 01 00 00 01 61')],
    [
      'a long frame with more',
      [body(300), body(0)],
      Buffer.concat([hex('03 000000000000012c'), body(300), hex('00 00')]),
    ],
    ['a body by reference', [body(70_000)], Buffer.concat([hex('02 0000000000011170'), body(70_000)])],
  ];

  it.each(table)('%s is encoded', (_name, message, bytes) => {
    expect(Buffer.compare(encodeMessage(message), bytes)).toBe(0);
  });

  it.each(table)('%s is decoded, whole and one byte at a time', (_name, message, bytes) => {
    for (const step of [bytes.length, 1]) {
      const { decoder, messages } = collect();
      for (let at = 0; at < bytes.length; at += step) decoder.push(bytes.subarray(at, at + step));
      expect(messages.length).toBe(1);
      expect(Buffer.concat(messages[0]!).equals(Buffer.concat(message))).toBe(true);
      expect(messages[0]!.map((frame) => frame.length)).toEqual(message.map((frame) => frame.length));
    }
  });

  it('encodes strings as UTF-8', () => {
    expect(Buffer.from(encodeMessage(['é', ''])).toString('hex')).toBe('0102c3a90000');
  });

  it('refuses to encode a message without frames', () => {
    expect(() => encodeMessage([])).toThrow(TypeError);
  });

  it('takes a long header for a short frame, as the specification allows', () => {
    const { decoder, messages } = collect();
    decoder.push(hex('02 0000000000000001 61'));
    expect(plain(messages)).toEqual([[Buffer.from('a')]]);
  });

  it('gives commands apart, even between the frames of a message', () => {
    const { decoder, messages, commands } = collect();
    decoder.push(hex('01 01 61 04 02 01 58 00 01 62'));
    expect(commands.map((c) => Buffer.from(c).toString('hex'))).toEqual(['0158']);
    expect(plain(messages)).toEqual([[Buffer.from('a'), Buffer.from('b')]]);
  });
});

describe('what breaks the protocol', () => {
  const table: [string, string, string][] = [
    ['a reserved bit', '08 00', 'EPROTOCOL'],
    ['all bits', 'ff', 'EPROTOCOL'],
    ['a command with MORE', '05 01 00', 'EPROTOCOL'],
    ['a frame over the limit', '02 0000000001000001', 'ETOOBIG'],
    ['2^63 bytes', '02 8000000000000000', 'ETOOBIG'],
    ['2^64 - 1 bytes', '02 ffffffffffffffff', 'ETOOBIG'],
    ['a huge command', '06 0000000000010001', 'ETOOBIG'],
  ];

  it.each(table)('%s', (_name, bytes, code) => {
    for (const whole of [true, false]) {
      const { decoder } = collect();
      const feed = () => {
        if (whole) decoder.push(Buffer.concat([hex(bytes), Buffer.alloc(9)]));
        else for (const byte of hex(bytes)) decoder.push(Buffer.of(byte));
        if (!whole) decoder.push(Buffer.of(0));
      };
      expect(feed).toThrow(expect.objectContaining({ name: 'ZmtpError', code }));
    }
  });

  it('a message over the limit, though each frame is under it', () => {
    const { decoder } = collect({ maxMessageSize: 250 });
    const frame = Buffer.concat([hex('01 64'), Buffer.alloc(100)]);
    decoder.push(frame);
    decoder.push(frame);
    expect(() => decoder.push(frame)).toThrow(expect.objectContaining({ code: 'ETOOBIG' }));
  });

  it('endless MORE with empty frames', () => {
    const { decoder, messages } = collect();
    const flood = Buffer.alloc(64 * 1024);
    for (let i = 0; i < flood.length; i += 2) flood[i] = 1;
    expect(() => {
      for (let i = 0; i < 100; i++) decoder.push(flood);
    }).toThrow(expect.objectContaining({ code: 'ETOOBIG' }));
    expect(messages).toEqual([]);
  });

  it('random bytes raise nothing but ZmtpError', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), fc.boolean(), (chunks, reused) => {
        const { decoder } = collect({ maxFrameSize: 10_000, maxMessageSize: 20_000 });
        try {
          for (const chunk of chunks) decoder.push(Buffer.from(chunk), reused);
        } catch (error) {
          expect(error).toBeInstanceOf(ZmtpError);
          refused++;
        }
      }),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

const frameSize = fc.oneof(
  fc.nat(20),
  fc.constantFrom(0, 254, 255, 256, 257, LARGE - 1, LARGE, LARGE + 1, 65_535, 65_536, 100_000),
);
const message = fc.array(frameSize, { minLength: 1, maxLength: 5 });

describe('any split of a stream gives the same messages', () => {
  it.each(['never', 'small'] as const)('copy: %s', (copy) => {
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (shapes, steps, reused) => {
          let seed = 1;
          const sent = shapes.map((sizes) =>
            sizes.map((size) => Buffer.alloc(size, Buffer.of(seed++ & 0xff, seed & 0x7f))),
          );
          const stream = Buffer.concat(sent.map((frames) => Buffer.from(encodeMessage(frames))));
          const { decoder, messages } = collect({ copy });
          const scratch = Buffer.alloc(70_000);
          for (let at = 0, i = 0; at < stream.length; i++) {
            const end = Math.min(stream.length, at + steps[i % steps.length]!);
            if (reused) {
              // As a read does: the same memory each time, overwritten afterwards.
              const chunk = scratch.subarray(0, stream.copy(scratch, 0, at, end));
              decoder.push(chunk, true);
              scratch.fill(0xee);
            } else decoder.push(Buffer.from(stream.subarray(at, end)));
            at = end;
          }
          expect(messages.length).toBe(sent.length);
          for (const [i, frames] of sent.entries()) {
            expect(messages[i]!.length).toBe(frames.length);
            for (const [j, frame] of frames.entries()) expect(frame.equals(messages[i]![j]!)).toBe(true);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('memory', () => {
  it('a large frame is alone in its ArrayBuffer, however it came', () => {
    for (const size of [LARGE, LARGE + 1, 300_000]) {
      for (const [step, reused] of [
        [1e9, false],
        [1e9, true],
        [4000, true],
        [4000, false],
      ] as const) {
        const bytes = Buffer.from(encodeMessage(['x', Buffer.alloc(size, 7)]));
        const { decoder, messages } = collect();
        for (let at = 0; at < bytes.length; at += step) decoder.push(bytes.subarray(at, at + step), reused);
        const frame = messages[0]![1]!;
        expect([frame.byteOffset, frame.buffer.byteLength]).toEqual([0, size]);
      }
    }
  });

  it('a small frame of a reused read keeps no more than 64 KB alive', () => {
    const one = Buffer.from(encodeMessage([Buffer.alloc(200)]));
    const { decoder, messages } = collect();
    decoder.push(Buffer.concat(Array.from({ length: 2500 }, () => one)), true);
    expect(messages.length).toBe(2500);
    for (const [frame] of messages) expect(frame!.buffer.byteLength).toBeLessThanOrEqual(64 * 1024);
  });

  it('copy: small keeps no chunk alive', () => {
    const chunk = Buffer.from(new Uint8Array(50_000));
    chunk.set(encodeMessage(['a', Buffer.alloc(9000)]));
    const { decoder, messages } = collect({ copy: 'small' });
    decoder.push(chunk.subarray(0, 3 + 9 + 9000));
    expect(messages[0]!.length).toBe(2);
    for (const frame of messages[0]!) expect(frame.buffer).not.toBe(chunk.buffer);
  });

  it('an outbox copies small bodies and refers to large ones', () => {
    const outbox = new Outbox();
    const small = Buffer.alloc(100, 1);
    const large = Buffer.alloc(20_000, 1);
    outbox.append([small, large, small]);
    expect(outbox.bytes).toBe(2 + 100 + 9 + 20_000 + 2 + 100);
    const chunks = outbox.take();
    small.fill(2);
    expect(chunks.length).toBe(3);
    expect(chunks[1]).toBe(large);
    expect(chunks[0]![2]).toBe(1);
    expect(chunks[2]!.at(-1)).toBe(1);
    expect(outbox.bytes).toBe(0);
  });

  it('what was taken from an outbox never changes', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 20 }), (shapes) => {
        const outbox = new Outbox();
        const taken: Uint8Array[] = [];
        const expected: Uint8Array[] = [];
        for (const [i, sizes] of shapes.entries()) {
          const frames = sizes.map((size) => Buffer.alloc(size, i + 1));
          expected.push(encodeMessage(frames));
          outbox.append(frames);
          if (i % 3 === 0) taken.push(...outbox.take());
        }
        taken.push(...outbox.take());
        expect(Buffer.compare(Buffer.concat(taken), Buffer.concat(expected))).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
