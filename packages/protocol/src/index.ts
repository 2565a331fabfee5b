/** Jupyter messages: types, signing, wire encodings, connection info, kernelspecs. Pure: no I/O, no Node. */
export { adapt, majorVersion } from './adapt/index.js';
export { type ConnectionInfo, ConnectionInfoError, endpoint, parseConnectionInfo } from './connection.js';
export type * from './contents/index.js';
export { codePointLength, codePointOffset, utf16Offset } from './cursor.js';
export { ProtocolError, type ProtocolErrorCode } from './error.js';
export { parseLenientJson } from './json.js';
export { type KernelSpec, KernelSpecError, parseKernelSpec } from './kernelspec.js';
export {
  CHANNEL_NAMES,
  type ChannelName,
  createMessage,
  type Header,
  isChannelName,
  isMessage,
  type JupyterMessage,
  type MessageOptions,
  newSessionId,
  PROTOCOL_VERSION,
} from './message.js';
export type { DecodeOptions, EncodeOptions } from './parts.js';
export { type Signer, unsigned } from './signer.js';
export { hasUnreadContent, withUnreadContent } from './unread.js';
export { decodeWebSocketLegacy, encodeWebSocketLegacy } from './websocket-legacy.js';
export { decodeWebSocketV1, encodeWebSocketV1, WEBSOCKET_V1 } from './websocket-v1.js';
export { decodeZmq, encodeZmq, type ZmqMessage } from './zmq.js';
