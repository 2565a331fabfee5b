import { createHmac, randomBytes } from 'node:crypto';
import { parse, parseSigned, serialize, serializeSigned } from 'hono/utils/cookie';

/** Browsers that are logged in at once; beyond, the one that came first has to log in again. */
const MOST = 1000;

const XSRF = '_xsrf';

/** A browser that has shown the token. */
export interface BrowserSession {
  readonly id: string;
  /** What its requests that change something have to bring. */
  readonly xsrf: string;
}

/** Browsers that have shown the token once, and have a cookie from then on. They are forgotten when the process ends. */
export class Browsers {
  readonly #secret = randomBytes(32);
  readonly #path: string;
  readonly #open = new Set<string>();

  /** @param baseUrl with slashes at both ends */
  constructor(baseUrl: string) {
    this.#path = baseUrl;
  }

  /** Who a request's cookie says it is; null: nobody, or not with a cookie of ours. */
  async sessionOf({ headers }: Request): Promise<BrowserSession | null> {
    const cookies = headers.get('cookie');
    if (cookies === null) return null;
    const name = cookieName(headers);
    const id = (await parseSigned(cookies, this.#secret, name))[name];
    return typeof id === 'string' && this.#open.has(id) ? { id, xsrf: this.#xsrfOf(id) } : null;
  }

  /** The `Set-Cookie` headers of a new login. */
  async logIn(request: Request): Promise<string[]> {
    const id = randomBytes(16).toString('hex');
    this.#open.add(id);
    if (this.#open.size > MOST) this.#open.delete(this.#open.values().next().value!);
    const options = { ...this.#options(request), httpOnly: true };
    const login = await serializeSigned(cookieName(request.headers), id, this.#secret, options);
    return [login, this.#xsrfCookie(request, this.#xsrfOf(id))];
  }

  /** Ends a login, for whoever has kept its cookie too; the `Set-Cookie` headers that take it away. */
  logOut(request: Request, { id }: BrowserSession): string[] {
    this.#open.delete(id);
    const gone = { ...this.#options(request), maxAge: 0 };
    return [serialize(cookieName(request.headers), '', { ...gone, httpOnly: true }), serialize(XSRF, '', gone)];
  }

  /** The `_xsrf` cookie, where a browser that is logged in has another one: a server on another port of this host has set its own. */
  async missingXsrf(request: Request): Promise<string | null> {
    const session = await this.sessionOf(request);
    if (session === null || xsrfCookieOf(request) === session.xsrf) return null;
    return this.#xsrfCookie(request, session.xsrf);
  }

  /** Bound to the login, so that a cookie that somebody else managed to set is worth nothing. */
  #xsrfOf(id: string): string {
    return createHmac('sha256', this.#secret).update(`xsrf ${id}`).digest('hex');
  }

  /** Front ends read it, to send it back as X-XSRFToken. */
  #xsrfCookie(request: Request, value: string): string {
    return serialize(XSRF, value, this.#options(request));
  }

  #options({ url, headers }: Request) {
    // behind a proxy that ends TLS the browser's side counts; a lie about it costs nobody but the liar
    const isSecure = url.startsWith('https:') || headers.get('x-forwarded-proto') === 'https';
    return { path: this.#path, sameSite: 'Lax' as const, secure: isSecure };
  }
}

/** What a request has in its `_xsrf` cookie. */
export function xsrfCookieOf({ headers }: Request): string | undefined {
  return parse(headers.get('cookie') ?? '', XSRF)[XSRF];
}

/** Jupyter's: with the port, since browsers keep one jar for all ports of a host (`username-localhost-8888`). */
function cookieName(headers: Headers): string {
  return `username-${headers.get('host') ?? ''}`.replace(/[^A-Za-z0-9]/g, '-');
}
