/** Kernels that outlive their gateway: what lies on the disk of them. */
export { KeepError } from './errors.js';
export { Keeper, type KeepOptions } from './keeper.js';
export type { KeptKernel } from './kept-kernel.js';
export { holderOf } from './lock.js';
export { type KeptRecord, type KeptStart, readRecord } from './record.js';
