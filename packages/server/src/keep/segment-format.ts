import { crc32 } from 'node:zlib';
import type { LogEntry, OpenRequest, Runs, Tally } from '@kernelkit/core';
import { decodeWebSocketV1, encodeWebSocketV1 } from '@kernelkit/protocol';

/**
 * A segment of a kernel's log: records one after the other, each of them
 *
 *     u32 length of what follows the checksum · u32 CRC-32 of that · u8 kind · the rest
 *
 * (little-endian). Kind 1 is an entry: f64 its number, f64 what it counts, u16 the length of its session (0xffff: for all), the session,
 * the message as in the WebSocket subprotocol v1. Kind 2 is a head, the first record of every segment, kind 3 a note, both JSON. A record
 * that is cut off or damaged ends what can be read of a segment.
 */
export type SegmentRecord =
  | { readonly kind: 'entry'; readonly entry: LogEntry }
  | { readonly kind: 'head'; readonly head: SegmentHead }
  | { readonly kind: 'note'; readonly note: SegmentNote };

/** Where a segment begins. */
export interface SegmentHead {
  /** The entry before its first; null: those before are lost. */
  readonly follows: number | null;
  /** How much there was before. */
  readonly toAll: Tally;
  readonly to: readonly (readonly [string, Tally])[];
  readonly places: readonly (readonly [string, number])[];
  readonly requests: readonly OpenRequest[];
  readonly runs: Runs | null;
}

/** What has changed beside the entries. */
export interface SegmentNote {
  readonly places?: readonly (readonly [string, number])[];
  readonly asked?: readonly OpenRequest[];
  readonly runs?: Runs | null;
}

const [ENTRY, HEAD, NOTE] = [1, 2, 3];
const FOR_ALL = 0xffff;
const FRAME = 8;
/** Characters of a session's name; nobody comes back by a longer one, but a kernel may answer to it. */
const LONGEST_SESSION = 4096;

/** @throws ProtocolError where the message cannot be written */
export function encodeEntry({ seq, to, message, bytes }: LogEntry): Uint8Array {
  const session = to === null ? Buffer.alloc(0) : Buffer.from(to.slice(0, LONGEST_SESSION));
  const body = encodeWebSocketV1(message);
  const fields = Buffer.alloc(19);
  fields.writeUInt8(ENTRY, 0);
  fields.writeDoubleLE(seq, 1);
  fields.writeDoubleLE(bytes, 9);
  fields.writeUInt16LE(to === null ? FOR_ALL : session.byteLength, 17);
  return framed([fields, session, body]);
}

export function encodeHead(head: SegmentHead): Uint8Array {
  return framed([Buffer.from([HEAD]), Buffer.from(JSON.stringify(head))]);
}

export function encodeNote(note: SegmentNote): Uint8Array {
  return framed([Buffer.from([NOTE]), Buffer.from(JSON.stringify(note))]);
}

function framed(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const { byteLength } of parts) length += byteLength;
  const whole = Buffer.allocUnsafe(FRAME + length);
  let at = FRAME;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  whole.writeUInt32LE(length, 0);
  whole.writeUInt32LE(crc32(whole.subarray(FRAME)), 4);
  return whole;
}

/** What can be read of a segment, and whether that is less than there is. Messages are views of `data`. */
export function decodeSegment(data: Buffer): { records: SegmentRecord[]; isCut: boolean } {
  const records: SegmentRecord[] = [];
  let at = 0;
  while (at + FRAME < data.byteLength) {
    const length = data.readUInt32LE(at);
    const body = data.subarray(at + FRAME, at + FRAME + length);
    if (length === 0 || body.byteLength < length || crc32(body) !== data.readUInt32LE(at + 4)) break;
    const record = decodeRecord(body);
    if (record === null) break;
    records.push(record);
    at += FRAME + length;
  }
  return { records, isCut: at < data.byteLength };
}

function decodeRecord(body: Buffer): SegmentRecord | null {
  try {
    const kind = body.readUInt8(0);
    if (kind === HEAD) return { kind: 'head', head: JSON.parse(body.toString('utf8', 1)) as SegmentHead };
    if (kind === NOTE) return { kind: 'note', note: JSON.parse(body.toString('utf8', 1)) as SegmentNote };
    if (kind !== ENTRY) return null;
    const length = body.readUInt16LE(17);
    const end = length === FOR_ALL ? 19 : 19 + length;
    const to = length === FOR_ALL ? null : body.toString('utf8', 19, end);
    const message = decodeWebSocketV1(body.subarray(end));
    return { kind: 'entry', entry: { seq: body.readDoubleLE(1), bytes: body.readDoubleLE(9), to, message } };
  } catch {
    // of another version, or damaged in a way that the checksum does not see
    return null;
  }
}
