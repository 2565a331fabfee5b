import { KernelkitError } from '@kernelkit/core';

/** The gateway cannot be reached where it should be. */
export class CannotListenError extends KernelkitError {
  declare readonly kind: 'address-in-use' | 'cannot-listen';

  /** @param told what is known better than the system says it */
  constructor(
    where: { host: string; port: number } | { path: string },
    cause?: NodeJS.ErrnoException,
    told?: { why: string; fix: string },
  ) {
    const place = 'path' in where ? `the Unix socket ${where.path}` : `${where.host} port ${where.port}`;
    const isTaken = cause?.code === 'EADDRINUSE';
    const why = told?.why ?? (isTaken ? 'another program does' : (cause?.message ?? ''));
    super(isTaken ? 'address-in-use' : 'cannot-listen', `the gateway cannot listen on ${place}: ${why}`, {
      fix: told?.fix ?? (isTaken ? fixOf(where) : null),
      cause,
    });
  }
}

const fixOf = (where: object) =>
  'path' in where
    ? 'name another path, or end that program'
    : 'choose another one (port 0: any that is free), or end that program';

/** The certificate or its key cannot be used. */
export class TlsFilesError extends KernelkitError {
  declare readonly kind: 'tls-unreadable' | 'tls-invalid' | 'tls-mismatch';

  constructor(kind: TlsFilesError['kind'], files: { path: string } | { cert: string; key: string }, cause: unknown) {
    const why = (cause as Error).message;
    const messages = {
      'tls-unreadable': () => `${'path' in files ? files.path : ''} cannot be read: ${why}`,
      'tls-invalid': () => `${pairOf(files)} are no certificate and key in PEM, or the passphrase is wrong: ${why}`,
      'tls-mismatch': () => `${pairOf(files)} do not belong together`,
    };
    super(kind, messages[kind](), { fix: TLS_FIX, cause });
  }
}

const pairOf = (files: { path: string } | { cert: string; key: string }) =>
  'cert' in files ? `${files.cert} and ${files.key}` : files.path;

const TLS_FIX = 'name a certificate and its key, both in PEM, that the user who runs the gateway may read';
