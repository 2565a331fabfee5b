import type { Connection } from './connection.js';
import { ZmtpError } from './errors.js';
import { type Frame, messageLength, type Sendable } from './frames.js';
import type { SocketOptions } from './options.js';
import { Receiver } from './receiver.js';
import { overflow } from './sender.js';

/** ROUTER (RFC 28): the first frame of every message is the peer's routing id, in and out. */
export class Router extends Receiver {
  readonly #byId = new Map<string, Connection>();
  readonly #ids = new Map<Connection, Frame>();
  readonly #waiters = new Map<Connection, (() => void)[]>();
  #counter = 0;

  constructor(options: SocketOptions = {}) {
    super('ROUTER', options, 'keep');
  }

  /**
   * Sends [routing id, ...frames] to that peer. Resolves as Dealer.send does. Rejects with ZmtpError `EHOSTUNREACH` (no such
   * peer; never dropped in silence), `EOVERFLOW` or `ECLOSED`.
   */
  send(message: readonly Sendable[]): Promise<void> {
    const unusable = this.unusable;
    if (unusable) return Promise.reject(unusable);
    const [id, ...frames] = message;
    const peer = id === undefined ? undefined : this.#byId.get(keyOf(Buffer.from(id)));
    if (!peer || frames.length === 0) {
      const what = id === undefined ? 'a message without a routing id' : `routing id ${JSON.stringify(String(id))}`;
      return Promise.reject(new ZmtpError('EHOSTUNREACH', `No peer for ${what}, or nothing to send to it`));
    }
    const before = peer.pending;
    const limit = this.options.sendBufferLimit;
    if (before > 0 && before + messageLength(frames) > limit) return Promise.reject(overflow(before, limit));
    peer.send(frames);
    if (!peer.congested) return Promise.resolve();
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(peer) ?? [];
      this.#waiters.set(peer, waiters);
      waiters.push(resolve);
    });
  }

  protected override joined(connection: Connection): void {
    let id: Frame = connection.peer!.identity;
    if (id.length === 0) {
      // Ids that begin with a zero are the ROUTER's own to give.
      const made = Buffer.alloc(5);
      made.writeUInt32BE(this.#counter++, 1);
      id = made;
    }
    const key = keyOf(id);
    if (this.#byId.has(key)) {
      connection.fail(new ZmtpError('EPROTOCOL', 'A peer with the same routing id is connected already'));
      return;
    }
    this.#byId.set(key, connection);
    this.#ids.set(connection, id);
  }

  protected override left(connection: Connection): void {
    const id = this.#ids.get(connection);
    if (!id) return;
    this.#ids.delete(connection);
    this.#byId.delete(keyOf(id));
    this.drained(connection);
  }

  protected override drained(connection: Connection): void {
    for (const resolve of this.#waiters.get(connection) ?? []) resolve();
    this.#waiters.delete(connection);
  }

  protected override received(connection: Connection, frames: Frame[]): void {
    const id = this.#ids.get(connection);
    if (id) this.inbox.deliver([id, ...frames]);
  }
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');
}
