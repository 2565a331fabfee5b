import { parseServerUrl, type ServerAddress } from './address.js';
import { ServerError } from './errors.js';
import { isHeaderWord, shownUrl } from './secrets.js';
import type { Network, ServerSettings } from './types.js';

/** What a pasted URL does not say of the way to its server. */
export interface ServerFromUrlOptions {
  /** Default: the platform's own fetch and WebSocket. */
  readonly network?: Network;
  /** Instead of the URL's. */
  readonly token?: string;
  /** Sent with every request: what a proxy in front of the server asks for. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The settings, and what else the URL said. */
export interface PastedServer extends ServerSettings, Pick<ServerAddress, 'path' | 'hub'> {}

/**
 * How to reach the server of a pasted URL. Asks nobody anything.
 * @throws ServerError server-url-invalid
 */
export function serverFromUrl(pasted: string, options: ServerFromUrlOptions = {}): PastedServer {
  const { baseUrl, token, path, hub } = parseServerUrl(pasted);
  const settings = { baseUrl, token: options.token?.trim() ?? token, headers: { ...options.headers } };
  checkHeaders(settings);
  return masked({ ...settings, network: options.network ?? platformNetwork(), path, hub });
}

/** The same with something changed, masked as before. A spread would lose the mask. */
export function withSettings<T extends ServerSettings>(settings: T, changes: Partial<T>): T {
  const changed = { ...settings, ...changes };
  checkHeaders(changed);
  return masked(changed);
}

/** The platform's own, as browsers have them. */
export function platformNetwork(): Network {
  return {
    fetch: (input, init) => fetch(input, init),
    // Without the token of the URL nobody could let it in: a browser's WebSocket sends no headers
    openWebSocket: (url, protocols) => new WebSocket(url, [...protocols]) as ReturnType<Network['openWebSocket']>,
  };
}

/** What every request carries. `token`, and not `Bearer`: jupyter_server 1.x takes no other for what changes something. */
export function authHeaders({ token, headers }: ServerSettings): Record<string, string> {
  return token === '' ? { ...headers } : { Authorization: `token ${token}`, ...headers };
}

/** Everything in the settings that must not be seen. */
export function secretsOf({ token, headers }: Pick<ServerSettings, 'token' | 'headers'>): string[] {
  // "Bearer abc": the second word is the secret, and may turn up alone
  return [token, ...Object.values(headers).flatMap((value) => [value, ...value.split(/[\s;]+/)])].filter(
    (text) => text.length >= 8 || text === token,
  );
}

/** Node's name of the method that console.log asks; a registered symbol, so that nothing of Node is imported. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Settings that show nobody their secrets, however they are printed. */
export function masked<T extends ServerSettings>(settings: T): T {
  const shown = (): Record<string, unknown> => {
    const { network: _, token, headers, ...rest } = settings;
    const names = Object.keys(headers).map((name) => [name, '•••']);
    return { ...rest, token: token === '' ? '' : '•••', headers: Object.fromEntries(names) };
  };
  const hide = (value: unknown) => ({ value, enumerable: false });
  return Object.freeze(
    Object.defineProperties(
      { ...settings, headers: Object.freeze({ ...settings.headers }) },
      {
        toJSON: hide(shown),
        toString: hide(() => shownUrl(settings.baseUrl)),
        [INSPECT]: hide(shown),
      },
    ),
  ) as T;
}

/** fetch's own error for a bad header holds its value. */
function checkHeaders({ baseUrl, token, headers }: Pick<ServerSettings, 'baseUrl' | 'token' | 'headers'>): void {
  const bad = isHeaderWord(token)
    ? Object.entries(headers).find(
        ([name, value]) => !/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value),
      )
    : ['Authorization'];
  if (bad === undefined) return;
  const what = bad[0] === 'Authorization' ? 'the token' : `the header ${JSON.stringify(bad[0])}`;
  throw new ServerError('server-url-invalid', `${what} for ${shownUrl(baseUrl)} cannot be sent as a header`, {
    url: shownUrl(baseUrl),
    fix: 'It has a space, a line break or another character in it that no header may have: copy it again.',
  });
}
