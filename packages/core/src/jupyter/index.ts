/** Kernels behind a Jupyter server: REST and WebSocket. Runs in a browser. */
export { type HubAddress, parseServerUrl, type ServerAddress } from './address.js';
export { browserNetwork } from './browser-network.js';
export { WebSocketChannels } from './channels.js';
export { KernelRemovedError, ServerChannelsGoneError } from './channels-errors.js';
export type { ChannelsHooks, WebSocketOptions } from './channels-options.js';
export { ServerError, type ServerErrorDetails, type ServerErrorKind } from './errors.js';
export { type Asked, networkFailure } from './failures.js';
export { type HubProgress, type HubServerOptions, hubServer } from './hub.js';
export { kernelRest } from './kernel-rest.js';
export type { ServerNotice } from './models.js';
export type { ReconnectOptions } from './reconnect.js';
export type { ServerRequestOptions } from './request.js';
export { shownUrl, withoutSecrets } from './secrets.js';
export {
  JupyterServer,
  type JupyterServerOptions,
  type KernelRequest,
  type SessionChanges,
  type SessionRequest,
} from './server.js';
export { ServerHost, type ServerHostOptions } from './server-host.js';
export {
  type ConnectServerKernelOptions,
  connectServerKernel,
  type StartServerKernelOptions,
  startServerKernel,
} from './server-kernel.js';
export {
  ServerKernelDeadError,
  ServerStartFailedError,
  SessionTakenError,
  type StartNotice,
} from './server-kernel-errors.js';
export type { KernelRest, KernelStartRest, NewSession } from './server-kernel-rest.js';
export type { PlannedExchange, PlannedRequest } from './server-plan.js';
export { planExchange } from './server-plan.js';
export {
  authHeaders,
  type PastedServer,
  platformNetwork,
  type ServerFromUrlOptions,
  secretsOf,
  serverFromUrl,
  withSettings,
} from './settings.js';
export {
  isServerEntry,
  listServer,
  type RemoteKernel,
  type ServerEntry,
  type ServerListing,
  type ServerSourceOptions,
} from './source.js';
export type { KernelModel, KernelSpecsModel, Network, ServerSettings, SessionModel, WebSocketLike } from './types.js';
export { WebSocketFailedError } from './websocket.js';
