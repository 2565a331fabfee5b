import { Hono } from 'hono';
import { answerTo, failure, unhandled } from './answers.js';
import type { Contract } from './contract.js';
import { kernelRoutes } from './kernels.js';
import { kernelspecRoutes } from './kernelspecs.js';
import { serverRoutes } from './server.js';
import { sessionRoutes } from './sessions.js';

/** Asking these is no activity: monitors do it all the time. */
const UNCOUNTED = new Set(['/api/status', '/healthz', '/metrics', '/api']);

/** The REST API as one function from request to answer. It never throws. */
export function restHandler(contract: Contract): (request: Request) => Promise<Response> {
  const { counters, tell, baseUrl } = contract;
  // routes know nothing of the base URL
  const app = new Hono({ getPath: ({ url }) => pathBelow(url, baseUrl) ?? '/' });
  serverRoutes(app, contract);
  kernelspecRoutes(app, contract);
  kernelRoutes(app, contract);
  sessionRoutes(app, contract);
  // what has a path here, and not that method
  for (const path of new Set(app.routes.map((route) => route.path))) {
    app.all(path, () => failure(405, 'Method Not Allowed'));
  }
  app.notFound(({ req }) => failure(404, `There is nothing at ${req.path}`));
  app.onError((error, { req }) => {
    const known = answerTo(error);
    if (known !== null) return known;
    tell({ kind: 'request-failed', method: req.method, path: req.path, error });
    return unhandled(error);
  });
  return async (request) => {
    const path = pathBelow(request.url, baseUrl);
    let response: Response;
    if (path === null) response = failure(404, `Everything is below ${baseUrl}`);
    else if (path.length > 1 && path.endsWith('/')) response = withoutSlash(request, path, baseUrl);
    else {
      if (!UNCOUNTED.has(path)) counters.lastRequest = new Date();
      response = await app.fetch(request);
    }
    counters.answered(response.status);
    return withHeaders(response, baseUrl);
  };
}

/** The path below the base URL, with a slash at its beginning; null where it is not below it. */
export function pathBelow(url: string, baseUrl: string): string | null {
  const { pathname } = new URL(url);
  if (pathname === baseUrl.slice(0, -1)) return '/';
  return pathname.startsWith(baseUrl) ? `/${pathname.slice(baseUrl.length)}` : null;
}

/** Jupyter Server sends clients to the path without it. Only within the same server, whatever the path looks like. */
function withoutSlash(request: Request, path: string, baseUrl: string): Response {
  const { search } = new URL(request.url);
  const to = `${baseUrl}${path.replace(/^\/+|\/+$/g, '')}${search}`;
  return new Response(null, { status: 302, headers: { Location: to } });
}

function withHeaders(response: Response, baseUrl: string): Response {
  const { headers } = response;
  headers.set('X-Content-Type-Options', 'nosniff');
  headers.set(
    'Content-Security-Policy',
    `frame-ancestors 'self'; report-uri ${baseUrl}api/security/csp-report; default-src 'none'`,
  );
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
  return response;
}
