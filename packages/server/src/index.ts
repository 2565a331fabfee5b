/** Jupyter Server's contract over kernels that core starts: a fetch handler and a socket class, in-process or on a port. */
export { type Entrance, type Guard, isLoopback, isToken, newToken, tokenGuard, tokenOf } from './auth/index.js';
export type { InProcessSocket, InProcessSocketClass } from './channels/index.js';
export type { GatewayEvent } from './events.js';
export { createGateway, type Gateway, type GatewayOptions, openGateway } from './gateway.js';
export { KeepError, type KeepOptions, type KeptLook, lookAtKept } from './keep/index.js';
export {
  BadEnvironmentError,
  type CullOptions,
  type HubFactory,
  type KernelModel,
  Kernels,
  type NewKernel,
  type ServedKernel,
  TooManyKernelsError,
  type TrustedFailure,
  type TrustedModel,
  type TrustedStart,
  TrustedStartError,
  UnknownKernelError,
} from './kernels/index.js';
export {
  CannotListenError,
  type ConnectionSettings,
  type Listening,
  type ListenOptions,
  TlsFilesError,
  type TlsOptions,
  type WebSocketSettings,
} from './node/index.js';
export { SessionError, type SessionModel, Sessions } from './sessions/index.js';
export { type KernelSpecModel, KernelSpecs, UnknownSpecError } from './specs/index.js';
