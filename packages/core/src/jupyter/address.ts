import { ServerError } from './errors.js';
import { shownUrl, withoutSecrets } from './secrets.js';

/** What a pasted URL says. */
export interface ServerAddress {
  /** With the base path and a slash at its end. */
  readonly baseUrl: string;
  /** Empty: none. */
  readonly token: string;
  /** What the page that was copied shows: the path of a notebook, below the server's root. */
  readonly path: string | null;
  /** The JupyterHub that the URL belongs to, by its looks. */
  readonly hub: HubAddress | null;
}

export interface HubAddress {
  /** With a slash at its end: `https://hub.example.org/hub/`. */
  readonly hubUrl: string;
  /** Null where the URL names none: the token's. */
  readonly user: string | null;
  /** Empty: the user's default server. */
  readonly server: string;
}

/** The first part of a path that belongs to the pages of a Jupyter server and not to where it lies. */
const PAGES = new Set(
  'lab doc tree notebooks edit view files nbconvert nbclassic consoles terminals retro voila login logout api kernelspecs static'.split(
    ' ',
  ),
);
/** After these, and after them only, the rest is the path of a file. */
const OF_FILES = new Set(['tree', 'notebooks', 'edit', 'view', 'files', 'nbconvert', 'render']);
const LOCAL = /^(?:localhost|127(?:\.\d+){3}|\[::1?\]|0\.0\.0\.0|[^.]+\.localhost)$/;

/**
 * Where a server is, from what people paste: the URL that Jupyter printed, or that of a page.
 * @throws ServerError server-url-invalid
 */
export function parseServerUrl(pasted: string): ServerAddress {
  const url = readUrl(pasted);
  if (url.username !== '' || url.password !== '') {
    throw invalid(
      `${shownUrl(url.href)} was given with a user name or a password before the host`,
      'Leave them out of the URL. A password is asked for or given apart, and a token goes after "?token=".',
    );
  }
  const token = tokenOf(url);
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const { base, path, hub } = split(parts);
  const at = (segments: readonly string[]) => `${url.origin}/${segments.map((part) => `${part}/`).join('')}`;
  return {
    baseUrl: at(base),
    token,
    path,
    hub: hub && { hubUrl: at([...hub.prefix, 'hub']), user: hub.user, server: hub.server },
  };
}

function readUrl(pasted: string): URL {
  // what `jupyter server list` prints after the URL, quotes and brackets of mails, and the `(host or 127.0.0.1)` of old servers
  let text = pasted
    .trim()
    .replace(/\s+::\s.*$/s, '')
    .replace(/^[<"'`(]+|[>"'`)]+$/g, '')
    .replace(/\(([^()\s]+) or ([^()\s]+)\)/, '$2');
  if (text === '') throw invalid('an empty text was given for the URL of a server', null);
  if (/^:?\d{1,5}(?=$|\/|\?|#)/.test(text)) text = `localhost:${text.replace(/^:/, '')}`;
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) text = `${schemeFor(text)}://${text}`;
  text = text.replace(/^ws(s?):/i, 'http$1:');
  let url: URL;
  try {
    if (/\s/.test(text)) throw new TypeError('it has a space in it');
    url = new URL(text);
  } catch {
    // not even as a cause: Node's own error holds the text
    throw invalid(`${JSON.stringify(shownUrl(text))} is no URL`, null);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(`${shownUrl(text)}: a server is reached by http or https, not by ${url.protocol}`, null);
  }
  return url;
}

/** Without a scheme: what a browser would find. A port of its own is how people run Jupyter by themselves, without TLS. */
function schemeFor(text: string): 'http' | 'https' {
  const [, host = '', port] = /^(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?/.exec(text.replace(/^[^/?#]*@/, '')) ?? [];
  return port === '443' || (port === undefined && !LOCAL.test(host)) ? 'https' : 'http';
}

function tokenOf(url: URL): string {
  const fragment = url.hash.replace(/^#/, '');
  const token = url.searchParams.get('token') ?? new URLSearchParams(fragment).get('token') ?? nextToken(url) ?? '';
  if (/^(?:\.{3}|…|\*+|<.*>)$/.test(token)) {
    throw invalid(
      `the token in ${shownUrl(url.href)} stands for one that was left out`,
      'Paste the whole URL: "jupyter server list" prints it on the machine where the server runs.',
    );
  }
  return token.trim();
}

/** A login page keeps the URL that was asked for, and the token with it. */
function nextToken(url: URL): string | null {
  const next = url.searchParams.get('next');
  if (next === null) return null;
  try {
    const wanted = new URL(next, url.origin);
    return wanted.origin === url.origin ? wanted.searchParams.get('token') : null;
  } catch {
    return null;
  }
}

interface Split {
  base: string[];
  path: string | null;
  hub: { prefix: string[]; user: string | null; server: string } | null;
}

function split(parts: readonly string[]): Split {
  const hubAt = parts.findIndex((part, at) => part === 'hub' && !parts.slice(0, at).some((each) => PAGES.has(each)));
  const userAt = parts.indexOf('user');
  if (hubAt !== -1 && (userAt === -1 || hubAt < userAt)) return splitHub(parts, hubAt);
  // the user's name may be anything, `lab` too
  const isUser = userAt !== -1 && userAt + 1 < parts.length && !parts.slice(0, userAt).some((each) => PAGES.has(each));
  const from = isUser ? userAt + 2 : 0;
  const page = parts.findIndex((part, at) => at >= from && PAGES.has(part));
  const base = page === -1 ? [...parts] : parts.slice(0, page);
  const path = page === -1 ? null : filePath(parts.slice(page));
  if (!isUser) return { base, path, hub: null };
  return {
    base,
    path,
    hub: {
      prefix: parts.slice(0, userAt),
      user: decode(parts[userAt + 1]!),
      server: decode(base.slice(userAt + 2)[0] ?? ''),
    },
  };
}

/** A page of the hub itself: /hub/home, /hub/spawn/ann, /hub/user/ann/lab, /hub/user-redirect/lab/tree/a.ipynb. */
function splitHub(parts: readonly string[], at: number): Split {
  const prefix = parts.slice(0, at);
  const [page, user, ...rest] = parts.slice(at + 1);
  if (page === 'user' && user !== undefined) return split([...prefix, 'user', user, ...rest]);
  if ((page === 'spawn' || page === 'spawn-pending') && user !== undefined) {
    const server = rest[0] ?? '';
    const base = [...prefix, 'user', user, ...(server === '' ? [] : [server])];
    return { base, path: null, hub: { prefix, user: decode(user), server: decode(server) } };
  }
  const path = page === 'user-redirect' ? filePath([user ?? '', ...rest]) : null;
  // whose server it is, the token will tell: until then the base is the hub's
  return { base: [...prefix, 'hub'], path, hub: { prefix, user: null, server: '' } };
}

/** `lab/workspaces/a/tree/x/y.ipynb` → `x/y.ipynb`. */
function filePath(parts: readonly string[]): string | null {
  const at = parts.findIndex((part) => OF_FILES.has(part));
  const path = at === -1 ? [] : parts.slice(at + 1);
  return path.length === 0 ? null : path.map(decode).join('/');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function invalid(message: string, fix: string | null): ServerError {
  return new ServerError('server-url-invalid', withoutSecrets(message), {
    url: '',
    fix: fix ?? 'Paste the URL that Jupyter printed when it started: http://localhost:8888/lab?token=…',
  });
}
