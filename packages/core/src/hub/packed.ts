import { decodeWebSocketV1, encodeWebSocketV1, type JupyterMessage } from '@kernelkit/protocol';
import type { HubCodec, LogEntry, Tally } from './types.js';

/** Entries that are kept for who comes back, most of which nobody ever reads again. */
export interface Packed {
  readonly first: number;
  readonly last: number;
  /** What they count, as long as they are kept. */
  readonly bytes: number;
  readonly tallies: ReadonlyMap<string | null, Tally>;
  readonly held: Held;
}

type Held =
  /** As they are, where packing is not worth it: it is for the many small ones. */
  | { readonly kind: 'entries'; readonly entries: readonly LogEntry[] }
  /** One or more runs, each a table of its entries and their messages as on a WebSocket. */
  | { readonly kind: 'runs'; readonly data: Uint8Array }
  | { readonly kind: 'deflated'; readonly data: Uint8Array; readonly codec: HubCodec };

/** More than this (pictures, tables) is kept as it is: what it takes is in its own bytes, and packing them takes long. */
const LARGEST = 64 * 1024;

type Place = [seq: number, to: string | null, bytes: number, length: number];

/** @param entries in their order, and at least one */
export function pack(entries: readonly LogEntry[]): Packed {
  const tallies = new Map<string | null, Tally>();
  for (const { to, bytes } of entries) add(tallies, to, { messages: 1, bytes });
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const data = bytes > LARGEST ? null : runOf(entries);
  const held: Held = data === null ? { kind: 'entries', entries } : { kind: 'runs', data };
  return { first: entries[0]!.seq, last: entries.at(-1)!.seq, bytes, tallies, held };
}

/** Whether it can be put together with others. */
export function isLoose({ held }: Packed): boolean {
  return held.kind === 'runs';
}

/** Puts loose ones together, and deflates them: a twentieth is left of what a kernel says of itself. */
export function merge(all: readonly Packed[], codec: HubCodec): Packed {
  const tallies = new Map<string | null, Tally>();
  for (const each of all) for (const [to, tally] of each.tallies) add(tallies, to, tally);
  const runs = all.flatMap(({ held }) => (held.kind === 'runs' ? [held.data] : []));
  const data = codec.deflate(concat(runs));
  return {
    ...{ first: all[0]!.first, last: all.at(-1)!.last, tallies, held: { kind: 'deflated', data, codec } },
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

export function unpack({ held }: Packed): readonly LogEntry[] {
  if (held.kind === 'entries') return held.entries;
  const runs = held.kind === 'runs' ? held.data : held.codec.inflate(held.data);
  const view = new DataView(runs.buffer, runs.byteOffset, runs.byteLength);
  const entries: LogEntry[] = [];
  for (let at = 0; at < runs.length; ) {
    const places = at + 4 + view.getUint32(at);
    const table = JSON.parse(new TextDecoder().decode(runs.subarray(at + 4, places))) as Place[];
    at = places;
    for (const [seq, to, bytes, length] of table) {
      const message: JupyterMessage = decodeWebSocketV1(runs.subarray(at, at + length));
      entries.push({ seq, to, message, bytes });
      at += length;
    }
  }
  return entries;
}

function runOf(entries: readonly LogEntry[]): Uint8Array | null {
  const frames: Uint8Array[] = [];
  const places: Place[] = [];
  try {
    for (const entry of entries) {
      const { seq, to, bytes, message } = entry;
      const frame = entry.frame ?? encodeWebSocketV1(message, { relay: true });
      frames.push(frame);
      places.push([seq, to, bytes, frame.byteLength]);
    }
  } catch {
    // what cannot be written is told to whoever it is written to
    return null;
  }
  const table = new TextEncoder().encode(JSON.stringify(places));
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, table.length);
  return concat([head, table, ...frames]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

function add(tallies: Map<string | null, Tally>, to: string | null, { messages, bytes }: Tally): void {
  const tally = tallies.get(to) ?? { messages: 0, bytes: 0 };
  tallies.set(to, { messages: tally.messages + messages, bytes: tally.bytes + bytes });
}
