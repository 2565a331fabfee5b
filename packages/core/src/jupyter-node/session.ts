import { randomBytes } from 'node:crypto';
import type { Network, ServerSettings } from '../jupyter/index.js';
import { CookieJar } from './cookies.js';

const XSRF = '_xsrf';

/**
 * A network that keeps a server's cookies, and proves with each request that it is no other site's page that sends it: by the value
 * of a cookie in a header. `logIn` is called when the server no longer knows who it is, once for each request that it refuses.
 */
export function cookieNetwork(
  { network, baseUrl }: Pick<ServerSettings, 'network' | 'baseUrl'>,
  logIn: ((network: Network, jar: CookieJar) => Promise<void>) | null = null,
): { network: Network; logIn: () => Promise<void> } {
  const jar = new CookieJar(baseUrl);
  const { host, pathname } = new URL(baseUrl);
  const isOwn = (url: string): boolean => new URL(url).host === host;
  let pending: Promise<void> | null = null;

  const send: Network['fetch'] = async (input, init = {}) => {
    if (!isOwn(input)) return network.fetch(input, init);
    if (jar.get(XSRF, input) === null) {
      // It is the client that has to send the same twice. What a server sets itself comes in its place as soon as it does.
      jar.set(XSRF, randomBytes(16).toString('hex'), pathname);
    }
    const headers = new Headers(init.headers);
    headers.set('X-XSRFToken', jar.get(XSRF, input) ?? '');
    headers.set('Cookie', [jar.header(input), headers.get('Cookie')].filter(Boolean).join('; '));
    const response = await network.fetch(input, { ...init, headers: Object.fromEntries(headers) });
    jar.take(input, response.headers);
    return response;
  };

  const plain: Network = { fetch: send, openWebSocket: network.openWebSocket };
  // all that were refused at once wait for one login
  const again = (): Promise<void> => {
    pending ??= (logIn?.(plain, jar) ?? Promise.resolve()).finally(() => {
      pending = null;
    });
    return pending;
  };

  return {
    logIn: again,
    network: {
      async fetch(input, init) {
        const response = await send(input, init);
        if (logIn === null || !isOwn(input) || (response.status !== 401 && response.status !== 403)) return response;
        // A refusal did nothing: what was refused may be sent again.
        await response.text();
        await again();
        return send(input, init);
      },
      openWebSocket(url, protocols, headers) {
        const cookies = isOwn(url) ? jar.header(url.replace(/^ws/, 'http')) : null;
        return network.openWebSocket(url, protocols, cookies === null ? headers : { ...headers, Cookie: cookies });
      },
    },
  };
}
