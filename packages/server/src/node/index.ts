/** The gateway on a port or a Unix socket. */
export { CannotListenError, TlsFilesError } from './errors.js';
export { CONNECTION_DEFAULTS, type ConnectionSettings } from './limits.js';
export { type Listening, type ListenOptions, listen } from './listen.js';
export type { TlsOptions } from './tls.js';
export type { WebSocketSettings } from './websocket.js';
