import { answer } from '../rest/answers.js';
import type { Guard } from './guard.js';
import { isToken, tokenOf } from './token.js';

export interface OriginRules {
  /** Empty: nobody has one, so that none makes up for a foreign origin. */
  readonly token: string;
  /** Origins whose pages may ask (`https://app.example.org`), or `*`: all. Default: none but the gateway's own. */
  readonly allowOrigins?: readonly string[];
  /** More of them: those that fit it. */
  readonly allowOriginPattern?: RegExp;
  /** Whether pages of allowed origins may ask with the browser's cookie; `*` allows that to nobody. Default: not. */
  readonly allowCredentials?: boolean;
}

const ALLOWED = {
  'Access-Control-Allow-Headers': 'accept, content-type, authorization, x-xsrftoken',
  'Access-Control-Allow-Methods': 'GET, PUT, POST, PATCH, DELETE, OPTIONS',
};

/**
 * Refuses what another site's page sends without the token: 404, and 403 for a WebSocket, as Jupyter Server has it (`check_origin`).
 * Answers preflights, which carry no token.
 */
export function originGuard(rules: OriginRules): Guard {
  return (request, { kind }) => {
    const isPreflight = kind === 'rest' && request.method === 'OPTIONS';
    if (isPreflight) return new Response(null, { status: 200, headers: ALLOWED });
    if (mayAsk(request, rules)) return null;
    const message = kind === 'websocket' ? 'Forbidden' : 'Not Found';
    const reason = 'The page that asks is of another origin, which this gateway does not allow.';
    return answer(kind === 'websocket' ? 403 : 404, { message, reason });
  };
}

/** Lets a page that may ask read the answer, whatever it is. */
export function withOrigin(request: Request, response: Response, rules: OriginRules): Response {
  const origin = request.headers.get('origin');
  if (origin === null) return response;
  response.headers.append('Vary', 'Origin');
  if (isAllowed(origin, rules) || hasToken(request, rules)) response.headers.set('Access-Control-Allow-Origin', origin);
  if (mayUseCookie(request, rules)) response.headers.set('Access-Control-Allow-Credentials', 'true');
  return response;
}

/** Whether another origin's page may ask in the name of who is logged in. */
export function mayUseCookie({ headers }: Request, rules: Omit<OriginRules, 'token'>): boolean {
  const origin = headers.get('origin');
  return rules.allowCredentials === true && origin !== null && isNamed(origin, rules);
}

function mayAsk(request: Request, rules: OriginRules): boolean {
  const origin = request.headers.get('origin');
  // no page sends none with anything that changes something
  if (origin === null) return true;
  return isOwnOrigin(request) || isAllowed(origin, rules) || hasToken(request, rules);
}

/** Whether a page of this gateway's own asks; without an Origin: no. */
export function isOwnOrigin({ headers }: Request): boolean {
  const origin = headers.get('origin');
  if (origin === null || !URL.canParse(origin)) return false;
  return new URL(origin).host === headers.get('host')?.toLowerCase();
}

function isAllowed(origin: string, rules: OriginRules): boolean {
  return rules.allowOrigins?.includes('*') === true || isNamed(origin, rules);
}

function isNamed(origin: string, { allowOrigins, allowOriginPattern }: Omit<OriginRules, 'token'>): boolean {
  return allowOrigins?.includes(origin) === true || allowOriginPattern?.test(origin) === true;
}

function hasToken(request: Request, { token }: OriginRules): boolean {
  return token !== '' && isToken(tokenOf(request), token);
}
