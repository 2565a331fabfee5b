import type { KernelSource } from '../catalog/index.js';
import { listServer, type ServerSettings, type ServerSourceOptions, shownUrl } from '../jupyter/index.js';

/** A server as a source of the catalog: its kernelspecs, and every kernel that runs there. */
export function serverSource(settings: ServerSettings, options: ServerSourceOptions = {}): KernelSource {
  return {
    name: `server ${shownUrl(settings.baseUrl)}`,
    find: ({ signal }) => listServer(settings, options, signal),
  };
}
