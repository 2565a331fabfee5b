import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { ServerError } from '../jupyter/index.js';

/** A certificate or key: PEM, or the path of a file with it. */
export type Pem = string;

/** Which certificates are trusted, and which is shown. */
export interface TrustOptions {
  /** Authorities to be trusted beside those that everybody trusts. */
  readonly ca?: Pem | readonly Pem[];
  /** The client's own certificate, and its key. */
  readonly cert?: Pem;
  readonly key?: Pem;
  readonly passphrase?: string;
  /**
   * The user's explicit consent: whoever answers is taken for the server, whatever its certificate says. Anybody on the way could read
   * the token.
   */
  readonly insecure?: boolean;
}

/** What node:tls takes. */
export interface Trust {
  ca?: string[];
  cert?: string;
  key?: string;
  passphrase?: string;
  rejectUnauthorized?: boolean;
}

/** @throws ServerError server-tls where a file cannot be read */
export async function readTrust({ ca, cert, key, passphrase, insecure }: TrustOptions): Promise<Trust> {
  const trust: Trust = {};
  if (ca !== undefined) {
    const own = await Promise.all([ca].flat().map(read));
    // what is given replaces Node's list
    trust.ca = [...rootCertificates, ...own];
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new ServerError(
      'server-tls',
      'a client certificate was given without its key, or a key without its certificate',
      {
        url: '',
        fix: 'Give both; a file that has both can be named twice.',
      },
    );
  }
  if (cert !== undefined) trust.cert = await read(cert);
  if (key !== undefined) trust.key = await read(key);
  if (passphrase !== undefined) trust.passphrase = passphrase;
  if (insecure === true) trust.rejectUnauthorized = false;
  return trust;
}

async function read(pem: Pem): Promise<string> {
  if (pem.includes('-----BEGIN')) return pem;
  try {
    const text = await readFile(pem, 'utf8');
    if (text.includes('-----BEGIN')) return text;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ServerError('server-tls', `${pem} cannot be read (${code})`, { url: '', fix: null, cause });
  }
  throw new ServerError('server-tls', `${pem} is no PEM file`, {
    url: '',
    fix: 'A PEM file has lines that begin with -----BEGIN.',
  });
}
