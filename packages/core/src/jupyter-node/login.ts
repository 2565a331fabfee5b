import { AbortedError } from '../errors/index.js';
import {
  type Network,
  networkFailure,
  ServerError,
  type ServerRequestOptions,
  type ServerSettings,
  shownUrl,
  withSettings,
} from '../jupyter/index.js';
import { Deadline } from '../wait/index.js';
import { cookieNetwork } from './session.js';

const LOGIN_MS = 30_000;

/**
 * Logs in with a password, as the form of a Jupyter server's login page does. The password is kept, to log in again when the server no
 * longer knows the cookie (it was started anew, or the cookie is old).
 *
 * @throws ServerError, AbortedError
 */
export async function logIn<T extends ServerSettings>(
  settings: T,
  password: string,
  { signal, timeoutMs = LOGIN_MS }: ServerRequestOptions = {},
): Promise<T> {
  let first = signal;
  const session = cookieNetwork(settings, async (network) => {
    const what = `logging in at ${shownUrl(settings.baseUrl)}`;
    using deadline = new Deadline(timeoutMs, first);
    try {
      await sendForm(settings, network, password, deadline.signal);
    } catch (error) {
      if (first?.aborted) throw new AbortedError(what, first.reason);
      if (!deadline.hasPassed) throw error;
      const url = shownUrl(settings.baseUrl);
      throw new ServerError('server-timeout', `${what} took longer than ${timeoutMs / 1000} s`, {
        url,
        fix: 'The server is busy or hangs, or something on the way to it does. Look at its log.',
      });
    }
  });
  await session.logIn();
  // whoever wanted the first login to end has no say in the later ones
  first = undefined;
  return withSettings(settings, { network: session.network } as Partial<T>);
}

async function sendForm(
  settings: ServerSettings,
  network: Network,
  password: string,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL('login', settings.baseUrl).href;
  const shown = shownUrl(url);
  const options = { headers: settings.headers, redirect: 'manual' as const, signal };
  const page = await attempt(network, url, options, shown);
  const text = await page.text();
  // It sends on whoever needs no login.
  if (page.status >= 300 && page.status < 400 && !/hub|oauth/.test(page.headers.get('location') ?? '')) return;
  if (page.status !== 200 || !/name=["']?password/i.test(text)) {
    throw new ServerError('server-refused', `${shown}: there is no form here that takes a password (${page.status})`, {
      url: shown,
      status: page.status,
      fix: 'Use a token. On a JupyterHub, make one at /hub/token.',
    });
  }
  const form = new URLSearchParams({ password });
  const xsrf = /name=["']_xsrf["'][^>]*value=["']([^"']+)/.exec(text)?.[1];
  if (xsrf !== undefined) form.set('_xsrf', xsrf);
  const answer = await attempt(
    network,
    url,
    {
      ...options,
      method: 'POST',
      headers: { ...settings.headers, 'Content-Type': 'application/x-www-form-urlencoded', Referer: url },
      body: form.toString(),
    },
    shown,
  );
  await answer.text();
  if (answer.status >= 300 && answer.status < 400) return;
  throw new ServerError('server-unauthorized', `${shown}: the password is wrong (${answer.status})`, {
    url: shown,
    status: answer.status,
    fix: 'Is it the password of this server? "jupyter server password", where it runs, sets another.',
  });
}

async function attempt(network: Network, url: string, init: RequestInit, shown: string): Promise<Response> {
  try {
    return await network.fetch(url, init);
  } catch (error) {
    throw init.signal?.aborted
      ? error
      : networkFailure(error, { url: shown, method: 'GET', secrets: [], hasCredentials: true });
  }
}
