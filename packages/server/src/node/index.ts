/** The gateway on a port or a Unix socket. */
export { CannotListenError } from './errors.js';
export { type Listening, type ListenOptions, listen } from './listen.js';
export type { WebSocketSettings } from './websocket.js';
