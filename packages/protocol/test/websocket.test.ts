import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMessage,
  decodeWebSocketLegacy,
  decodeWebSocketV1,
  encodeWebSocketLegacy,
  encodeWebSocketV1,
  type JupyterMessage,
  ProtocolError,
} from '../src/index.js';
import { checkLegacySize } from '../src/websocket-legacy.js';
import { anyMessage, bare } from './support/arbitrary.js';
import { thrown } from './support/thrown.js';

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

function stream(buffers: Uint8Array[] = []): JupyterMessage<'stream'> {
  return createMessage({
    channel: 'iopub',
    type: 'stream',
    session: 's',
    id: 'id',
    date: '2026-01-02T03:04:05.678Z',
    content: { name: 'stdout', text: 'é😀\ud800' },
    buffers,
  });
}

/** The same bytes in the middle of a larger memory, as a socket's read buffer gives them. */
function embedded(data: Uint8Array): Uint8Array {
  const memory = new Uint8Array(data.length + 11).fill(0xee);
  memory.set(data, 5);
  return memory.subarray(5, 5 + data.length);
}

function numbers64(data: Uint8Array, count: number): number[] {
  const view = new DataView(data.buffer, data.byteOffset);
  return Array.from({ length: count }, (_, index) => Number(view.getBigUint64(8 * index, true)));
}

/** A v1 message from its parts, written independently of the encoder. */
function v1(parts: (string | Uint8Array)[]): Uint8Array {
  const blobs = parts.map((part) => (typeof part === 'string' ? utf8(part) : part));
  const table = new BigUint64Array(parts.length + 2);
  table[0] = BigInt(parts.length + 1);
  let offset = 8 * table.length;
  table[1] = BigInt(offset);
  for (const [index, blob] of blobs.entries()) {
    offset += blob.length;
    table[index + 2] = BigInt(offset);
  }
  return new Uint8Array(Buffer.concat([new Uint8Array(table.buffer), ...blobs]));
}

const HEADER = '{"msg_id":"1","msg_type":"stream","version":"5.3"}';

describe('v1.kernel.websocket.jupyter.org', () => {
  test('any message comes back as it was', () => {
    fc.assert(
      fc.property(anyMessage(), (message) => {
        const data = encodeWebSocketV1(message);
        for (const received of [data, embedded(data), data.buffer as ArrayBuffer]) {
          const decoded = decodeWebSocketV1(received);
          expect(bare(decoded)).toEqual(message);
          expect(JSON.parse(text(decoded.contentBytes))).toEqual(message.content);
        }
      }),
    );
  });

  test('the layout is that of the specification', () => {
    const data = encodeWebSocketV1(stream([new Uint8Array([1, 2, 3])]));
    const [count, ...offsets] = numbers64(data, 8);
    expect(count).toBe(7);
    expect(offsets[0]).toBe(64);
    expect(offsets.at(-1)).toBe(data.length);
    expect(text(data.subarray(offsets[0], offsets[1]))).toBe('iopub');
    expect(JSON.parse(text(data.subarray(offsets[1], offsets[2])))).toMatchObject({ msg_id: 'id', msg_type: 'stream' });
    expect(data.subarray(offsets[5], offsets[6])).toEqual(new Uint8Array([1, 2, 3]));
    expect(data).toEqual(v1(offsets.slice(0, -1).map((offset, index) => data.slice(offset, offsets[index + 1]))));
  });

  test('offsets beyond 16 bits', () => {
    const message = stream([new Uint8Array(70_000).fill(1), new Uint8Array([2])]);
    expect(decodeWebSocketV1(encodeWebSocketV1(message)).buffers).toEqual(message.buffers);
    expect(decodeWebSocketLegacy(encodeWebSocketLegacy(message)).buffers).toEqual(message.buffers);
  });

  test('buffers are views of the frame', () => {
    const data = encodeWebSocketV1(stream([new Uint8Array([1, 2, 3])]));
    expect(decodeWebSocketV1(data).buffers[0]?.buffer).toBe(data.buffer);
  });

  test('the text of the content is kept, and relayed when asked', () => {
    const decoded = decodeWebSocketV1(v1(['iopub', HEADER, '{}', '{}', '{"x": 1.0}']));
    expect(text(decoded.contentBytes)).toBe('{"x": 1.0}');
    expect(text(decodeWebSocketV1(encodeWebSocketV1(decoded, { relay: true })).contentBytes)).toBe('{"x": 1.0}');
    expect(text(decodeWebSocketV1(encodeWebSocketV1(decoded)).contentBytes)).toBe('{"x":1}');
  });

  test('a missing version is 5, for this encoding never was anything else', () => {
    const header = '{"msg_id":"1","msg_type":"stream"}';
    const decoded = decodeWebSocketV1(v1(['iopub', header, 'null', '{}', '{"name":"stdout","text":"x"}']));
    expect(decoded.header.version).toBe('5.4');
    expect(decoded.content).toEqual({ name: 'stdout', text: 'x' });
  });

  const good = () => encodeWebSocketV1(stream());
  const withNumber = (index: number, value: bigint) => {
    const data = good();
    new DataView(data.buffer).setBigUint64(8 * index, value, true);
    return data;
  };
  test.each<[string, Uint8Array, ProtocolError['code']]>([
    ['nothing', new Uint8Array(), 'too-short'],
    ['7 bytes', new Uint8Array(7), 'too-short'],
    ['zeros', new Uint8Array(64), 'too-short'],
    ['no parts', v1([]), 'too-short'],
    ['four parts', v1(['iopub', HEADER, '{}', '{}']), 'too-short'],
    ['a table cut short', good().slice(0, 40), 'too-short'],
    ['more offsets than bytes', withNumber(0, 1_000_000n), 'too-short'],
    ['the greatest count there is', withNumber(0, 0xffff_ffff_ffff_ffffn), 'too-short'],
    ['cut short', good().slice(0, -1), 'bad-offsets'],
    ['the first offset within the table', withNumber(1, 8n), 'bad-offsets'],
    ['offsets that go back', withNumber(3, 57n), 'bad-offsets'],
    ['an offset beyond 2^53', withNumber(6, 0xffff_ffff_ffff_ffffn), 'bad-offsets'],
    ['legacy text', utf8(encodeWebSocketLegacy(stream()) as string), 'too-short'],
    ['legacy bytes', encodeWebSocketLegacy(stream([new Uint8Array(1)])) as Uint8Array, 'too-short'],
    ['an unknown channel', v1(['hb', HEADER, '{}', '{}', '{}']), 'bad-channel'],
    ['an empty channel', v1(['', HEADER, '{}', '{}', '{}']), 'bad-channel'],
    ['a header that is not JSON', v1(['shell', '{', '{}', '{}', '{}']), 'bad-json'],
    ['a header without type', v1(['shell', '{"msg_id":"1"}', '{}', '{}', '{}']), 'bad-header'],
    ['a parent that is a list', v1(['shell', HEADER, '[]', '{}', '{}']), 'bad-header'],
    ['a content that is a text', v1(['shell', HEADER, '{}', '{}', '"x"']), 'bad-content'],
  ])('bad input: %s', (_, data, code) => {
    expect(thrown(ProtocolError, () => decodeWebSocketV1(data)).code).toBe(code);
  });

  test('text where bytes are needed', () => {
    const data = 'text' as unknown as Uint8Array;
    expect(thrown(ProtocolError, () => decodeWebSocketV1(data)).message).toContain('binaryType');
  });
});

/** A legacy binary message from its parts, written independently of the encoder. */
function legacy(parts: (string | Uint8Array)[], count = parts.length): Uint8Array {
  const table = Buffer.alloc(4 * (parts.length + 1));
  table.writeUInt32BE(count, 0);
  let offset = table.length;
  const blobs = parts.map((part) => Buffer.from(part as string));
  for (const [index, blob] of blobs.entries()) {
    table.writeUInt32BE(offset, 4 * (index + 1));
    offset += blob.length;
  }
  return new Uint8Array(Buffer.concat([table, ...blobs]));
}

function withOffset(index: number, offset: number): Uint8Array {
  const data = legacy([`{"header":${HEADER}}`, 'bb', 'cc']);
  new DataView(data.buffer).setUint32(4 * (index + 1), offset);
  return data;
}

describe('the legacy encoding', () => {
  test('any message comes back as it was: text without buffers, bytes with', () => {
    fc.assert(
      fc.property(anyMessage(), (message) => {
        const data = encodeWebSocketLegacy(message);
        expect(typeof data === 'string').toBe(message.buffers.length === 0);
        const received = typeof data === 'string' ? [data] : [data, embedded(data), data.buffer as ArrayBuffer];
        for (const one of received) expect(decodeWebSocketLegacy(one)).toEqual(message);
      }),
    );
  });

  test('the members are those that Jupyter Server sends', () => {
    const message = stream();
    const { buffers, ...parts } = message;
    expect(JSON.parse(encodeWebSocketLegacy(message) as string)).toEqual({
      ...parts,
      msg_id: 'id',
      msg_type: 'stream',
      buffers,
    });
  });

  test('the layout of a message with buffers', () => {
    const data = encodeWebSocketLegacy(stream([new Uint8Array([1, 2, 3]), new Uint8Array()])) as Uint8Array;
    const view = new DataView(data.buffer);
    const offsets = [1, 2, 3].map((index) => view.getUint32(4 * index));
    expect(view.getUint32(0)).toBe(3);
    expect(offsets[0]).toBe(16);
    expect(JSON.parse(text(data.subarray(offsets[0], offsets[1]))).header.msg_id).toBe('id');
    expect(offsets[2]).toBe(data.length);
    expect([...data.subarray(offsets[1])]).toEqual([1, 2, 3]);
  });

  test.each<[string, string, Partial<JupyterMessage>]>([
    ['no channel: shell', `{"header":${HEADER},"content":{}}`, { channel: 'shell' }],
    ['null for a channel: shell', `{"channel":null,"header":${HEADER}}`, { channel: 'shell' }],
    ['nothing but a header', `{"header":${HEADER}}`, { parent_header: {}, metadata: {}, content: {}, buffers: [] }],
    ['buffers {}', `{"header":${HEADER},"buffers":{}}`, { buffers: [] }],
    [
      'NaN',
      `{"header":${HEADER},"content":{"x":NaN}}`,
      { content: { x: null } as unknown as JupyterMessage['content'] },
    ],
  ])('tolerated: %s', (_, data, expected) => {
    expect(decodeWebSocketLegacy(data)).toMatchObject(expected);
  });

  test.each<[string, string | Uint8Array, ProtocolError['code']]>([
    ['an empty text', '', 'bad-json'],
    ['half a message', `{"header":${HEADER}`, 'bad-json'],
    ['a list', '[]', 'bad-json'],
    ['null', 'null', 'bad-json'],
    ['an unknown channel', `{"channel":"hb","header":${HEADER}}`, 'bad-channel'],
    ['a channel that is a number', `{"channel":3,"header":${HEADER}}`, 'bad-channel'],
    ['no header', '{"channel":"shell"}', 'bad-header'],
    ['a header without id', '{"header":{"msg_type":"stream"}}', 'bad-header'],
    ['a parent that is a text', `{"header":${HEADER},"parent_header":"x"}`, 'bad-header'],
    ['metadata that are a list', `{"header":${HEADER},"metadata":[]}`, 'bad-content'],
    ['a content that is a number', `{"header":${HEADER},"content":1}`, 'bad-content'],
    ['no bytes', new Uint8Array(), 'too-short'],
    ['3 bytes', new Uint8Array(3), 'too-short'],
    ['no parts', legacy([]), 'too-short'],
    ['a greater count than bytes', legacy([`{"header":${HEADER}}`], 1_000_000), 'too-short'],
    ['an offset within the table', legacy([`{"header":${HEADER}}`, 'b'], 3), 'bad-offsets'],
    ['the first part within the table', withOffset(0, 15), 'bad-offsets'],
    ['offsets that go back', withOffset(2, 20), 'bad-offsets'],
    ['an offset beyond the end', withOffset(2, 10_000), 'bad-offsets'],
    ['cut short', legacy([`{"header":${HEADER}}`, 'b', 'c']).slice(0, -2), 'bad-offsets'],
    ['bytes whose JSON is none', legacy(['{', 'b']), 'bad-json'],
    ['a v1 message', encodeWebSocketV1(stream()), 'too-short'],
  ])('bad input: %s', (_, data, code) => {
    expect(thrown(ProtocolError, () => decodeWebSocketLegacy(data)).code).toBe(code);
  });

  test('4 GiB is the end', () => {
    expect(() => checkLegacySize(0xffff_ffff)).not.toThrow();
    expect(thrown(ProtocolError, () => checkLegacySize(0x1_0000_0000)).code).toBe('too-large');
  });
});

test('any bytes in either encoding: a message or a ProtocolError, nothing else', () => {
  const part = fc.oneof(fc.json(), fc.constant(HEADER), fc.constantFrom('shell', 'iopub', ''));
  const parts = fc.array(part, { maxLength: 8 });
  const data = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    parts.map((list) => v1(list)),
    parts.map((list) => legacy(list)),
    // One byte changed in a good message.
    fc.tuple(fc.nat(), fc.nat(255), fc.boolean()).map(([at, value, isV1]) => {
      const bytes = isV1 ? encodeWebSocketV1(stream()) : (encodeWebSocketLegacy(stream([utf8('b')])) as Uint8Array);
      bytes[at % bytes.length] = value;
      return bytes;
    }),
  );
  fc.assert(
    fc.property(data, (bytes) => {
      for (const decode of [decodeWebSocketV1, decodeWebSocketLegacy]) {
        try {
          expect(typeof decode(bytes).header.msg_id).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }
    }),
    { numRuns: 1000 },
  );
});
