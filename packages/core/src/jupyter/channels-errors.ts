import type { ChannelsGone } from '../channels/index.js';
import { KernelkitError } from '../errors/index.js';

/** The channels are closed, or their kernel is gone; what was to be sent was not. */
export class ServerChannelsGoneError extends KernelkitError {
  constructor(gone: ChannelsGone) {
    super('channels-gone', gone.message, { cause: gone.cause });
  }
}

/** The server does not know the kernel: it was shut down, culled, or the server was started anew. */
export class KernelRemovedError extends KernelkitError {
  constructor(id: string) {
    super('kernel-removed', `the server has no kernel ${id}: it was shut down, or the server was started anew`, {
      fix: 'start a kernel, or look at those that run (JupyterServer.kernels)',
    });
  }
}
