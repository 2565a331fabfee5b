export { complete as completeMessage } from './complete.js';
export type { KernelEnd } from './end.js';
export { HubClosedError } from './errors.js';
export { KernelHub } from './hub.js';
export { HubLog, type LogBounds } from './log.js';
export { LogReader } from './reader.js';
export type * from './types.js';
