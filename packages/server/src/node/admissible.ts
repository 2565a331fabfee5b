import type { IncomingMessage } from 'node:http';
import { answer } from '../rest/answers.js';

/** Node counts their bytes without what is between them, and leaves those beyond 2,000 out without a word. */
const MOST_HEADERS = 500;

/**
 * What can be said against a request before anybody reads it: that two programs on its way could read it in two ways (RFC 9112, 3.2), or that it
 * is too long.
 * @returns the answer; null: nothing
 */
export function refusal({ url = '/', rawHeaders, headers }: IncomingMessage, maxUrlLength: number): Response | null {
  if (url.length > maxUrlLength) return refused(414, `The URL has more than ${maxUrlLength} characters`);
  if (rawHeaders.length / 2 > MOST_HEADERS) return refused(431, `The request has more than ${MOST_HEADERS} headers`);
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts > 1) return refused(400, 'The request has more than one Host');
  if (url.startsWith('/')) return null;
  // as proxies are asked; nothing but the name that Host says is meant
  if (/^https?:\/\//i.test(url) && URL.canParse(url) && new URL(url).host === headers.host?.toLowerCase()) return null;
  return refused(400, 'The URL of the request is of another server, or none');
}

function refused(status: number, message: string): Response {
  return answer(status, { message, reason: null }, { Connection: 'close' });
}
