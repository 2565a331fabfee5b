/** Kernels for @jupyterlab/services: the settings that its managers and functions take. */
export { endManagers, type LabManager } from './end.js';
export { exactSerializer, objectSerializer } from './serializer.js';
export { serverSettings } from './settings.js';
export type { LabSerializer, LabServerSettings } from './types.js';
