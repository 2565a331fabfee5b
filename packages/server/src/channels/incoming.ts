import {
  decodeWebSocketLegacy,
  decodeWebSocketV1,
  isChannelName,
  type JupyterMessage,
  ProtocolError,
} from '@kernelkit/protocol';
import type { Encoding } from './wire.js';

/** What a client sent, as the WebSocket gave it. */
export type Received = string | Uint8Array | ArrayBuffer | JupyterMessage;

/** The message in it; or why there is none. */
export function readIn(data: Received, encoding: Encoding, isText: boolean): JupyterMessage | string {
  try {
    const message =
      encoding === 'objects' && isObject(data) ? data : decode(data as string | Uint8Array, encoding, isText);
    // nobody but the kernel speaks there
    if (!isChannelName(message.channel) || message.channel === 'iopub') {
      return `no messages are taken on the channel ${JSON.stringify(message.channel)}`;
    }
    return message;
  } catch (error) {
    if (error instanceof ProtocolError) return error.message;
    return `it cannot be read: ${(error as Error).message}`;
  }
}

function decode(data: string | Uint8Array | ArrayBuffer, encoding: Encoding, isText: boolean): JupyterMessage {
  if (encoding === 'v1' && typeof data !== 'string' && !isText) return decodeWebSocketV1(data);
  if (typeof data === 'string' || !isText) return decodeWebSocketLegacy(data);
  // jupyter_server's gateway mode passes a browser's binary frames on as text, which they are not
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  return bytes[0] === OPENING_BRACE || isBlank(bytes[0])
    ? decodeWebSocketLegacy(new TextDecoder().decode(bytes))
    : decodeWebSocketLegacy(bytes);
}

const OPENING_BRACE = 0x7b;

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isObject(data: Received): data is JupyterMessage {
  return typeof data === 'object' && !ArrayBuffer.isView(data) && !(data instanceof ArrayBuffer) && 'header' in data;
}
