import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  decodeWebSocketLegacy,
  decodeWebSocketV1,
  encodeWebSocketLegacy,
  encodeWebSocketV1,
  type JupyterMessage,
} from '../src/index.js';
import { bare } from './support/arbitrary.js';

interface Vector {
  message: Omit<JupyterMessage, 'buffers'>;
  buffers: string[];
  v1: string;
  legacy: string;
}

const file = new URL('fixtures/jupyter-server-vectors.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] };
const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

// Made by jupyter_server's own functions: fixtures/make-vectors.py.
describe.each(vectors.map((vector, index) => [index, vector] as const))('Jupyter Server, vector %i', (_, vector) => {
  const message: JupyterMessage = { ...vector.message, buffers: vector.buffers.map(hex) };
  const legacy = vector.buffers.length === 0 ? vector.legacy : hex(vector.legacy);

  test('v1 is read', () => expect(bare(decodeWebSocketV1(hex(vector.v1)))).toEqual(message));
  test('v1, relayed, is written with the same bytes for the channel, the content and the buffers', () => {
    const ours = encodeWebSocketV1(message);
    const theirs = hex(vector.v1);
    expect(bare(decodeWebSocketV1(ours))).toEqual(message);
    // The table: as many offsets, the first in the same place.
    expect(ours.subarray(0, 16)).toEqual(theirs.subarray(0, 16));
    const relayed = decodeWebSocketV1(encodeWebSocketV1(decodeWebSocketV1(theirs), { relay: true }));
    expect(relayed.contentBytes).toEqual(decodeWebSocketV1(theirs).contentBytes);
  });
  test('legacy is read', () => expect(decodeWebSocketLegacy(legacy)).toEqual(message));
  test('legacy is written with the same members', () => {
    const ours = encodeWebSocketLegacy(message);
    expect(json(ours)).toEqual(json(legacy));
  });
});

/** The JSON of a legacy message, read apart from the decoder. */
function json(data: string | Uint8Array): unknown {
  if (typeof data === 'string') return JSON.parse(data);
  const bytes = Buffer.from(data);
  return { ...JSON.parse(bytes.toString('utf8', bytes.readUInt32BE(4), bytes.readUInt32BE(8))), buffers: [] };
}
