import type { KernelRemovedError } from './channels-errors.js';
import type { ReconnectOptions } from './reconnect.js';
import type { LineOptions } from './reconnect-line.js';

/** How the WebSocket to a server's kernel is kept, and made again. */
export interface WebSocketOptions {
  /** Our session id, under which the server keeps what comes while we are away. Default: a new one. */
  session?: string;
  reconnect?: ReconnectOptions;
  /** Frees each message from the 40 ms that a server's Nagle algorithm costs, where the platform can. Default true. */
  quickAck?: boolean;
  /** Bytes that may wait to be sent before `send` waits. Default 16 MiB. */
  sendLimit?: number;
  /** Milliseconds between looks whether the server is there, and for its answer. Default 10,000 and 20,000; an interval of 0: never. */
  ping?: { interval?: number; timeout?: number };
  /** Milliseconds between looks whether an idle kernel is still there: it may be culled, or ended by somebody else. Default 30,000. */
  idleCheck?: number;
  /** Milliseconds for the opening, with which a server waits for the kernel. Default 90,000. */
  openTimeout?: number;
}

/** What whoever runs the kernel wants to know first. */
export interface ChannelsHooks {
  /** The server's own words, in the kernel's name: it died, and is or is not started again. They are not handed on. */
  serverSays?(state: 'restarting' | 'dead'): void;
  /** A gateway of ours answers what a kernel that died was asked; what the server says of it comes later. */
  deadReply?(): void;
  /** The server has no such kernel any more. `gone` follows. */
  removed?(error: KernelRemovedError): void;
}

export const IDLE_CHECK_MS = 30_000;

/** What of them is the connection's, with what is taken where nothing is said. */
export function lineOptions({ reconnect = {}, ping, openTimeout, quickAck, sendLimit }: WebSocketOptions): LineOptions {
  return {
    reconnect,
    ping: { interval: 10_000, timeout: 20_000, ...ping },
    openTimeout: openTimeout ?? 90_000,
    quickAck: quickAck ?? true,
    sendLimit: sendLimit ?? 16 * 1024 ** 2,
  };
}
