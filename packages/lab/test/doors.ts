import { JupyterServer, nodeNetwork, serverFromUrl } from '@kernelkit/core';
import { createGateway, type GatewayEvent } from '@kernelkit/server';
import { jupyterServer, writeKernelspecs } from '../../../testing/servers/index.js';
import { isolatedEnv, type KernelName } from '../../../testing/support/index.js';
import { catalog } from '../../core/src/index.js';
import { type LabServerSettings, serverSettings } from '../src/index.js';

/** A way from @jupyterlab/services to kernels. */
export interface Door extends AsyncDisposable {
  readonly settings: LabServerSettings;
  /** What a gateway of ours told; empty for a server that is not ours. */
  readonly events: readonly GatewayEvent[];
  /** The kernels that run there. */
  running(): Promise<number>;
}

export type DoorName = 'in-process' | 'gateway' | 'jupyter_server';

export async function openDoor(name: DoorName, kernels: readonly KernelName[]): Promise<Door> {
  if (name === 'jupyter_server') {
    const server = await jupyterServer({ kernels, config: { ZMQChannelsWebsocketConnection: { limit_rate: false } } });
    const network = await nodeNetwork({ env: {} });
    const settings = serverFromUrl(server.url, { token: server.token, network });
    return {
      ...{ settings: serverSettings(settings), events: [] },
      running: async () => (await new JupyterServer(settings).kernels()).length,
      async [Symbol.asyncDispose]() {
        await network.close();
        await server[Symbol.asyncDispose]();
      },
    };
  }
  const home = await isolatedEnv();
  await writeKernelspecs(home, kernels);
  const rootDir = await home.dir.dir('root');
  const events: GatewayEvent[] = [];
  const gateway = createGateway({
    ...{ rootDir, env: home.env, autoRestart: false },
    find: (signal) => catalog({ cwd: rootDir, env: home.env, home: home.home, signal }),
    onEvent: (event) => events.push(event),
  });
  const network = await nodeNetwork({ env: {} });
  const settings =
    name === 'in-process'
      ? serverSettings(gateway)
      : serverSettings(serverFromUrl((await gateway.listen({ port: 0 })).url, { token: gateway.token, network }));
  return {
    ...{ settings, events },
    running: async () => gateway.kernels.list().length,
    async [Symbol.asyncDispose]() {
      await network.close();
      await gateway[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}
