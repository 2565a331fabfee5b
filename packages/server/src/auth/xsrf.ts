import { type BrowserSession, xsrfCookieOf } from './browser.js';
import type { Entrance } from './guard.js';
import { isOwnOrigin, mayUseCookie, type OriginRules } from './origin.js';
import { isToken } from './token.js';

/** Methods that change nothing. */
const SAFE = new Set(['GET', 'HEAD']);

/**
 * A browser sends its cookie whoever's page asks. What shows that it was the gateway's own page, as for Jupyter Server: for a request that
 * changes something `_xsrf` as header or argument; for one that does not, that, or where the browser says it comes from; for a WebSocket
 * its Origin.
 * @returns why not; null: it does
 */
export function whyForeign(
  request: Request,
  kind: Entrance['kind'],
  session: BrowserSession,
  rules: Omit<OriginRules, 'token'> = {},
): string | null {
  if (kind === 'websocket') {
    return isOwnOrigin(request) || mayUseCookie(request, rules)
      ? null
      : 'A WebSocket that has no token has to come from a page of this gateway (Origin).';
  }
  const brought = request.headers.get('x-xsrftoken') ?? new URL(request.url).searchParams.get('_xsrf');
  if (brought !== null && brought !== '') {
    const isRight = isToken(brought, session.xsrf) && isToken(xsrfCookieOf(request) ?? null, session.xsrf);
    return isRight ? null : "XSRF cookie does not match the '_xsrf' argument";
  }
  if (SAFE.has(request.method)) return isFromHere(request) ? null : 'Blocking request from unknown origin';
  return `'_xsrf' argument missing from ${request.method}`;
}

/** `none`: a person, by the address bar or a bookmark. Browsers that say nothing of that say where the link was. */
function isFromHere({ headers }: Request): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin' || site === 'none';
  const referer = headers.get('referer') ?? '';
  return URL.canParse(referer) && new URL(referer).host === headers.get('host')?.toLowerCase();
}
