interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly isSecure: boolean;
}

/** The cookies of one server, and of no other: those of its host and port. */
export class CookieJar {
  readonly #origin: string;
  readonly #cookies = new Map<string, Cookie>();

  constructor(url: string) {
    this.#origin = new URL(url).host;
  }

  /** Takes what an answer from `url` sets. */
  take(url: string, headers: Headers): void {
    const { host, pathname } = new URL(url);
    if (host !== this.#origin) return;
    for (const line of headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const at = pair.indexOf('=');
      if (at < 1) continue;
      const said = new Map(
        attributes.map((each): [string, string] => {
          const [key = '', ...value] = each.split('=');
          return [key.toLowerCase(), value.join('=')];
        }),
      );
      const given = said.get('path');
      const path = given?.startsWith('/') ? given : pathname.replace(/\/[^/]*$/, '') || '/';
      const name = pair.slice(0, at);
      const key = `${path}\0${name}`;
      if (isOver(said)) this.#cookies.delete(key);
      else this.#cookies.set(key, { name, value: pair.slice(at + 1), path, isSecure: said.has('secure') });
    }
  }

  set(name: string, value: string, path: string): void {
    this.#cookies.set(`${path}\0${name}`, { name, value, path, isSecure: false });
  }

  /** The value that a request to `url` would send. */
  get(name: string, url: string): string | null {
    return this.#for(url).find((cookie) => cookie.name === name)?.value ?? null;
  }

  /** The header for a request to `url`; null: none. */
  header(url: string): string | null {
    const pairs = this.#for(url).map(({ name, value }) => `${name}=${value}`);
    return pairs.length === 0 ? null : pairs.join('; ');
  }

  /** The most particular path first: of two of a name, a server takes the first. */
  #for(url: string): Cookie[] {
    const { host, protocol, pathname } = new URL(url);
    if (host !== this.#origin) return [];
    const isSecure = protocol === 'https:' || protocol === 'wss:';
    return [...this.#cookies.values()]
      .filter((cookie) => (isSecure || !cookie.isSecure) && isBelow(pathname, cookie.path))
      .sort((a, b) => b.path.length - a.path.length);
  }
}

function isBelow(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
}

function isOver(attributes: ReadonlyMap<string, string>): boolean {
  const age = attributes.get('max-age');
  if (age !== undefined) return Number(age) <= 0;
  const expires = attributes.get('expires');
  return expires !== undefined && Date.parse(expires) <= Date.now();
}
