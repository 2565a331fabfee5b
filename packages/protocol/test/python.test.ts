import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel, peerPython } from '../../../testing/support/index.js';
import {
  adapt,
  decodeZmq,
  encodeZmq,
  type JupyterMessage,
  KernelSpecError,
  type MessageType,
  parseKernelSpec,
} from '../src/index.js';
import { anyMessage, bytes, jsonObject, wellFormedText } from './support/arbitrary.js';
import { v4Message, v5Message } from './support/old-messages.js';
import { type PythonPeer, startPython } from './support/python.js';
import { hmacSigner } from './support/signer.js';
import { kernelJson } from './support/specs.js';

const hex = (frame: Uint8Array) => Buffer.from(frame).toString('hex');
const unhex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

// OpenSSL's names for the digests that Python calls otherwise.
const OPENSSL: Record<string, string> = { blake2b: 'blake2b512', blake2s: 'blake2s256' };
const openssl = (digest: string) => OPENSSL[digest] ?? digest.replace('sha3_', 'sha3-');

type PythonMessage = Pick<JupyterMessage, 'header' | 'parent_header' | 'metadata' | 'content'>;

/** The four parts as Python gets and gives them; it reads dates and writes them its own way, so they are compared apart. */
function parts(message: PythonMessage, dates = false): unknown {
  const undated = (header: Record<string, unknown>) => (dates ? header : { ...header, date: undefined });
  return {
    header: undated({ ...message.header }),
    parent_header: undated({ ...message.parent_header }),
    metadata: message.metadata,
    content: message.content,
  };
}

describeKernel('peer', () => {
  let python: PythonPeer;
  beforeAll(() => {
    python = startPython(peerPython());
  });
  afterAll(() => python[Symbol.asyncDispose]());

  test('every digest that a Session can sign with: a message from there, and one from here', async () => {
    const digests = await python.get<string[]>('digests');
    expect(digests).toEqual(expect.arrayContaining(['md5', 'sha1', 'sha256', 'sha512', 'sha3_256', 'blake2b']));
    for (const digest of digests) {
      for (const key of ['a key', 'ключ', '']) {
        const scheme = `hmac-${digest}`;
        const signer = hmacSigner(key, scheme, openssl(digest));
        const made = await python.get<{ frames: string[]; message: PythonMessage }>('make', {
          key,
          scheme,
          type: 'execute_reply',
          content: { status: 'ok', execution_count: 1, text: 'é😀' },
          metadata: { a: [1.5] },
        });
        const decoded = decodeZmq(made.frames.map(unhex), 'shell', signer);
        expect(parts(decoded.message, true)).toEqual(parts(made.message, true));
        expect(decoded.identities.map(hex)).toEqual(['61', '']);
        // The bytes differ (Python puts blanks after commas), and the signature must fit them all the same.
        const back = await python.get<{ message: PythonMessage }>('deserialize', {
          key,
          scheme,
          frames: encodeZmq(decoded.message, signer).map(hex),
        });
        expect(parts(back.message)).toEqual(parts(made.message));
      }
    }
  });

  test('any message from here is read there', async () => {
    const signer = hmacSigner('k');
    await fc.assert(
      fc.asyncProperty(anyMessage(wellFormedText), fc.array(bytes, { maxLength: 3 }), async (message, identities) => {
        const answer = await python.get<{ message: PythonMessage; buffers: string[]; identities: string[] }>(
          'deserialize',
          {
            key: 'k',
            scheme: signer.scheme,
            frames: encodeZmq(message, signer, identities).map(hex),
          },
        );
        expect(parts(answer.message)).toEqual(parts(message));
        expect(answer.buffers).toEqual(message.buffers.map(hex));
        expect(answer.identities).toEqual(identities.map(hex));
      }),
    );
  });

  test('any message from there is read here', async () => {
    const signer = hmacSigner('k', 'hmac-sha512');
    await fc.assert(
      fc.asyncProperty(anyMessage(wellFormedText), fc.array(bytes, { maxLength: 3 }), async (message, identities) => {
        const frames = await python.get<string[]>('serialize', {
          key: 'k',
          scheme: signer.scheme,
          message: parts(message, true),
          identities: identities.map(hex),
          buffers: message.buffers.map(hex),
        });
        const decoded = decodeZmq(frames.map(unhex), message.channel, signer);
        expect(parts(decoded.message, true)).toEqual(parts(message, true));
        expect(decoded.message.buffers).toEqual(message.buffers);
        expect(decoded.identities).toEqual(identities);
      }),
    );
  });

  test('what Python refuses as forged is forged here too', async () => {
    const signer = hmacSigner('k');
    const message = { key: 'k', scheme: 'hmac-sha256', type: 'status', content: {}, metadata: {} };
    const { frames } = await python.get<{ frames: string[] }>('make', message);
    for (const signature of ['', '00', frames[3]!.replace(/^../, '7a')]) {
      const forged = frames.map((frame, index) => (index === 3 ? signature : frame));
      expect((await python.ask('deserialize', { ...message, frames: forged })).error).toMatch(/Unsigned|Invalid/);
      expect(() => decodeZmq(forged.map(unhex), 'shell', signer)).toThrow(/signature/);
    }
  });

  test('the same kernelspecs are accepted, with the same values', async () => {
    let accepted = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(kernelJson, async (value) => {
        const answer = await python.ask('kernelspec', { value });
        if (answer.error !== undefined) {
          refused += 1;
          expect(() => parseKernelSpec(value)).toThrow(KernelSpecError);
          return;
        }
        accepted += 1;
        const theirs = answer.ok as Record<string, unknown>;
        const { spec } = parseKernelSpec(value);
        expect(spec).toMatchObject({
          display_name: theirs.display_name,
          language: theirs.language,
          interrupt_mode: theirs.interrupt_mode,
          metadata: theirs.metadata,
        });
        expect(spec.kernel_protocol_version ?? '').toBe(theirs.kernel_protocol_version);
        expect(spec.argv).toHaveLength((theirs.argv as unknown[]).length);
        const texts = Object.entries(theirs.env as Record<string, unknown>).filter(
          ([, text]) => typeof text === 'string',
        );
        expect(spec.env).toMatchObject(Object.fromEntries(texts));
      }),
      { numRuns: 600 },
    );
    // Both happen, often: else this compares nothing.
    expect(Math.min(accepted, refused)).toBeGreaterThan(50);
  });

  test.each([
    ['4 to 5', v4Message, 4, 5],
    ['5 to 4', v5Message, 5, 4],
  ] as const)('messages are adapted as jupyter_client adapts them: %s', async (_, messages, from, to) => {
    await fc.assert(
      fc.asyncProperty(messages, jsonObject(wellFormedText), async ({ type, content }, metadata) => {
        const version = from === 5 ? { version: '5.3' } : {};
        const header = { msg_id: 'i', session: 's', username: 'u', date: 'd', msg_type: type, ...version };
        const message = { header, parent_header: { ...header }, metadata, content };
        const theirs = await python.get<PythonMessage>('adapt', { message: { ...message, msg_type: type }, to });
        const input = {
          channel: 'shell',
          buffers: [],
          ...message,
          header: { ...header, msg_type: type as MessageType },
        };
        const ours = adapt(input as unknown as JupyterMessage, from, to);
        expect(readable(parts(ours, true))).toEqual(readable(parts(theirs, true)));
      }),
      { numRuns: 500 },
    );
  });
});

/** JSON within a text is compared by what it says: Python puts blanks in. */
function readable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(readable);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'application/json' && typeof item === 'string' ? { json: tryParse(item) } : readable(item),
    ]),
  );
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
