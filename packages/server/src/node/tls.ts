import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { TlsFilesError } from './errors.js';

/** Serves https. Files in PEM. */
export interface TlsOptions {
  /** The certificate, with those between it and its authority behind it. */
  readonly cert: string;
  readonly key: string;
  /** Of the key, where it has one. */
  readonly passphrase?: string;
}

/** @throws TlsFilesError where they cannot be read, are none, or do not belong together */
export async function readTls({ cert, key, passphrase }: TlsOptions): Promise<SecureContextOptions> {
  const [certificate, secret] = await Promise.all([read(cert), read(key)]);
  const context = { cert: certificate, key: secret, ...(passphrase !== undefined && { passphrase }) };
  try {
    createSecureContext(context);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') throw new TlsFilesError('tls-mismatch', { cert, key }, error);
    throw new TlsFilesError('tls-invalid', { cert, key }, error);
  }
  return context;
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new TlsFilesError('tls-unreadable', { path }, error);
  }
}
