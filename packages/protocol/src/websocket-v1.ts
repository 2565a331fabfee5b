import { describe, excerpt, ProtocolError } from './error.js';
import { decodeText } from './host.js';
import { isChannelName, type JupyterMessage } from './message.js';
import { decodeParts, type EncodeOptions, encodeParts } from './parts.js';

/** The subprotocol's name, to be offered in the WebSocket handshake. */
export const WEBSOCKET_V1 = 'v1.kernel.websocket.jupyter.org';

// Channel, header, parent header, metadata, content.
const FEWEST_PARTS = 5;

/**
 * One binary WebSocket message of the subprotocol `v1.kernel.websocket.jupyter.org`: u64 little-endian, the number of
 * offsets and the offsets; then the parts (channel, header, parent header, metadata, content, buffers). The last offset is
 * the end of the last part (jupyter_server, services/kernels/connection/base.py).
 *
 * Throws ProtocolError `bad-content` when a part cannot be JSON.
 */
export function encodeWebSocketV1(message: JupyterMessage, options?: EncodeOptions): Uint8Array {
  const parts = [...encodeParts(message.channel, message, options), ...message.buffers];
  let offset = 8 * (parts.length + 2);
  let total = offset;
  for (const part of parts) total += part.length;
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  writeU64(view, 0, parts.length + 1);
  writeU64(view, 8, offset);
  for (const [index, part] of parts.entries()) {
    bytes.set(part, offset);
    offset += part.length;
    writeU64(view, 8 * (index + 2), offset);
  }
  return bytes;
}

/**
 * The message in one binary WebSocket message of that subprotocol. Buffers and `contentBytes` are views of `data`.
 *
 * Throws ProtocolError: `too-short`, `bad-offsets`, `bad-channel`, `bad-json`, `bad-header`, `bad-content`, `too-large`.
 */
export function decodeWebSocketV1(data: Uint8Array | ArrayBuffer): JupyterMessage {
  const bytes = toBytes(data);
  const parts = splitV1(bytes);
  const name = decodeText(parts[0]!);
  if (!isChannelName(name)) {
    throw new ProtocolError(
      'bad-channel',
      `Reading a WebSocket message (v1): the channel is ${JSON.stringify(excerpt(name))}, and must be shell, control, stdin or iopub. The message is skipped.`,
      { part: 'channel' },
    );
  }
  return decodeParts(
    name,
    { header: parts[1]!, parent: parts[2]!, metadata: parts[3]!, content: parts[4]! },
    parts.slice(FEWEST_PARTS),
  );
}

function splitV1(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length < 8) throw tooShort(bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = readU64(view, 0);
  if (count < FEWEST_PARTS + 1) {
    throw new ProtocolError(
      'too-short',
      `Reading a WebSocket message (v1): it has ${Math.max(count - 1, 0)} parts, and a message needs at least ${FEWEST_PARTS}. The message is skipped.`,
    );
  }
  const table = 8 * (count + 1);
  if (!(table <= bytes.length)) throw tooShort(bytes.length);
  const parts: Uint8Array[] = [];
  let start = readU64(view, 8);
  if (start < table) throw badOffsets(0, start, bytes.length);
  for (let index = 1; index < count; index += 1) {
    const end = readU64(view, 8 * (index + 1));
    if (!(end >= start && end <= bytes.length)) throw badOffsets(index, end, bytes.length);
    parts.push(bytes.subarray(start, end));
    start = end;
  }
  return parts;
}

function tooShort(length: number): ProtocolError {
  return new ProtocolError(
    'too-short',
    `Reading a WebSocket message (v1): it ends after ${length} bytes, within the table of its offsets. The message is skipped; check that the peer speaks ${WEBSOCKET_V1}.`,
  );
}

function badOffsets(index: number, offset: number, length: number): ProtocolError {
  return new ProtocolError(
    'bad-offsets',
    `Reading a WebSocket message (v1): offset ${index} is ${offset}, which is not within the ${length} bytes or comes before the one before it. The message is skipped; check that the peer speaks ${WEBSOCKET_V1}.`,
  );
}

function writeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 0x1_0000_0000, true);
  view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}

// A value beyond 2^53 is inexact, and far beyond any length: the checks refuse it all the same.
function readU64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}

/** WebSockets hand out an ArrayBuffer or, in Node, a Buffer. */
export function toBytes(data: Uint8Array | ArrayBuffer): Uint8Array {
  // Not by instanceof: test runners and frames hand over arrays of another realm.
  if (ArrayBuffer.isView(data)) return data;
  if (Object.prototype.toString.call(data) === '[object ArrayBuffer]') return new Uint8Array(data);
  throw new ProtocolError(
    'bad-content',
    `Reading a WebSocket message: bytes are needed, and it is ${describe(data)}. Set the socket's binaryType to "arraybuffer".`,
  );
}
