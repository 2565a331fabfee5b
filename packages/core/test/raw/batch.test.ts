import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packBatch, unpackBatch } from '../../src/raw/batch.js';

const frame = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  // Around the size from which a frame travels in a buffer of its own.
  fc.integer({ min: 32 * 1024 - 2, max: 32 * 1024 + 2 }).map((length) => new Uint8Array(length).fill(length & 255)),
);

/** Bytes as text, which is compared a thousand times as fast. */
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

it('gives back every message, frame by frame, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.array(frame, { maxLength: 8 }), { maxLength: 8 }), (messages) => {
      const copies = messages.map((frames) => frames.map(text));
      const batch = packBatch(messages);
      // As it arrives in the other thread.
      const moved = structuredClone(batch, { transfer: [batch.packed, ...batch.large] });
      const received: string[][] = [];
      unpackBatch(moved, (frames) => received.push(frames.map(text)));
      expect(received).toEqual(copies);
    }),
    { numRuns: 60 },
  );
});

it('does not take a buffer away from whoever shares it', () => {
  const shared = new Uint8Array(100_000).fill(5);
  const { large } = packBatch([[shared.subarray(10, 90_000)]]);
  expect(large[0]).not.toBe(shared.buffer);
  expect(shared.byteLength).toBe(100_000);
});
