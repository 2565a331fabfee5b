const MASK = '•••';

/** The names of what a URL's query may hold that nobody else may see. */
const SECRET = /([?&#;](?:token|access_token|password|code|state|xsrf|_xsrf)=)[^&#;\s'"]*/gi;

/** A text with what could let somebody in taken out of it: `secrets` wherever they are, and what URLs in it carry. */
export function withoutSecrets(text: string, secrets: readonly string[] = []): string {
  let clean = text.replace(SECRET, `$1${MASK}`).replace(/(\w+:\/\/)[^/\s@'"]*@/g, `$1${MASK}@`);
  // a short one would take every second word away, and is no secret
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, MASK);
  return clean;
}

/** A URL as it may be shown: without user, query and fragment. */
export function shownUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return withoutSecrets(url).replace(/[?#].*$/, '');
  }
}

/** Whether a text can be the value of a header, and is one word: what would fail later, with the secret in the error's text. */
export function isHeaderWord(text: string): boolean {
  return /^[\x21-\x7e]*$/.test(text);
}
