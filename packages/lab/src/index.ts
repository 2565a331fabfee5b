/** Kernels for @jupyterlab/services: the settings that its managers and functions take. */
export { type LabKernelConnection, type LabKernelEnd, onKernelEnd } from './kernel-end.js';
export { endManagers, type LabManager } from './managers.js';
export { exactSerializer, objectSerializer } from './serializer.js';
export { serverSettings } from './settings.js';
export type { LabSerializer, LabServerSettings } from './types.js';
