/**
 * What went wrong:
 * - `EENDPOINT` the endpoint string cannot be used (a wrong scheme, port, or too long a path)
 * - `ECONNECT` the operating system refuses the endpoint for good (permissions), so that a retry cannot help
 * - `EBIND` listening failed
 * - `EGREETING` the other side does not speak ZMTP 2.0 or newer
 * - `EMECHANISM` the other side wants a security mechanism that this socket has not got
 * - `ESOCKETTYPE` the other side's socket type cannot talk to ours
 * - `EREFUSED` the other side sent an ERROR command
 * - `EPROTOCOL` bytes that break the protocol
 * - `ETOOBIG` a frame, command or message over the limits
 * - `EOVERFLOW` the send queue is full
 * - `EHOSTUNREACH` no peer with that routing id
 * - `EDISCONNECTED` the connection went away
 * - `ETIMEDOUT` the peer was silent for too long
 * - `ECLOSED` the socket is closed
 */
export type ZmtpErrorCode =
  | 'EENDPOINT'
  | 'ECONNECT'
  | 'EBIND'
  | 'EGREETING'
  | 'EMECHANISM'
  | 'ESOCKETTYPE'
  | 'EREFUSED'
  | 'EPROTOCOL'
  | 'ETOOBIG'
  | 'EOVERFLOW'
  | 'EHOSTUNREACH'
  | 'EDISCONNECTED'
  | 'ETIMEDOUT'
  | 'ECLOSED';

/** The one error class of this package. `endpoint` is set by the socket once it is known whose fault it was. */
export class ZmtpError extends Error {
  override readonly name = 'ZmtpError';
  readonly code: ZmtpErrorCode;
  endpoint: string | null = null;

  constructor(code: ZmtpErrorCode, message: string, options?: { cause?: unknown; endpoint?: string }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.endpoint = options?.endpoint ?? null;
  }
}

// A connection lost, or a peer that is silent, may come back. Everything else would fail again in the same way.
const transient: ReadonlySet<ZmtpErrorCode> = new Set(['EDISCONNECTED', 'ETIMEDOUT']);

/** Whether connecting again may help. RFC 37 asks not to hammer a peer that refuses our mechanism or socket type. */
export function isTransient(error: ZmtpError): boolean {
  return transient.has(error.code);
}

/** Gives a listener's exception to the process as uncaught, without unwinding the parser that called the listener. */
export function rethrowLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
