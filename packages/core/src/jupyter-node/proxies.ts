import { BlockList, isIP } from 'node:net';
import { ServerError } from '../jupyter/index.js';

/** The variables that name proxies: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, in small letters too. */
export type ProxyVariables = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that leads to a URL, or null: none. As curl reads the variables, but for one thing: this machine itself is never asked for
 * through a proxy, which would not find it, and would see the token.
 *
 * @throws ServerError server-url-invalid where the variable names what is none
 */
export function proxyFor(url: string, env: ProxyVariables): URL | null {
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === 'https:' || protocol === 'wss:';
  if (isLoopback(hostname) || isExcluded(hostname, port || (isSecure ? '443' : '80'), read(env, 'no_proxy')))
    return null;
  const value = read(env, isSecure ? 'https_proxy' : 'http_proxy') || read(env, 'all_proxy');
  if (value === '') return null;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : null;
  if (proxy !== null && /^https?:$/.test(proxy.protocol)) return proxy;
  const what = proxy === null ? 'no URL' : `a proxy that speaks ${proxy.protocol.slice(0, -1)}`;
  // not the value: a proxy's URL may have a password in it
  throw new ServerError('server-url-invalid', `the variable for the proxy to ${hostname} names ${what}`, {
    url: hostname,
    fix: 'HTTP_PROXY and HTTPS_PROXY take http://host:port. NO_PROXY lists the hosts that are reached without.',
  });
}

function read(env: ProxyVariables, name: string): string {
  return (env[name] ?? env[name.toUpperCase()] ?? '').trim();
}

export function isLoopback(hostname: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

function isExcluded(hostname: string, port: string, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return list.split(/[\s,]+/).some((each) => each !== '' && fits(each.toLowerCase(), host, port));
}

/** `*`, `example.org` (and what lies below it), `.example.org`, `*.example.org`, `host:8888`, `10.0.0.0/8`. */
function fits(pattern: string, host: string, port: string): boolean {
  if (pattern === '*') return true;
  const subnet = /^([\da-f.:]+)\/(\d+)$/.exec(pattern);
  if (subnet !== null) return isWithin(host, subnet[1]!, Number(subnet[2]));
  const [, name = pattern, only] = /^(\[.*\]|[^:]*):(\d+)$/.exec(pattern) ?? [];
  if (only !== undefined && only !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`));
}

function isWithin(host: string, net: string, prefix: number): boolean {
  const family = isIP(net);
  if (family === 0 || isIP(host) !== family || prefix > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(net, prefix, type);
  return list.check(host, type);
}
