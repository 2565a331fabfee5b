import { answer } from '../rest/answers.js';
import { isToken, tokenOf } from './token.js';

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

/** Asks for the token; an empty one asks nobody. 403, as Jupyter Server has it. */
export function tokenGuard(token: string): Guard {
  return (request, { path }) => {
    if (token === '' || OPEN.has(path) || isToken(tokenOf(request), token)) return null;
    return answer(403, { message: 'Forbidden', reason: null });
  };
}
