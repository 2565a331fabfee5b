import { type NodeNetwork, nodeNetwork, type ServerSettings } from '@kernelkit/core';
import { jupyterServer, type RunningJupyter } from '../../testing/servers/index.js';
import type { KernelName } from '../../testing/support/index.js';

/** A jupyter_server 2.x that has just begun, and the way to it. */
export interface BenchServer extends AsyncDisposable {
  readonly running: RunningJupyter;
  readonly settings: ServerSettings;
}

/** Cold: a process of its own, in a home that has nothing. */
export async function startServer(kernels: readonly KernelName[]): Promise<BenchServer> {
  const running = await jupyterServer({ kernels });
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
