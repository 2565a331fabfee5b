import { type NodeNetwork, nodeNetwork, type ServerSettings } from '@kernelkit/core';
import { type JupyterServerOptions, jupyterServer } from '../../testing/servers/index.js';
import type { KernelName } from '../../testing/support/index.js';

/** A server's process, and where it answers. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  kill(): Promise<void>;
  /** Starts the same again, at the same place, after `kill`. */
  restart(): Promise<void>;
}

/** A server that has just begun, and the way to it. */
export interface BenchServer<P extends ServerProcess = ServerProcess> extends AsyncDisposable {
  readonly running: P;
  readonly settings: ServerSettings;
}

/** jupyter_server 2.x. Cold: a process of its own, in a home that has nothing. */
export async function startServer(
  kernels: readonly KernelName[],
  config: JupyterServerOptions['config'] = {},
): Promise<BenchServer> {
  return await reach(await jupyterServer({ kernels, config }));
}

/** The way to a server; it ends with the way. */
export async function reach<P extends ServerProcess>(running: P): Promise<BenchServer<P>> {
  let network: NodeNetwork | null = null;
  try {
    network = await nodeNetwork({ env: {} });
  } finally {
    if (network === null) await running[Symbol.asyncDispose]();
  }
  const { close } = network;
  return {
    running,
    settings: { baseUrl: running.url, token: running.token, headers: {}, network },
    async [Symbol.asyncDispose]() {
      await close();
      await running[Symbol.asyncDispose]();
    },
  };
}
