import type { Dispatcher } from 'undici';
import type { Network } from '../jupyter/index.js';
import { type ProxyVariables, proxyFor } from './proxies.js';
import { socketOpener } from './sockets.js';
import { readTrust, type TrustOptions } from './trust.js';

/** Proxies and certificates on the way to a server. */
export interface NodeNetworkOptions extends TrustOptions {
  /** Where the proxy variables are read. Default: the process's environment; `{}`: no proxy. */
  readonly env?: ProxyVariables;
  /** A Unix socket (on Windows a named pipe) that everything goes to, whatever host its URL names; no proxy is asked. Default: none. */
  readonly socketPath?: string;
}

export interface NodeNetwork extends Network, AsyncDisposable {
  /** Ends the connections that are kept for later. Without it they end by themselves, and keep no process alive. */
  close(): Promise<void>;
}

/**
 * Node's way to servers: authorities and certificates of one's own, and proxies.
 * @throws ServerError server-tls where a certificate cannot be read
 */
export async function nodeNetwork(options: NodeNetworkOptions = {}): Promise<NodeNetwork> {
  // only whoever has a server pays for loading them
  const [trust, { default: undici }, ws] = await Promise.all([readTrust(options), import('undici'), import('ws')]);
  const { socketPath } = options;
  const env = socketPath === undefined ? (options.env ?? process.env) : {};
  const ways = new Map<string, Dispatcher>();
  const wayTo = (url: string): Dispatcher => {
    const proxy = proxyFor(url, env);
    const key = proxy?.href ?? '';
    const known = ways.get(key);
    if (known !== undefined) return known;
    const way =
      proxy === null
        ? new undici.Agent({ connect: { ...trust, ...(socketPath !== undefined && { socketPath }) } })
        : new undici.ProxyAgent({
            uri: proxy.href,
            requestTls: { ...trust },
            proxyTls: { ...trust },
            // plain http as every proxy takes it: many open tunnels to port 443 only
            proxyTunnel: false,
          });
    ways.set(key, way);
    return way;
  };
  const close = async (): Promise<void> => {
    const open = [...ways.values()];
    ways.clear();
    await Promise.all(open.map((way) => way.destroy()));
  };
  return {
    // undici's own fetch: Node's takes no dispatcher of another release
    fetch: async (input, init) =>
      undici.fetch(input, { ...(init as object), dispatcher: wayTo(input) }) as unknown as Promise<Response>,
    openWebSocket: socketOpener(ws.WebSocket, trust, env, socketPath),
    close,
    [Symbol.asyncDispose]: close,
  };
}
