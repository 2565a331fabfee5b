/** An environment → the variables that activating it would set: computed from files, and by a shell only where there are scripts. */
export { activate } from './activate.js';
export { ActivationCache } from './cache.js';
export { type LoginEnvironment, LoginShellError, loginEnvironment } from './shell/login-environment.js';
export type {
  ActivateOptions,
  Activation,
  ActivationFallback,
  ActivationMethod,
  ActivationNote,
  ActivationProblem,
} from './types.js';
