import { Browsers } from './browser.js';
import { type Entrance, type Guard, tokenGuard } from './guard.js';
import { hostGuard } from './host.js';
import { loginGuard } from './login.js';
import { type OriginRules, originGuard, withOrigin } from './origin.js';

export interface DoorOptions extends OriginRules {
  /** With slashes at both ends. */
  readonly baseUrl: string;
  /** Names that it may be asked for by, beside those of loopback; null: any. */
  readonly allowedHosts: readonly string[] | null;
  /** Asked first. */
  readonly guards: readonly Guard[];
}

/** What all requests on a port come in by, and all answers go out by. */
export interface Door {
  /** Null: it may come in; else what it is answered. */
  admit(request: Request, entrance: Entrance): Promise<Response | null>;
  /** An answer with what a browser has to know beside it. */
  seal(request: Request, response: Response): Promise<Response>;
}

export function door(options: DoorOptions): Door {
  const { token, baseUrl, allowedHosts, guards: own } = options;
  const browsers = new Browsers(baseUrl);
  const guards = [
    ...own,
    ...(allowedHosts === null ? [] : [hostGuard(allowedHosts)]),
    originGuard(options),
    loginGuard(token, browsers, baseUrl),
    tokenGuard(token, browsers, options),
  ];
  return {
    async admit(request, entrance) {
      for (const guard of guards) {
        const refused = await guard(request, entrance);
        if (refused !== null) return refused;
      }
      return null;
    },
    async seal(request, response) {
      const { headers } = response;
      headers.set('X-Content-Type-Options', 'nosniff');
      if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
      if (request.method === 'GET' && !headers.has('Set-Cookie')) {
        const cookie = await browsers.missingXsrf(request);
        if (cookie !== null) headers.append('Set-Cookie', cookie);
      }
      return withOrigin(request, response, options);
    },
  };
}
