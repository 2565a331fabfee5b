import { AbortedError } from '../errors/index.js';
import { Deadline, untilAborted } from '../wait/index.js';
import { ServerError } from './errors.js';
import { type Asked, answerFailure, networkFailure, notJson } from './failures.js';
import { shownUrl } from './secrets.js';
import { authHeaders, secretsOf } from './settings.js';
import type { ServerSettings } from './types.js';

/** How long a request to a server may take. */
export interface ServerRequestOptions {
  readonly signal?: AbortSignal;
  /** Default: 30 s; starting and restarting take as long as a kernel does, 60 s. */
  readonly timeoutMs?: number;
}

export interface Question extends ServerRequestOptions {
  /** Relative to the base URL, or a URL. */
  readonly path: string;
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** Statuses that are answers here, and no failures. */
  readonly also?: readonly number[];
  /** Whether those may come as a web page, as servers answer for what they have never heard of. */
  readonly orPage?: boolean;
}

export interface Answer {
  readonly status: number;
  /** Undefined where there is no body. */
  readonly body: unknown;
  readonly asked: Asked;
  /** A hub answered, and not a server of its own. */
  readonly isHub: boolean;
}

const TIMEOUT_MS = 30_000;

/** How the failures of a request name it. */
export function askedOf(settings: ServerSettings, url: string, method: string): Asked {
  const secrets = secretsOf(settings);
  const hasCredentials = Object.keys(authHeaders(settings)).some((name) => /authorization|cookie/i.test(name));
  return { url: shownUrl(url), method, secrets, hasCredentials };
}

/**
 * Asks the server, and reads its JSON.
 * @throws ServerError, AbortedError
 */
export async function ask(settings: ServerSettings, question: Question): Promise<Answer> {
  const { path, method = 'GET', body, also = [], orPage = false } = question;
  const url = new URL(path, settings.baseUrl).href;
  const asked = askedOf(settings, url, method);
  const { response, text } = await exchange(settings, question, url, asked, {
    method,
    headers: { Accept: 'application/json', ...(body !== undefined && { 'Content-Type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { status } = response;
  const isFine = response.ok || also.includes(status);
  if (!isFine) throw answerFailure(response, text, asked);
  const isHub = response.headers.has('x-jupyterhub-version') && /\/hub\//.test(text);
  if (text.trim() === '') return { status, body: undefined, asked, isHub };
  try {
    return { status, body: JSON.parse(text), asked, isHub };
  } catch {
    if (!response.ok && orPage) return { status, body: undefined, asked, isHub };
    // a page of HTML is no answer, whatever the status
    throw response.ok ? notJson(response, text, asked) : answerFailure(response, text, asked);
  }
}

async function exchange(
  settings: ServerSettings,
  { signal, timeoutMs = TIMEOUT_MS }: ServerRequestOptions,
  url: string,
  asked: Asked,
  init: RequestInit & { headers: Record<string, string> },
): Promise<{ response: Response; text: string }> {
  const what = `${asked.method} ${asked.url}`;
  if (signal?.aborted) throw new AbortedError(what, signal.reason);
  using deadline = new Deadline(timeoutMs, signal);
  try {
    // a fetch of the caller's own may not heed the signal
    return await untilAborted(what, deadline.signal, async () => {
      // A redirect would take the token, or what is to be done, to where nobody meant it to go
      const response = await settings.network.fetch(url, {
        ...init,
        redirect: 'manual',
        credentials: settings.token === '' ? 'same-origin' : 'omit',
        headers: { ...init.headers, ...authHeaders(settings) },
        signal: deadline.signal,
      });
      return { response, text: await response.text() };
    });
  } catch (error) {
    if (signal?.aborted) throw new AbortedError(what, signal.reason);
    if (deadline.hasPassed) {
      throw new ServerError('server-timeout', `${asked.url}: no answer came in ${timeoutMs / 1000} s`, {
        url: asked.url,
        fix: 'The server is busy or hangs, or something on the way to it does. Look at its log.',
      });
    }
    if (error instanceof ServerError) throw error;
    throw networkFailure(error, asked);
  }
}
