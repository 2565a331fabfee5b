import type { ServerRequestOptions } from './request.js';
import type { JupyterServer } from './server.js';
import type { KernelStartRest } from './server-kernel-rest.js';

/** What a kernel's connection asks, asked through a server's client: its failures are ServerErrors. */
export function kernelRest(server: JupyterServer): KernelStartRest {
  const by = (signal?: AbortSignal): ServerRequestOptions => (signal === undefined ? {} : { signal });
  return {
    get: (id, signal) => server.kernel(id, by(signal)),
    interrupt: (id, signal) => server.interruptKernel(id, by(signal)),
    restart: async (id, signal) => void (await server.restartKernel(id, by(signal))),
    remove: async (id, signal) => void (await server.deleteKernel(id, by(signal))),
    createKernel: (what, signal) => server.startKernel(what, by(signal)),
    createSession({ kernel: { name, id }, ...what }, signal) {
      const kernel = id !== undefined ? { id } : name !== undefined ? { name } : undefined;
      return server.createSession({ ...what, ...(kernel && { kernel }) }, by(signal));
    },
    renameSession: async (id, name, signal) => void (await server.patchSession(id, { name }, by(signal))),
    removeSession: async (id, signal) => void (await server.deleteSession(id, by(signal))),
  };
}
