import { KernelkitError } from '../errors/index.js';

/** What can be wrong with a server. */
export type ServerErrorKind =
  /** What was given is not the URL of a server. */
  | 'server-url-invalid'
  /** Nothing answers there, or the connection broke. */
  | 'server-unreachable'
  /** It took too long. */
  | 'server-timeout'
  /** Its certificate is not trusted, or it speaks no TLS. */
  | 'server-tls'
  /** No token or password, or a wrong or expired one. */
  | 'server-unauthorized'
  /** It asks a human to log in. */
  | 'server-login-page'
  /** Something answers, but no Jupyter. */
  | 'server-not-jupyter'
  | 'server-too-old'
  /** It says no, and its answer says why. */
  | 'server-refused'
  /** It wants proof that the request does not come from another site's page. */
  | 'server-xsrf'
  /** A hub's server that does not run (yet). */
  | 'server-spawning'
  /** It answers with what cannot be understood. */
  | 'server-answer-invalid';

/** What a ServerError carries beside its kind and its message. */
export interface ServerErrorDetails {
  /** Where, as it may be shown. */
  readonly url: string;
  /** The HTTP status, where there was an answer. */
  readonly status?: number | null;
  readonly fix: string | null;
  readonly cause?: unknown;
}

/** A Jupyter server failed. No token, password or cookie is in any part of it. */
export class ServerError extends KernelkitError {
  declare readonly kind: ServerErrorKind;
  readonly url: string;
  readonly status: number | null;

  constructor(kind: ServerErrorKind, message: string, { url, status, fix, cause }: ServerErrorDetails) {
    super(kind, message, { fix, cause });
    this.url = url;
    this.status = status ?? null;
  }
}
