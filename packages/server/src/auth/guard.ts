import { answer } from '../rest/answers.js';
import type { Browsers } from './browser.js';
import type { OriginRules } from './origin.js';
import { isToken, tokenOf } from './token.js';
import { whyForeign } from './xsrf.js';

/** Where a request comes in. */
export interface Entrance {
  /** A request of the REST API, or one that is to become a WebSocket. */
  readonly kind: 'rest' | 'websocket';
  /** The path below the base URL, decoded no further than the URL is: `/api/kernels`. */
  readonly path: string;
}

/** Lets a request pass (null), or answers in its place. They are asked in their order, before anything else looks at a request. */
export type Guard = (request: Request, entrance: Entrance) => Response | null | Promise<Response | null>;

/** What anybody may know: that it runs, and its version. */
const OPEN = new Set(['/api', '/healthz']);

/** Asks for the token, or the cookie of a browser that has shown it; an empty token asks nobody. 403, as Jupyter Server has it. */
export function tokenGuard(token: string, browsers?: Browsers, rules: Omit<OriginRules, 'token'> = {}): Guard {
  return async (request, { kind, path }) => {
    if (token === '' || OPEN.has(path) || isToken(tokenOf(request), token)) return null;
    const session = (await browsers?.sessionOf(request)) ?? null;
    const reason = session === null ? null : whyForeign(request, kind, session, rules);
    return session !== null && reason === null ? null : answer(403, { message: 'Forbidden', reason });
  };
}
