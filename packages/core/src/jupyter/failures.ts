import { ServerError, type ServerErrorKind } from './errors.js';
import { withoutSecrets } from './secrets.js';

/** What a failure is told about the request that failed. */
export interface Asked {
  /** As it may be shown. */
  readonly url: string;
  readonly method: string;
  readonly secrets: readonly string[];
  readonly hasCredentials: boolean;
}

/** Codes of the errors below fetch's own → what is wrong. Node's, OpenSSL's and undici's. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name could not be looked up',
  EHOSTUNREACH: 'there is no way to its host',
  ENETUNREACH: 'there is no way to its network',
  ECONNRESET: 'it broke the connection',
  EPIPE: 'it broke the connection',
  UND_ERR_SOCKET: 'it broke the connection',
};
const TIMEOUTS = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

const OWN_CA =
  "Give the certificate of the authority that signed it (a PEM file). If it is your own server's and you know it, allow it by explicit consent (insecure).";
const TLS: Readonly<Record<string, readonly [string, string]>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is signed by itself', OWN_CA],
  SELF_SIGNED_CERT_IN_CHAIN: ['its certificate was issued by an authority that is not known here', OWN_CA],
  UNABLE_TO_GET_ISSUER_CERT: ['its certificate was issued by an authority that is not known here', OWN_CA],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['its certificate was issued by an authority that is not known here', OWN_CA],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['its certificate was issued by an authority that is not known here', OWN_CA],
  CERT_HAS_EXPIRED: [
    'its certificate has expired',
    'Whoever runs the server has to renew it. Is the clock of this machine right?',
  ],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', 'Is the clock of this machine right?'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is for another host name',
    'Use the host name that the certificate is for.',
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: ['it does not speak TLS there', 'Use http:// in the URL.'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['it does not speak TLS there', 'Use http:// in the URL.'],
};
const CLIENT_CERTIFICATE =
  /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE)|certificate required/i;

/** What a rejected fetch means. Deadlines and the caller's signal are the caller's to tell apart. */
export function networkFailure(error: unknown, asked: Asked): ServerError {
  const { code, message } = root(error);
  const make = (kind: ServerErrorKind, what: string, fix: string): ServerError =>
    new ServerError(kind, `${asked.url}: ${what}`, { url: asked.url, fix, cause: safeCause(error, asked) });
  const tls = TLS[code];
  if (tls !== undefined) return make('server-tls', tls[0], tls[1]);
  if (CLIENT_CERTIFICATE.test(`${code} ${message}`)) {
    return make('server-tls', 'it wants a certificate of the client', 'Give a client certificate and its key.');
  }
  if (/^(?:ERR_SSL|ERR_TLS|CERT_|ERR_OSSL)|^EPROTO$/.test(code)) {
    return make('server-tls', `no TLS connection came about (${code})`, 'Is it https that it speaks on this port?');
  }
  if (TIMEOUTS.has(code)) return make('server-timeout', `no connection came about in time (${code})`, REACH);
  if (code.startsWith('HPE_') || /HTTP\/1\.1 protocol|^Parse Error/.test(message)) {
    const fix = 'Is it the right port? If the server has a certificate, use https:// in the URL.';
    return make('server-not-jupyter', 'what answers there speaks no HTTP', fix);
  }
  const why = UNREACHABLE[code];
  if (why !== undefined) {
    const hint = asked.url.startsWith('https:')
      ? 'A server that wants a client certificate ends the connection like this, too.'
      : 'If it has a certificate, use https:// in the URL.';
    const fix = why.includes('broke') ? `${REACH} ${hint}` : REACH;
    return make('server-unreachable', `${why} (${code === 'UND_ERR_SOCKET' ? message : code})`, fix);
  }
  // A browser says no more than "Failed to fetch", whatever it was
  const fix = 'Is it running, and does its address lead there? From a web page, the server must allow its origin.';
  return make('server-unreachable', `it could not be reached (${withoutSecrets(message, asked.secrets)})`, fix);
}

const REACH = 'Is the server running, and does its address lead there from this machine (VPN, tunnel, firewall)?';

/** The first error below that has a code: fetch's own says only "fetch failed", an AggregateError nothing. */
function root(error: unknown): { code: string; message: string } {
  let deepest = { code: '', message: String(error) };
  let at: unknown = error;
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    deepest = { code: '', message: at.message };
    // undici's own code says less than what it stands for, where that has one
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && !(at.cause instanceof Error && 'code' in at.cause)) {
      return { code: code === 'ERR_INVALID_ARG_VALUE' ? '' : code, message: at.message };
    }
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return deepest;
}

/** The cause of an error, unless a secret is in it. */
export function safeCause(error: unknown, { secrets }: Pick<Asked, 'secrets'>): unknown {
  const said: string[] = [];
  let at: unknown = error;
  for (let depth = 0; depth < 5 && at instanceof Error; depth++, at = at.cause) said.push(at.message, at.stack ?? '');
  const text = said.join('\n');
  return withoutSecrets(text, secrets) === text ? error : undefined;
}

/** What an answer that is no success means. */
export function answerFailure(response: Response, body: string, asked: Asked): ServerError {
  const { status } = response;
  const said = messageOf(body);
  const message = said === null ? null : withoutSecrets(said, asked.secrets);
  const make = (kind: ServerErrorKind, what: string, fix: string | null): ServerError =>
    new ServerError(kind, `${asked.url}: ${what}`, { url: asked.url, status, fix });
  const isHub = response.headers.has('x-jupyterhub-version');
  if (status === 0 || (status >= 300 && status < 400)) return redirectFailure(response, asked);
  if (status === 424 || (status === 503 && (isHub || asked.url.includes('/user/')))) {
    return spawning(asked.url, status);
  }
  if (message !== null && /_xsrf|XSRF/.test(message)) {
    return make(
      'server-xsrf',
      `it wants proof that the request is no other site's (${message})`,
      'Use a token: requests with one need no such proof. A password is used by logging in.',
    );
  }
  if (status === 401 || (status === 403 && (message === null || /^(?:forbidden|permission denied|)$/i.test(message)))) {
    return unauthorized(asked, status);
  }
  if (isHtml(response) && looksLikeLogin(body)) return loginPage(asked, status);
  if (status === 404 && message === null) {
    const base = basePathOf(response, asked.url);
    return base === null ? notJupyter(asked, status, 'it has nothing there') : elsewhere(asked, base);
  }
  if (status === 407)
    return make('server-unreachable', 'the proxy wants credentials', 'Put them into the proxy variable.');
  if (status === 502 || status === 504) {
    return make('server-unreachable', `the proxy in front of it says ${status}: it does not answer`, REACH);
  }
  return make('server-refused', `${asked.method} was refused: ${status}${message ? `, ${message}` : ''}`, null);
}

function redirectFailure(response: Response, asked: Asked): ServerError {
  const { status } = response;
  const location = response.headers.get('location');
  // a browser does not tell where to
  if (location === null) return loginPage(asked, status);
  const target = shownTarget(location, asked.url);
  if (/\/hub\/(?:user|spawn)/.test(target)) return spawning(asked.url, status);
  if (/login|oauth|auth|sso|saml|signin/i.test(target)) return loginPage(asked, status);
  return new ServerError('server-refused', `${asked.url}: it sends one on to ${target}`, {
    url: asked.url,
    status,
    fix: 'Use the URL that it sends one on to, if you know it to be yours.',
  });
}

function shownTarget(location: string, from: string): string {
  try {
    const { origin, pathname } = new URL(location, from);
    return `${origin}${pathname}`;
  } catch {
    return 'somewhere that is no URL';
  }
}

export function spawning(url: string, status: number | null): ServerError {
  return new ServerError('server-spawning', `${url}: the hub has no server running there (yet)`, {
    url,
    status,
    fix: "Start it on the hub's home page, or let it be started (a hub's token can), and wait until it is ready.",
  });
}

export function unauthorized(
  { url, hasCredentials }: Pick<Asked, 'url' | 'hasCredentials'>,
  status: number,
): ServerError {
  const what = hasCredentials
    ? 'the token or password is wrong or has expired, or it is not allowed to do this'
    : 'it lets nobody in without a token or a password, and none was given';
  return new ServerError('server-unauthorized', `${url}: ${what} (${status})`, {
    url,
    status,
    fix: '"jupyter server list", where the server runs, prints its URL with the token that is valid now. Tokens change with every start unless one was set.',
  });
}

export function loginPage({ url }: Pick<Asked, 'url'>, status: number): ServerError {
  return new ServerError(
    'server-login-page',
    `${url}: it answers with a page to log in at, not with data (${status})`,
    {
      url,
      status,
      fix: 'Give a token or a password. Where another system guards the server, give a header that it accepts, or a token of the hub.',
    },
  );
}

export function notJupyter({ url }: Pick<Asked, 'url'>, status: number, what: string): ServerError {
  return new ServerError(
    'server-not-jupyter',
    `${url}: this is no Jupyter server, or not its URL: ${what} (${status})`,
    {
      url,
      status,
      fix: "Paste the URL that Jupyter printed, with the server's base path: https://host/base/lab?token=…",
    },
  );
}

/** A Jupyter server's page for what it has not got names its base path, in what it lets a browser do. */
function basePathOf(response: Response, url: string): string | null {
  const policy = response.headers.get('content-security-policy') ?? '';
  const path = /report-uri (\/\S*?)api\/security\/csp-report/.exec(policy)?.[1];
  return path === undefined || new URL(url).pathname.startsWith(`${path}api`) ? null : path;
}

function elsewhere({ url }: Asked, base: string): ServerError {
  return new ServerError('server-not-jupyter', `${url}: the Jupyter server there has another base path (404)`, {
    url,
    status: 404,
    fix: `Use ${new URL(base, url).href}`,
  });
}

/** Says what is wrong with an answer that should have been JSON and is not. */
export function notJson(response: Response, body: string, asked: Asked): ServerError {
  if (looksLikeLogin(body)) return loginPage(asked, response.status);
  const what = isHtml(response) ? 'it answers with a web page' : 'its answer is not JSON';
  return notJupyter(asked, response.status, what);
}

function isHtml(response: Response): boolean {
  return (response.headers.get('content-type') ?? '').includes('html');
}

function looksLikeLogin(body: string): boolean {
  return /type=["']?password|<form[^>]+(?:login|signin|oauth)/i.test(body);
}

/** What a server says with its refusal: `{message, reason}`; null where that is no JSON. */
function messageOf(body: string): string | null {
  try {
    const { message, reason } = JSON.parse(body);
    const text = [reason, message].find((each) => typeof each === 'string' && each !== '');
    return typeof text === 'string' ? text.slice(0, 500) : '';
  } catch {
    return null;
  }
}
