import { answer } from '../rest/answers.js';
import type { Browsers } from './browser.js';
import type { Guard } from './guard.js';
import { isToken, tokenOf } from './token.js';
import { whyForeign } from './xsrf.js';

/**
 * Where people come in: `/?token=…` or `/login?token=…` gives the browser a cookie and sends it on to an address without the token;
 * `/logout` takes the cookie back.
 */
export function loginGuard(token: string, browsers: Browsers, baseUrl: string): Guard {
  return async (request, { kind, path }) => {
    if (kind !== 'rest' || (path !== '/' && path !== '/login' && path !== '/logout')) return null;
    if (request.method !== 'GET' && request.method !== 'HEAD' && path !== '/logout') return null;
    const session = await browsers.sessionOf(request);
    if (path === '/logout') {
      if (session === null) return page('You are not logged in.');
      const why = whyForeign(request, kind, session);
      if (why !== null) return forbidden(why);
      return page('You are logged out.', browsers.logOut(request, session));
    }
    const isShown = token !== '' && isToken(tokenOf(request), token);
    if (isShown && new URL(request.url).searchParams.has('token')) {
      // the token stays in no address bar and no history
      return redirect(baseUrl, await browsers.logIn(request));
    }
    if (token !== '' && !isShown && session === null) return forbidden('Open this address with ?token=…');
    return path === '/login' ? redirect(baseUrl) : page(NOTICE);
  };
}

const NOTICE = `This is a Kernelkit gateway: Jupyter front ends use the kernels of this machine through it. It has no notebooks of its own.
See api/kernelspecs, api/kernels, api/status and api/spec.json; logout ends this browser's login.`;

function forbidden(reason: string): Response {
  return answer(403, { message: 'Forbidden', reason });
}

function page(text: string, cookies: readonly string[] = []): Response {
  return withCookies(new Response(`${text}\n`, { headers: { 'Content-Type': 'text/plain; charset=utf-8' } }), cookies);
}

function redirect(to: string, cookies: readonly string[] = []): Response {
  const headers = { Location: to, 'Referrer-Policy': 'no-referrer' };
  return withCookies(new Response(null, { status: 302, headers }), cookies);
}

function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie);
  return response;
}
