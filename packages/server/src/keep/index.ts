/** Kernels that outlive their gateway: what lies on the disk of them. */
export { KeepError } from './errors.js';
export { Keeper, type KeepOptions } from './keeper.js';
export type { KeptKernel } from './kept-kernel.js';
export { type KeptLook, lookAtKept } from './look.js';
export type { KeptStart } from './record.js';
