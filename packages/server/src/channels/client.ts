import type { GoneReason, Hub, HubConnection, HubItem, LogEntry } from '@kernelkit/core';
import type { JupyterMessage } from '@kernelkit/protocol';
import type { Tell } from '../events.js';
import type { Counters } from '../rest/metrics.js';
import { type Received, readIn } from './incoming.js';
import { frameOf, notice, type OutgoingOptions, writeOrTell } from './outgoing.js';
import type { ChannelsQuery } from './query.js';
import type { Wire } from './wire.js';

/** So much may wait in a client's socket; what is more waits in the kernel's log, where it is bounded and shared. */
const HIGH_WATER = 1024 * 1024;
/** Messages of at most so many bytes stay written, for other clients and for the log. */
const LARGEST_KEPT = 16 * 1024;
/** So many are handed over before others have their turn. */
const AT_ONCE = 200;

/** One client of one kernel, whatever its messages go through. */
export class ChannelsClient {
  readonly #connection: HubConnection;
  readonly #hub: Hub;
  readonly #wire: Wire;
  readonly #query: ChannelsQuery;
  readonly #outgoing: OutgoingOptions;
  readonly #tell: Tell;
  readonly #counters: Counters;
  /** What the last message belonged to: a notice is shown there. */
  #last: JupyterMessage | null = null;
  #isPumping = false;
  #isTurnWaiting = false;
  #isOpen = true;

  constructor(
    hub: Hub,
    wire: Wire,
    query: ChannelsQuery,
    outgoing: OutgoingOptions,
    { tell, counters }: { tell: Tell; counters: Counters },
  ) {
    this.#hub = hub;
    this.#wire = wire;
    this.#query = query;
    this.#outgoing = outgoing;
    this.#tell = tell;
    this.#counters = counters;
    const { session, after, inherits } = query;
    this.#connection = hub.attach({
      session,
      ...(after !== undefined && { after }),
      ...(inherits.length > 0 && { inherits }),
      wake: () => this.#turn(),
      gone: (reason) => this.#gone(reason),
    });
    this.#turn();
  }

  /** Something that the client sent. Never throws: what cannot be read is told and left out. */
  receive(data: Received, isText: boolean): void {
    if (!this.#isOpen) return;
    const read = readIn(data, this.#outgoing.encoding, isText);
    if (typeof read === 'string') this.#refused(read);
    else {
      try {
        this.#connection.send(read);
      } catch (error) {
        // JSON that is nested too deep for whoever writes it again (RangeError)
        this.#refused(`it cannot be passed on: ${(error as Error).message}`);
      }
    }
  }

  #refused(reason: string): void {
    this.#counters.refused += 1;
    this.#tell({ kind: 'message-refused', id: this.#hub.id, reason });
  }

  /** The client has left. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#connection.close();
  }

  #gone(reason: GoneReason): void {
    if (!this.#isOpen) return;
    // what was said before the end belongs to the client
    if (reason !== 'replaced') this.#drain();
    this.#isOpen = false;
    if (reason === 'left') {
      // 1012, service restart: after 1001, going away, JupyterLab would not connect again, and the next gateway has the kernel
      this.#wire.close(1012, 'the gateway ends, and its kernels go on');
      return;
    }
    // 1000: front ends do not connect again; a kernel that is gone would be asked for for ever
    this.#wire.close(1000, reason === 'closed' ? 'the kernel was shut down' : 'the session connected again');
  }

  /** Soon, and not within the kernel's own call: a client costs the others nothing. */
  #turn(): void {
    if (this.#isTurnWaiting) return;
    this.#isTurnWaiting = true;
    queueMicrotask(() => {
      this.#isTurnWaiting = false;
      this.#pump();
    });
  }

  readonly #sent = (): void => {
    if (this.#isStalled && this.#wire.bufferedAmount < HIGH_WATER / 2) {
      this.#isStalled = false;
      this.#turn();
    }
  };
  #isStalled = false;

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      this.#wire.together(() => this.#handSome());
    } finally {
      this.#isPumping = false;
    }
  }

  #handSome(): void {
    for (let left = AT_ONCE; this.#isOpen; left -= 1) {
      if (this.#wire.bufferedAmount >= HIGH_WATER) {
        this.#isStalled = true;
        return;
      }
      if (left === 0) {
        setImmediate(() => this.#pump());
        return;
      }
      const item = this.#connection.take();
      if (item === null) return;
      this.#hand(item);
    }
  }

  #drain(): void {
    for (let item = this.#connection.take(); item !== null; item = this.#connection.take()) this.#hand(item);
  }

  #hand(item: HubItem): void {
    if (item.kind === 'message' && this.#isAsLogged) {
      this.#handFrame(item.entry);
      return;
    }
    const message = item.kind === 'message' ? this.#placed(item) : this.#lost(item);
    for (const data of writeOrTell(message, this.#outgoing)) this.#wire.send(data, this.#sent);
  }

  /** What many clients get alike is written once. */
  #handFrame(entry: LogEntry): void {
    const frame = entry.frame ?? frameOf(entry.message);
    // a large one would be kept twice
    if (frame !== null && frame.byteLength <= LARGEST_KEPT) entry.frame = frame;
    this.#last = entry.message;
    const all = frame === null ? writeOrTell(entry.message, this.#outgoing) : [frame];
    for (const data of all) this.#wire.send(data, this.#sent);
  }

  get #isAsLogged(): boolean {
    return this.#outgoing.encoding === 'v1' && !this.#query.withCursor;
  }

  #placed({ entry: { seq, message } }: Extract<HubItem, { kind: 'message' }>): JupyterMessage {
    this.#last = message;
    if (!this.#query.withCursor) return message;
    const { kernelkit, ...metadata } = message.metadata;
    return { ...message, metadata: { ...metadata, kernelkit: { ...(kernelkit as object | undefined), seq } } };
  }

  #lost({ from, to, messages, bytes }: Extract<HubItem, { kind: 'lost' }>): JupyterMessage {
    this.#counters.lost += messages;
    this.#tell({ kind: 'messages-lost', id: this.#hub.id, messages, bytes });
    const text = `[kernelkit] ${messages} messages (${bytes} bytes; log entries ${from} to ${to}) of this kernel are lost to this client: it was away, or too slow, for longer than they are kept.\n`;
    const beside = this.#last ?? ({ header: { session: '', username: 'kernel' }, parent_header: {} } as JupyterMessage);
    return notice(beside, text);
  }
}
