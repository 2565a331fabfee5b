import type { Heartbeat } from './connection.js';
import type { MechanismFactory } from './mechanism.js';
import { nullMechanism } from './null-mechanism.js';
import type { RetryOptions } from './retry.js';

/** What every socket takes. Everything may be left out. */
export interface SocketOptions {
  /** The name that a ROUTER knows this socket by: 1 to 255 bytes, the first not zero. Default: the ROUTER makes one up. */
  routingId?: Uint8Array | string;
  /** Bytes in one received frame; default 1 GiB. Over it: `ETOOBIG`. */
  maxFrameSize?: number;
  /** Bytes in one received message; default 1 GiB. Over it: `ETOOBIG`. */
  maxMessageSize?: number;
  /** Bytes queued to be sent (for PUB, XPUB and ROUTER: to each peer); default 64 MiB. Over it: `EOVERFLOW`, or dropped with an 'overflow' event. */
  sendBufferLimit?: number;
  /** Bytes received and not yet taken while there is no `onMessage`; default 64 MiB. Over it a SUB drops and says so, the others stop reading. */
  receiveBufferLimit?: number;
  /** ms that close() may take to send what is queued; default 1000. */
  linger?: number;
  /** PINGs to peers of ZMTP 3.1; default: none (those of a peer are always answered). */
  heartbeat?: Heartbeat;
  /** How soon to try again, in ms; default 2 (ipc) or 4 (tcp) to 100. */
  retry?: Partial<RetryOptions>;
  /** ms for greeting and handshake; default 30000. */
  handshakeTimeout?: number;
  /** `small`: small frames are copied, for programs that keep single ones for long. Default `never`: they are views of at most 64 KB. */
  copy?: 'never' | 'small';
  /** The security mechanism; default NULL. */
  mechanism?: MechanismFactory;
}

export interface ResolvedOptions {
  readonly routingId: Uint8Array;
  readonly maxFrameSize: number;
  readonly maxMessageSize: number;
  readonly sendBufferLimit: number;
  readonly receiveBufferLimit: number;
  readonly linger: number;
  readonly heartbeat: Heartbeat | null;
  readonly retry: Partial<RetryOptions>;
  readonly handshakeTimeout: number;
  readonly copy: 'never' | 'small';
  readonly mechanism: MechanismFactory;
}

const GiB = 2 ** 30;
const MiB = 2 ** 20;

/** Fills in the defaults. Throws RangeError for a routing id that cannot be used. */
export function resolveOptions(options: SocketOptions): ResolvedOptions {
  const routingId = typeof options.routingId === 'string' ? Buffer.from(options.routingId) : options.routingId;
  if (routingId && (routingId.length === 0 || routingId.length > 255 || routingId[0] === 0)) {
    throw new RangeError('A routing id has 1 to 255 bytes and does not begin with a zero');
  }
  return {
    routingId: routingId ? Uint8Array.from(routingId) : new Uint8Array(0),
    maxFrameSize: options.maxFrameSize ?? GiB,
    maxMessageSize: options.maxMessageSize ?? GiB,
    sendBufferLimit: options.sendBufferLimit ?? 64 * MiB,
    receiveBufferLimit: options.receiveBufferLimit ?? 64 * MiB,
    linger: options.linger ?? 1000,
    heartbeat: options.heartbeat ?? null,
    retry: options.retry ?? {},
    handshakeTimeout: options.handshakeTimeout ?? 30_000,
    copy: options.copy ?? 'never',
    mechanism: options.mechanism ?? nullMechanism,
  };
}
