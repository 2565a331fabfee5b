import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMessage,
  decodeZmq,
  encodeZmq,
  isMessage,
  type JupyterMessage,
  ProtocolError,
  unsigned,
} from '../src/index.js';
import { anyMessage, bare, bytes } from './support/arbitrary.js';
import { hmacSigner } from './support/signer.js';
import { thrown } from './support/thrown.js';

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (frame: Uint8Array | undefined) => new TextDecoder().decode(frame);
const DELIMITER = '<IDS|MSG>';
const signer = hmacSigner('a key');

function stream(): JupyterMessage<'stream'> {
  return createMessage({ channel: 'iopub', type: 'stream', session: 's', content: { name: 'stdout', text: 'é😀' } });
}

describe('both ways', () => {
  test('any message, identities and buffers come back as they were', () => {
    const identity = bytes.filter((frame) => text(frame) !== DELIMITER);
    fc.assert(
      fc.property(
        anyMessage(),
        fc.array(identity, { maxLength: 4 }),
        fc.constantFrom(signer, unsigned),
        (message, ids, by) => {
          const frames = encodeZmq(message, by, ids);
          const decoded = decodeZmq(frames, message.channel, by);
          expect(bare(decoded.message)).toEqual(message);
          expect(decoded.identities).toEqual(ids);
          expect(JSON.parse(text(decoded.message.contentBytes))).toEqual(message.content);
        },
      ),
    );
  });

  test('the frames are those of the specification, in its order', () => {
    const message = { ...stream(), buffers: [new Uint8Array([1, 2])] };
    const frames = encodeZmq(message, signer, [utf8('topic')]);
    expect(frames).toHaveLength(8);
    expect(text(frames[0])).toBe('topic');
    expect(text(frames[1])).toBe(DELIMITER);
    expect(text(frames[2])).toBe(signer.sign(frames.slice(3, 7)));
    expect(frames.slice(3, 7).map((frame) => JSON.parse(text(frame)))).toEqual([
      message.header,
      message.parent_header,
      message.metadata,
      message.content,
    ]);
    expect(frames[7]).toEqual(new Uint8Array([1, 2]));
  });

  test('buffers and content are views of the frames, wherever these lie in their memory', () => {
    const frames = encodeZmq({ ...stream(), buffers: [new Uint8Array([7, 8, 9])] }, signer).map((frame) => {
      const memory = new Uint8Array(frame.length + 5);
      memory.set(frame, 3);
      return memory.subarray(3, 3 + frame.length);
    });
    const { message } = decodeZmq(frames, 'iopub', signer);
    expect(message.buffers[0]).toEqual(new Uint8Array([7, 8, 9]));
    expect(message.buffers[0]?.buffer).toBe(frames.at(-1)?.buffer);
    expect(message.contentBytes).toBe(frames.at(-2));
  });

  test('the text of the content is kept as received, and relayed only when asked', () => {
    const frames = encodeZmq(stream(), unsigned);
    frames[5] = utf8('{"data": {"x": 1.0, "n": 12345678901234567890}}');
    const { message } = decodeZmq(frames, 'iopub', unsigned);
    expect(text(message.contentBytes)).toBe('{"data": {"x": 1.0, "n": 12345678901234567890}}');
    expect(text(encodeZmq(message, signer, [], { relay: true })[5])).toBe(text(frames[5]));
    expect(text(encodeZmq(message, signer)[5])).toBe('{"data":{"x":1,"n":12345678901234567000}}');
    // What is relayed carries a signature of its own.
    const relayed = encodeZmq(message, signer, [], { relay: true });
    expect(decodeZmq(relayed, 'iopub', signer).message.content).toEqual(message.content);
  });

  test('whoever gets the frames may change them without harm to the next message', () => {
    const first = encodeZmq(stream(), unsigned);
    for (const frame of encodeZmq(stream(), unsigned)) frame.fill(0);
    expect(decodeZmq(first, 'iopub', unsigned).message.header.msg_type).toBe('stream');
    expect(decodeZmq(encodeZmq(stream(), unsigned), 'iopub', unsigned).message.header.msg_type).toBe('stream');
  });

  test.each([10, 1_000, 3_000, 6_000, 10_000, 20_000, 3_000_000])(
    'a text of %i characters of 1 to 4 bytes',
    (length) => {
      for (const unit of ['x', 'é', '€', '😀']) {
        const message = createMessage({
          channel: 'iopub',
          type: 'stream',
          session: 's',
          content: { name: 'stdout', text: unit.repeat(length) },
        });
        expect(decodeZmq(encodeZmq(message, signer), 'iopub', signer).message.content).toEqual(message.content);
      }
    },
  );
});

describe('what is tolerated', () => {
  const frames = (parts: { header?: string; parent?: string; metadata?: string; content?: string | Uint8Array }) => [
    utf8(DELIMITER),
    utf8(''),
    utf8(parts.header ?? '{"msg_id":"1","msg_type":"stream","version":"5.3"}'),
    utf8(parts.parent ?? '{}'),
    utf8(parts.metadata ?? '{}'),
    typeof parts.content === 'object' ? parts.content : utf8(parts.content ?? '{}'),
  ];
  const decode = (parts: Parameters<typeof frames>[0]) => decodeZmq(frames(parts), 'iopub', unsigned).message;

  test('a header without session, username and date', () => {
    expect(decode({}).header).toEqual({
      msg_id: '1',
      msg_type: 'stream',
      version: '5.3',
      session: '',
      username: '',
      date: '',
    });
  });
  test('a date in seconds, as a gateway client sends it', () => {
    const header = '{"msg_id":"1","msg_type":"stream","version":"5.3","date":1700000000.5}';
    expect(decode({ header }).header.date).toBe('2023-11-14T22:13:20.500Z');
    expect(decode({ header: header.replace('1700000000.5', '1e300') }).header.date).toBe('');
  });
  test('members that no specification names', () => {
    const header = '{"msg_id":"1","msg_type":"stream","version":"5.3","subshell_id":"x","other":[1]}';
    expect(decode({ header }).header).toMatchObject({ subshell_id: 'x', other: [1] });
  });
  test('null for parent, metadata and content', () => {
    expect(decode({ parent: 'null', metadata: 'null', content: 'null' })).toMatchObject({
      parent_header: {},
      metadata: {},
      content: {},
    });
  });
  test('bytes that are no UTF-8 are replaced', () => {
    const content = new Uint8Array([...utf8('{"text":"a'), 0xff, 0xe2, 0x82, ...utf8('"}')]);
    expect(decode({ content }).content).toEqual({ text: 'a\ufffd\ufffd' });
  });
  test('bare NaN and Infinity are null, also in the text that is kept', () => {
    const message = decode({ content: '{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN \\" Infinity"}' });
    expect(message.content).toEqual({ a: null, b: [null, null], c: 'NaN " Infinity' });
    expect(JSON.parse(text(message.contentBytes))).toEqual(message.content);
    expect(decode({ metadata: '{"x":NaN}' }).metadata).toEqual({ x: null });
  });
  test('an unknown message type', () => {
    const message = decode({
      header: '{"msg_id":"1","msg_type":"from_the_future","version":"5.9"}',
      content: '{"x":1}',
    });
    expect(message.header.msg_type).toBe('from_the_future');
    expect(message.content).toEqual({ x: 1 });
    expect(isMessage(message, 'stream')).toBe(false);
  });
  test('no version, or 4.x: an old kernel, adapted', () => {
    for (const header of ['{"msg_id":"1","msg_type":"pyout"}', '{"msg_id":"1","msg_type":"pyout","version":"4.1"}']) {
      expect(decode({ header }).header).toMatchObject({ msg_type: 'execute_result', version: '5.0' });
    }
    const old = decode({ header: '{"msg_id":"1","msg_type":"stream"}', content: '{"name":"stdout","data":"x"}' });
    expect(old.content).toEqual({ name: 'stdout', text: 'x' });
    expect(old.contentBytes).toBeUndefined();
  });
  test('no version, though the content is that of 5: left as it is', () => {
    const message = decode({ header: '{"msg_id":"1","msg_type":"stream"}', content: '{"name":"stdout","text":"x"}' });
    expect(message.content).toEqual({ name: 'stdout', text: 'x' });
    expect(text(message.contentBytes)).toBe('{"name":"stdout","text":"x"}');
  });
  test('a signature where there is no key', () => {
    expect(decodeZmq(encodeZmq(stream(), signer), 'iopub', unsigned).message.header.msg_type).toBe('stream');
  });
});

describe('signatures', () => {
  test('one flipped bit anywhere in the signed parts or in the signature is found', () => {
    fc.assert(
      fc.property(anyMessage(), fc.nat(), fc.nat(7), (message, position, bit) => {
        const frames = encodeZmq(message, signer).map((frame) => frame.slice());
        const checked = frames.slice(1, 6);
        // One byte of them all, wherever it lies: every byte has a place of its own in this list.
        const places = checked.flatMap((frame) => Array.from(frame, (_, at) => ({ frame, at })));
        const { frame, at } = places[position % places.length]!;
        frame[at]! ^= 1 << bit;
        expect(thrown(ProtocolError, () => decodeZmq(frames, 'shell', signer)).code).toBe('bad-signature');
      }),
    );
  });
  test.each([
    ['none', ''],
    ['too short', 'ab'],
    ['upper case', 'UPPER'],
    ['longer', 'LONGER'],
  ])('a signature that is %s does not pass', (_, replacement) => {
    const frames = encodeZmq(stream(), signer);
    const right = text(frames[1]);
    const wrong = replacement === 'UPPER' ? right.toUpperCase() : replacement === 'LONGER' ? `${right}0` : replacement;
    frames[1] = utf8(wrong);
    expect(thrown(ProtocolError, () => decodeZmq(frames, 'shell', signer)).code).toBe('bad-signature');
  });
  test('another key, another digest', () => {
    const frames = encodeZmq(stream(), signer);
    for (const other of [hmacSigner('another key'), hmacSigner('a key', 'hmac-sha512')]) {
      const error = thrown(ProtocolError, () => decodeZmq(frames, 'shell', other));
      expect(error.code).toBe('bad-signature');
      expect(error.message).toContain(other.scheme);
    }
  });
  test('buffers are not signed, by the specification', () => {
    const frames = encodeZmq({ ...stream(), buffers: [new Uint8Array([1])] }, signer);
    frames[6] = new Uint8Array([2]);
    expect(decodeZmq(frames, 'iopub', signer).message.buffers).toEqual([new Uint8Array([2])]);
  });
});

describe('bad input', () => {
  const good = () => encodeZmq(stream(), unsigned);
  const replaced = (index: number, frame: string) => good().map((old, at) => (at === index ? utf8(frame) : old));
  const rows: [string, Uint8Array[], ProtocolError['code'], string | undefined][] = [
    ['no frame', [], 'no-delimiter', undefined],
    ['no delimiter', good().slice(1), 'no-delimiter', undefined],
    ['nearly a delimiter', replaced(0, '<IDS|MSQ>'), 'no-delimiter', undefined],
    ['the delimiter and more in one frame', replaced(0, '<IDS|MSG>x'), 'no-delimiter', undefined],
    ['garbage', [new Uint8Array([0, 255, 3]), new Uint8Array(9)], 'no-delimiter', undefined],
    ['only the delimiter', good().slice(0, 1), 'too-short', undefined],
    ['no content', good().slice(0, 5), 'too-short', undefined],
    ['a header that is not JSON', replaced(2, '{"msg_id":'), 'bad-json', 'header'],
    ['an empty header', replaced(2, ''), 'bad-json', 'header'],
    ['a parent that is not JSON', replaced(3, 'x'), 'bad-json', 'parent_header'],
    ['metadata that are not JSON', replaced(4, "{'a':1}"), 'bad-json', 'metadata'],
    ['a content that is not JSON', replaced(5, '{"a":1}{'), 'bad-json', 'content'],
    ['a content with a byte order mark (as for Python)', replaced(5, '\ufeff{}'), 'bad-json', 'content'],
    ['a content that stays bad without its NaN', replaced(5, '{"a":NaN,}'), 'bad-json', 'content'],
    ['a header that is a list', replaced(2, '[]'), 'bad-header', 'header'],
    ['a header that is null', replaced(2, 'null'), 'bad-header', 'header'],
    ['a header without type', replaced(2, '{"msg_id":"1"}'), 'bad-header', 'header'],
    ['a header with an empty type', replaced(2, '{"msg_id":"1","msg_type":""}'), 'bad-header', 'header'],
    ['a header with a type that is a number', replaced(2, '{"msg_id":"1","msg_type":3}'), 'bad-header', 'header'],
    ['a header without id', replaced(2, '{"msg_type":"stream"}'), 'bad-header', 'header'],
    ['a parent that is a list', replaced(3, '[1]'), 'bad-header', 'parent_header'],
    ['metadata that are a text', replaced(4, '"x"'), 'bad-content', 'metadata'],
    ['a content that is a number', replaced(5, '3'), 'bad-content', 'content'],
    ['a content that is a list', replaced(5, '[]'), 'bad-content', 'content'],
  ];
  test.each(rows)('%s', (_, frames, code, part) => {
    const error = thrown(ProtocolError, () => decodeZmq(frames, 'shell', unsigned));
    expect(error).toMatchObject({ name: 'ProtocolError', code, part });
    expect(error.message).toMatch(/^Reading a message/);
  });
  test('any frames at all: a message or a ProtocolError, nothing else', () => {
    const frame = fc.oneof(
      bytes,
      fc.constant(utf8(DELIMITER)),
      fc.json().map(utf8),
      fc.constant(utf8('{"msg_id":"","msg_type":"a"}')),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 9 }), (frames) => {
        try {
          expect(typeof decodeZmq(frames, 'shell', unsigned).message.header.msg_id).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 500 },
    );
  });
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  test.each([
    ['a circle', circular],
    ['a BigInt', { n: 1n }],
    ['nothing', undefined],
    ['a list', [1]],
    ['null', null],
  ])('a content that cannot be written: %s', (_, content) => {
    const message = { ...stream(), content } as unknown as JupyterMessage;
    expect(thrown(ProtocolError, () => encodeZmq(message, unsigned))).toMatchObject({
      code: 'bad-content',
      part: 'content',
    });
  });
});
