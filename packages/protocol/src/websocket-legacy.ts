import type { MessageType } from './contents/index.js';
import { describe, ProtocolError } from './error.js';
import { encodeText } from './host.js';
import { isObject } from './json.js';
import { type Header, isChannelName, type JupyterMessage, PROTOCOL_VERSION } from './message.js';
import { completeHeader, objectOrEmpty, parsePart, readText, stringifyPart } from './parts.js';
import { toBytes } from './websocket-v1.js';

/**
 * One WebSocket message as Jupyter Server sends and takes it where no subprotocol was agreed upon: JSON text, or with buffers
 * binary: u32 big-endian, the number of parts and their offsets; then the JSON and the buffers
 * (jupyter_server, services/kernels/connection/base.py).
 *
 * Throws ProtocolError: `bad-content` when a part cannot be JSON, `too-large` beyond 4 GiB.
 */
export function encodeWebSocketLegacy(message: JupyterMessage): string | Uint8Array {
  const { header } = message;
  const text = `{"channel":"${message.channel}","msg_id":${JSON.stringify(header.msg_id)},"msg_type":${JSON.stringify(
    header.msg_type,
  )},"header":${stringifyPart('header', header)},"parent_header":${stringifyPart(
    'parent_header',
    message.parent_header,
  )},"metadata":${stringifyPart('metadata', message.metadata)},"content":${stringifyPart(
    'content',
    message.content,
  )},"buffers":[]}`;
  if (message.buffers.length === 0) return text;
  const parts = [encodeText(text), ...message.buffers];
  let offset = 4 * (parts.length + 1);
  let total = offset;
  for (const part of parts) total += part.length;
  checkLegacySize(total);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, parts.length);
  for (const [index, part] of parts.entries()) {
    view.setUint32(4 * (index + 1), offset);
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Offsets have 32 bits. Apart, so that a test need not hold 4 GiB. */
export function checkLegacySize(total: number): void {
  if (total <= 0xffff_ffff) return;
  throw new ProtocolError(
    'too-large',
    `Writing a WebSocket message: it has ${total} bytes, and the legacy encoding ends at 4 GiB. Send less at once, or agree on the v1 subprotocol.`,
  );
}

/**
 * The message in one WebSocket message of the legacy encoding: text, or bytes when it has buffers. A missing channel is
 * shell, as for Jupyter Server. Buffers are views of `data`. There is no `contentBytes`: the content is not a part of its own.
 *
 * Throws ProtocolError: `too-short`, `bad-offsets`, `bad-channel`, `bad-json`, `bad-header`, `bad-content`, `too-large`.
 */
export function decodeWebSocketLegacy(data: string | Uint8Array | ArrayBuffer): JupyterMessage {
  if (typeof data === 'string') return decodeJson(data, []);
  const [json, ...buffers] = splitLegacy(toBytes(data));
  return decodeJson(readText('message', json!), buffers);
}

function decodeJson(text: string, buffers: Uint8Array[]): JupyterMessage {
  const value = parsePart('message', text);
  if (!isObject(value)) {
    throw new ProtocolError(
      'bad-json',
      `Reading a WebSocket message: it is ${describe(value)}, and must be an object. The message is skipped.`,
      { part: 'message' },
    );
  }
  const channel = value.channel ?? 'shell';
  if (!isChannelName(channel)) {
    throw new ProtocolError(
      'bad-channel',
      `Reading a WebSocket message: the channel is ${describe(channel)}, and must be shell, control, stdin or iopub. The message is skipped.`,
      { part: 'channel' },
    );
  }
  return {
    channel,
    header: completeHeader(value.header, PROTOCOL_VERSION),
    parent_header: objectOrEmpty('parent_header', value.parent_header) as Partial<Header<MessageType>>,
    metadata: objectOrEmpty('metadata', value.metadata),
    content: objectOrEmpty('content', value.content) as JupyterMessage['content'],
    buffers,
  };
}

function splitLegacy(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length < 4 ? 0 : view.getUint32(0);
  const table = 4 * (count + 1);
  if (count < 1 || table > bytes.length) {
    throw new ProtocolError(
      'too-short',
      `Reading a WebSocket message: its ${bytes.length} bytes hold no table of ${count} offsets. The message is skipped; check that the peer did not agree on another subprotocol.`,
    );
  }
  const parts: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = view.getUint32(4 * (index + 1));
    const end = index + 1 < count ? view.getUint32(4 * (index + 2)) : bytes.length;
    if (start < table || end < start || end > bytes.length) {
      throw new ProtocolError(
        'bad-offsets',
        `Reading a WebSocket message: part ${index} goes from ${start} to ${end}, which does not fit its ${bytes.length} bytes. The message is skipped; check that the peer did not agree on another subprotocol.`,
      );
    }
    parts.push(bytes.subarray(start, end));
  }
  return parts;
}
