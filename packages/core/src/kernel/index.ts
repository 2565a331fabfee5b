export { Comm, type CommExtras, type CommMessage, Comms, type CommTarget } from './comms.js';
export {
  InputNotAllowedError,
  InterruptTimeoutError,
  type KernelDeath,
  KernelDiedError,
  KernelGoneError,
  NoReplyError,
  ReplyError,
} from './errors.js';
export type { KernelEvents, KernelStatus } from './events.js';
export type { Health, InterruptUntilIdleOptions } from './health.js';
export type { KernelConnection, KernelHost, Revival } from './host.js';
export { InterruptUnsupportedError } from './interrupt.js';
export { Kernel } from './kernel.js';
export { outputEvent } from './output-event.js';
export * from './outputs.js';
export type { Answer, RequestOptions } from './shell-requests.js';
export type {
  ExecuteOptions,
  ExecuteResult,
  Execution,
  InputRequest,
  MimeBundle,
  Output,
  OutputEvent,
} from './types.js';
