import { ServerError } from './errors.js';
import { shownUrl } from './secrets.js';

/** The origin that asks, where it is not the one that is asked; null where it is, and outside browsers. */
export function foreignTo(url: string): string | null {
  const { location } = globalThis as { location?: { origin?: unknown } };
  if (typeof location?.origin !== 'string') return null;
  return new URL(url.replace(/^ws/, 'http')).origin === location.origin ? null : location.origin;
}

/**
 * What a fetch meant that the browser says nothing of. Jupyter servers leave `Access-Control-Allow-Origin` off every error, so that a page
 * cannot tell a wrong token, or a kernel that is gone, from a server that is not there.
 *
 * @param page its origin
 * @param error fetch's own
 * @returns the answer after all, or the 404 that it must have been
 * @throws ServerError; `error` where nothing answers
 */
export async function hiddenAnswer(input: string, init: RequestInit, page: string, error: unknown): Promise<Response> {
  const { origin, pathname } = new URL(input);
  const url = origin + pathname;
  const signal = init.signal ?? null;
  const api = /^.*\/api(?=\/|$)/.exec(url)?.[0];
  // Everybody may ask for the version
  const mayAsk = api !== undefined && (await readable(api, { credentials: 'omit', signal })) !== null;
  if (!mayAsk) {
    if (await answers(url, signal)) throw notAllowed(url, page, error);
    throw error;
  }
  const one = /\/api\/(kernels|sessions)\/([^/]+)/.exec(pathname);
  const { headers, credentials } = init;
  const asked = { signal, ...(headers && { headers }), ...(credentials && { credentials }) };
  const list = await readable(`${api}/${one?.[1] ?? 'kernels'}`, asked);
  if (list === null) throw unauthorized(url, error);
  if (one !== null && !(await isListed(list, decodeURIComponent(one[2]!)))) {
    return new Response(null, { status: 404 });
  }
  // The network may have been away for that moment; what changes something is not done twice
  const again = (init.method ?? 'GET') === 'GET' ? await readable(input, init) : null;
  if (again !== null) return again;
  throw new ServerError('server-refused', `${url}: it was refused, and this page may not read why`, {
    url,
    fix: `The server's log says why. So that pages can read its errors, add to its configuration: c.ServerApp.tornado_settings = {"headers": {"Access-Control-Allow-Origin": "${page}"}}`,
    cause: error,
  });
}

/** Why a WebSocket to another origin did not open, as far as a browser lets one know. */
export function webSocketFailure(url: string, page: string): ServerError {
  const shown = shownUrl(url);
  const what = `the browser does not say why; a server does that to pages of an origin that it was not told of (allow_origin=${page})`;
  return new ServerError('server-refused', `${shown}: ${what}`, { url: shown, fix: tellOrigin(page) });
}

function notAllowed(url: string, page: string, cause: unknown): ServerError {
  const what = `something answers, but not for pages of ${page} (allow_origin=${page})`;
  return new ServerError('server-refused', `${url}: ${what}`, { url, fix: tellOrigin(page), cause });
}

function tellOrigin(page: string): string {
  return `Start the server with --ServerApp.allow_origin=${page} (a classic notebook: --NotebookApp.allow_origin). If it was, see that the address is right.`;
}

function unauthorized(url: string, cause: unknown): ServerError {
  return new ServerError(
    'server-unauthorized',
    `${url}: the server is there and lets pages ask, but not with this token, or without one`,
    {
      url,
      fix: '"jupyter server list", where the server runs, prints its URL with the token that is valid now. Tokens change with every start unless one was set.',
      cause,
    },
  );
}

/** The answer, where it is no failure and the page may read it. */
async function readable(url: string, init: RequestInit): Promise<Response | null> {
  try {
    const response = await fetch(url, init);
    return response.ok ? response : null;
  } catch {
    return null;
  }
}

/** Whether anything answers there. A page may ask everybody for what it then may not read; nothing of the request goes with it. */
async function answers(url: string, signal: AbortSignal | null): Promise<boolean> {
  try {
    await fetch(url, { mode: 'no-cors', credentials: 'omit', signal });
    return true;
  } catch {
    return false;
  }
}

/** When in doubt, it is. */
async function isListed(list: Response, id: string): Promise<boolean> {
  try {
    const models: unknown = await list.json();
    return !Array.isArray(models) || models.some((model: { id?: unknown } | null) => model?.id === id);
  } catch {
    return true;
  }
}
