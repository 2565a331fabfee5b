import { catalog, JupyterServer, nodeNetwork, serverFromUrl } from '@kernelkit/core';
import { createGateway } from '@kernelkit/server';
import { faultyArgv } from '../../../testing/faulty/index.js';
import { jupyterServer, writeKernelspecs } from '../../../testing/servers/index.js';
import { isolatedEnv, type KernelName, kernels } from '../../../testing/support/index.js';
import { type LabServerSettings, serverSettings } from '../src/index.js';

/** A way from @jupyterlab/services to kernels: python3, `faulty`, which does what it is told, and others where there are some. */
export interface Door extends AsyncDisposable {
  readonly settings: LabServerSettings;
  /** The kernels that are there. */
  running(): Promise<number>;
}

export type DoorName = 'in-process' | 'gateway' | 'jupyter_server';

/** A kernel that says why it cannot start, and ends. */
const BROKEN = {
  ...{ display_name: 'Broken', language: 'x' },
  argv: ['/bin/sh', '-c', 'echo the last words >&2; exit 3', 'sh', '{connection_file}'],
};

const faulty = () => ({ argv: faultyArgv(), display_name: 'Faulty', language: 'x' });

const NAMES: readonly KernelName[] = ['ipykernel', 'ir', 'xpython'];

export async function openDoor(name: DoorName): Promise<Door> {
  const there = NAMES.filter((each) => kernels().get(each)?.available);
  return name === 'jupyter_server' ? jupyterDoor(there) : gatewayDoor(there, name === 'gateway');
}

async function jupyterDoor(there: readonly KernelName[]): Promise<Door> {
  const server = await jupyterServer({
    ...{ kernels: there, specs: { faulty: faulty() } },
    config: { ZMQChannelsWebsocketConnection: { limit_rate: false } },
  });
  const network = await nodeNetwork({ env: {} });
  const settings = serverFromUrl(server.url, { token: server.token, network });
  return {
    settings: serverSettings(settings),
    running: async () => (await new JupyterServer(settings).kernels()).length,
    [Symbol.asyncDispose]: () => disposed(network, server),
  };
}

async function gatewayDoor(there: readonly KernelName[], onPort: boolean): Promise<Door> {
  const home = await isolatedEnv();
  await writeKernelspecs(home, there);
  for (const [name, spec] of Object.entries({ broken: BROKEN, faulty: faulty() })) {
    await home.dir.write(`home/.local/share/jupyter/kernels/${name}/kernel.json`, JSON.stringify(spec));
  }
  const rootDir = await home.dir.dir('root');
  const gateway = createGateway({
    ...{ rootDir, env: home.env, autoRestart: false },
    find: (signal) => catalog({ cwd: rootDir, env: home.env, home: home.home, signal }),
  });
  const network = await nodeNetwork({ env: {} });
  const settings = onPort
    ? serverSettings(serverFromUrl((await gateway.listen({ port: 0 })).url, { token: gateway.token, network }))
    : serverSettings(gateway);
  return {
    settings,
    running: async () => gateway.kernels.list().length,
    [Symbol.asyncDispose]: () => disposed(network, gateway, home),
  };
}

async function disposed(...all: readonly AsyncDisposable[]): Promise<void> {
  for (const each of all) await each[Symbol.asyncDispose]();
}
