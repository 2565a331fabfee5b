/** The kernels that the gateway runs: id → hub. */
export type { CullOptions } from './cull.js';
export { isToBeCulled } from './cull.js';
export { directoryFor, isWithin } from './directory.js';
export { allowedEnvironment, BadEnvironmentError } from './environment.js';
export { GatewayEndsError, TooManyKernelsError, UnknownKernelError } from './errors.js';
export {
  type HubFactory,
  Kernels,
  type KernelsOptions,
  modelOf,
  type NewKernel,
  type ServedKernel,
} from './manager.js';
export { type KernelModel, lastWordsOf, reasonOf } from './model.js';
export {
  readTrustedStart,
  type TrustedFailure,
  type TrustedModel,
  type TrustedStart,
  TrustedStartError,
} from './trusted.js';
