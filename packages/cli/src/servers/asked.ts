import { resolve } from 'node:path';
import { parseServerUrl, shownUrl, type TrustOptions } from '@kernelkit/core';
import { UsageError } from '../errors.js';
import { hide, secretOf } from '../secrets.js';
import { checkServers, type ServerFlags } from './flags.js';
import { isServerName, NamedServers } from './named.js';

/** A server that the command line names, with what it takes to be let in. */
export interface AskedServer {
  /** Null: it was given by its URL. */
  name: string | null;
  /** As it was given: it may have a token in it. */
  url: string;
  /** As it may be shown. */
  shown: string;
  /** Null: none, or the URL's. */
  token: string | null;
  /** Null: nobody gave one (yet). */
  password: string | null;
  trust: Pick<TrustOptions, 'ca' | 'cert' | 'key' | 'insecure'>;
}

/**
 * The servers of the command line, each once.
 * @throws UsageError, ServersFileError
 */
export async function askedServers(flags: ServerFlags): Promise<AskedServer[]> {
  checkServers(flags);
  const named = new NamedServers();
  const found = new Map<string, AskedServer>();
  for (const given of flags.server ?? []) {
    const server = await askedServer(given, flags, named);
    if (!found.has(server.shown)) found.set(server.shown, server);
  }
  const servers = [...found.values()];
  fromEnvironment(servers);
  return servers;
}

async function askedServer(given: string, flags: ServerFlags, named: NamedServers): Promise<AskedServer> {
  const trust = trustOf(flags);
  const token = flags.token?.trim() || null;
  if (token !== null) hide(token);
  if (!isServerName(given)) return { name: null, ...addressOf(given), token, password: null, trust };
  const server = (await named.all()).get(given);
  if (server === undefined) {
    throw new UsageError(
      `there is no server ${JSON.stringify(given)}`,
      'kernelkit server list shows those with a name; a URL can be given as well (http://HOST:8888)',
    );
  }
  const own = token ?? (await named.tokenOf(given, server));
  if (own !== null) hide(own);
  const { ca, cert, key, insecure } = server;
  const kept = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(insecure && { insecure }) };
  return { name: given, ...addressOf(server.url), token: own, password: null, trust: { ...kept, ...trust } };
}

/** What is wrong with a URL is told when the server is asked for, as everything else that may be wrong with it. */
function addressOf(url: string): Pick<AskedServer, 'url' | 'shown'> {
  try {
    const { baseUrl, token } = parseServerUrl(url);
    hide(token);
    return { url, shown: shownUrl(baseUrl) };
  } catch {
    return { url, shown: shownUrl(url) };
  }
}

export function trustOf({ ca, cert, key, insecure }: ServerFlags): AskedServer['trust'] {
  return {
    ...(ca && { ca: ca.map((file) => resolve(file)) }),
    ...(cert !== undefined && { cert: resolve(cert) }),
    ...(key !== undefined && { key: resolve(key) }),
    ...(insecure === true && { insecure }),
  };
}

export function hasToken({ url, token }: Pick<AskedServer, 'url' | 'token'>): boolean {
  try {
    return token !== null || parseServerUrl(url).token !== '';
  } catch {
    return false;
  }
}

/**
 * KERNELKIT_TOKEN and KERNELKIT_PASSWORD are one server's: the one that has none of its own.
 * @throws UsageError where there are several
 */
function fromEnvironment(servers: readonly AskedServer[]): void {
  const [token, password] = [secretOf('KERNELKIT_TOKEN'), secretOf('KERNELKIT_PASSWORD')];
  const without = servers.filter((server) => !hasToken(server));
  const [one] = without;
  if (one === undefined || (token === null && password === null)) return;
  if (without.length > 1) {
    throw new UsageError(
      `${token === null ? 'KERNELKIT_PASSWORD' : 'KERNELKIT_TOKEN'} is set, and would be sent to ${without.length} servers`,
      'give each its own token in its URL (?token=…), or name the servers (kernelkit server add)',
    );
  }
  if (token !== null) one.token = token;
  else one.password = password;
}
