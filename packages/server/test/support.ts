import { type CatalogEntry, catalog } from '@kernelkit/core';
import { writeKernelspecs } from '../../../testing/servers/index.js';
import { type IsolatedEnv, isolatedEnv, type KernelName } from '../../../testing/support/index.js';
import { createGateway, type Gateway, type GatewayEvent, type GatewayOptions, type Listening } from '../src/index.js';

export interface TestGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly home: IsolatedEnv;
  readonly root: string;
  readonly events: GatewayEvent[];
  /** A request of the REST API, in-process. */
  ask(method: string, path: string, body?: unknown): Promise<Response>;
  /** On a port of its own. */
  listen(): Promise<Listening>;
}

/** A gateway for a user who has these kernels and nothing else. */
export async function testGateway(
  options: GatewayOptions & { names?: readonly KernelName[] } = {},
): Promise<TestGateway> {
  const { names = ['ipykernel'], ...rest } = options;
  const home = await isolatedEnv();
  await writeKernelspecs(home, names);
  const root = await home.dir.dir('root');
  const events: GatewayEvent[] = [];
  const find = (signal: AbortSignal) => catalog({ cwd: root, env: home.env, home: home.home, signal });
  const gateway = createGateway({
    ...{ rootDir: root, env: home.env, find },
    onEvent: (event) => events.push(event),
    ...rest,
  });
  return {
    ...{ gateway, home, root, events },
    ask: (method, path, body) =>
      gateway.fetch(
        new Request(`http://in.process${gateway.baseUrl}${path}`, {
          method,
          ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        }),
      ),
    listen: () => gateway.listen({ port: 0 }),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

export type { CatalogEntry };
