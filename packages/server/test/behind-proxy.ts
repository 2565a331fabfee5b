import { HttpProxy } from '../../../testing/proxy/index.js';
import { jupyterServer, type RunningJupyter } from '../../../testing/servers/index.js';
import { type TestGateway, testGateway } from './support.js';

/** A Jupyter server and a gateway as one site. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly lab: RunningJupyter;
  readonly served: TestGateway;
  readonly proxy: HttpProxy;
}

export interface SiteOptions {
  readonly version?: 'new' | 'lab';
  /** The name that it is asked for by. */
  readonly host?: string;
  readonly baseUrl?: string;
  readonly gateway?: typeof testGateway;
}

/** The paths that docs/gateway.md, "Behind a reverse proxy", gives to the gateway. */
const OURS = /(?:\/api\/(?:kernels|kernelspecs|sessions)|\/kernelspecs)(?:\/|$)/;

export async function behindProxy(options: SiteOptions = {}): Promise<Site> {
  const { version = 'new', host = '127.0.0.1', baseUrl = '/', gateway = testGateway } = options;
  const ends: AsyncDisposable[] = [];
  const own = <T extends AsyncDisposable>(one: T): T => {
    ends.unshift(one);
    return one;
  };
  const close = async () => {
    for (const one of ends) await one[Symbol.asyncDispose]();
  };
  try {
    const config = { ServerApp: { local_hostnames: [host] } };
    const lab = own(await jupyterServer({ version, baseUrl, kernels: [], config }));
    const served = own(await gateway({ baseUrl, rootDir: lab.root, allowedHosts: [host] }));
    const { port } = await served.gateway.listen({ port: 0 });
    const routes = [
      {
        ...{ path: OURS, port: port! },
        // a page has the other server's cookie and no token of ours: that server is asked who it is, and the proxy brings the token
        asks: { port: lab.port, path: `${baseUrl}api/me` },
        headers: { Authorization: `token ${served.gateway.token}` },
      },
      { path: /^/, port: lab.port },
    ];
    const proxy = own(await HttpProxy.to(routes));
    const url = `http://${host}:${proxy.port}${baseUrl}`;
    return { url, token: lab.token, lab, served, proxy, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
