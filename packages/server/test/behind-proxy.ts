import { readFileSync } from 'node:fs';
import { HttpProxy } from '../../../testing/proxy/index.js';
import { jupyterServer, type RunningJupyter } from '../../../testing/servers/index.js';
import type { RecipeOf, RunningProxy } from './proxy-recipes.js';
import { type TestGateway, testGateway } from './support.js';

/** A Jupyter server and a gateway as one site. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly lab: RunningJupyter;
  readonly served: TestGateway;
  readonly proxy: RunningProxy;
}

export interface SiteOptions {
  readonly version?: 'new' | 'lab';
  /** The name that it is asked for by. */
  readonly host?: string;
  readonly baseUrl?: string;
  readonly gateway?: typeof testGateway;
  /** Another proxy than the suite's own, for the base URL /. */
  readonly by?: (site: RecipeOf) => Promise<RunningProxy>;
}

const DOCS = new URL('../../../docs/gateway.md', import.meta.url);

/** The paths that docs/gateway.md gives to the gateway, which is the same in all its recipes. */
function ours(baseUrl: string): RegExp {
  const said = readFileSync(DOCS, 'utf8').matchAll(/(?:location ~|path_regexp) \^\/(\S+)/g);
  const [one, ...others] = new Set(Array.from(said, ([, path]) => path));
  if (one === undefined || others.length > 0)
    throw new Error('docs/gateway.md gives the gateway no paths, or different ones');
  return new RegExp(`^${baseUrl}${one}`);
}

export async function behindProxy(options: SiteOptions = {}): Promise<Site> {
  const { version = 'new', host = '127.0.0.1', baseUrl = '/', gateway = testGateway, by } = options;
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
    const served = own(await gateway({ token: lab.token, baseUrl, rootDir: lab.root, allowedHosts: [host] }));
    const { port } = await served.gateway.listen({ port: 0 });
    const routes = [
      {
        ...{ path: ours(baseUrl), port: port! },
        // a page has the other server's cookie, and no token for a WebSocket: that server is asked who it is, and the proxy brings the token
        asks: { port: lab.port, path: `${baseUrl}api/me` },
        headers: { Authorization: `token ${lab.token}` },
      },
      { path: /^/, port: lab.port },
    ];
    const site = { lab: lab.port, gateway: port!, token: lab.token, host };
    const proxy = own(by === undefined ? await HttpProxy.to(routes) : await by(site));
    const url = `http://${host}:${proxy.port}${baseUrl}`;
    return { url, token: lab.token, lab, served, proxy, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
