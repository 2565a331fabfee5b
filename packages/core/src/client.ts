/**
 * The browser's door, `@kernelkit/core/client`: kernels behind a Jupyter server, over the page's own fetch and WebSocket. What it reaches
 * imports nothing of Node (scripts/check-imports.mjs). Node's door, `@kernelkit/core`, adds proxies, certificates and passwords.
 */
import {
  browserNetwork,
  serverFromUrl as fromUrl,
  type PastedServer,
  type ServerFromUrlOptions,
} from './jupyter/index.js';

export type { JupyterMessage } from '@kernelkit/protocol';
export type { ChannelNotice, KernelInfo } from './channels/index.js';
export { AbortedError, KernelkitError } from './errors/index.js';
export { complete as completeMessage } from './hub/complete.js';
export type { KernelEnd } from './hub/end.js';
export {
  authHeaders,
  browserNetwork,
  type ConnectServerKernelOptions,
  connectServerKernel,
  type HubAddress,
  type HubProgress,
  type HubServerOptions,
  hubServer,
  isServerEntry,
  JupyterServer,
  type JupyterServerOptions,
  type KernelModel,
  KernelRemovedError,
  type KernelRequest,
  type KernelSpecsModel,
  kernelRest,
  listServer,
  type Network,
  type PastedServer,
  parseServerUrl,
  type ReconnectOptions,
  type RemoteKernel,
  type ServerAddress,
  ServerChannelsGoneError,
  type ServerEntry,
  ServerError,
  type ServerErrorKind,
  type ServerFromUrlOptions,
  ServerKernelDeadError,
  type ServerListing,
  type ServerNotice,
  type ServerRequestOptions,
  type ServerSettings,
  type ServerSourceOptions,
  ServerStartFailedError,
  type SessionChanges,
  type SessionModel,
  type SessionRequest,
  SessionTakenError,
  type StartNotice,
  type StartServerKernelOptions,
  shownUrl,
  startServerKernel,
  WebSocketFailedError,
  type WebSocketLike,
  type WebSocketOptions,
  withoutSecrets,
  withSettings,
} from './jupyter/index.js';
export * from './kernel/index.js';

/**
 * How to reach the server of a pasted URL, from this page unless another network is given. Asks nobody anything.
 * @throws ServerError server-url-invalid
 */
export function serverFromUrl(pasted: string, options: ServerFromUrlOptions = {}): PastedServer {
  return fromUrl(pasted, { ...options, network: options.network ?? browserNetwork() });
}
