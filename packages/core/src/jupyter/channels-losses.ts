import type { JupyterMessage } from '@kernelkit/protocol';

/** What is seen of a request of somebody else's: the server's own, another client's. */
interface Foreign {
  busy: boolean;
  idle: boolean;
}

/** Something may have been lost: what came since. */
interface Gap {
  /** The last number before it. */
  since: number;
  readonly received: Set<number>;
  readonly foreign: Map<string, Foreign>;
}

/**
 * Tells how many messages are missing. ipykernel, and whatever else sends with jupyter_client's Session, numbers all that it sends, over
 * all channels: `<session>_<pid>_<number>`. A number that does not come was lost, or went to somebody else: of each request of
 * another client's we see busy and idle, and not the reply between them.
 *
 * Only asked for when there is reason to (the connection broke, a server said that it drops): numbers may be missing for other reasons.
 */
export class Losses {
  /** What the kernel's numbers stand behind; null where it has none. */
  #stem: string | null = null;
  #highest = -1;
  #gap: Gap | null = null;

  /** Whether this kernel's messages can be counted. */
  get counts(): boolean {
    return this.#stem !== null;
  }

  get isOpen(): boolean {
    return this.#gap !== null;
  }

  /** The number of a message of the kernel's; null where it has none, or is somebody else's. */
  numberOf({ header }: JupyterMessage): number | null {
    const at = header.msg_id.lastIndexOf('_');
    if (at < 0 || header.msg_id.slice(0, at) !== this.#stem) return null;
    return Number(header.msg_id.slice(at + 1));
  }

  /** @param isOurs whether it belongs to a request of ours */
  take(message: JupyterMessage, isOurs: boolean): void {
    // What a server says in the kernel's name comes on iopub only.
    if (message.channel !== 'iopub') this.#learn(message.header.msg_id);
    const number = this.numberOf(message);
    if (number === null) return;
    this.#highest = Math.max(this.#highest, number);
    if (this.#gap === null) return;
    if (number > this.#gap.since) this.#gap.received.add(number);
    if (message.channel === 'iopub' && !isOurs && message.header.msg_type === 'status') this.#seeForeign(message);
  }

  /** From the last message on, some may be missing. */
  suspect(): void {
    this.#gap ??= { since: this.#highest, received: new Set(), foreign: new Map() };
  }

  /**
   * How many messages below `bound` are missing since it was last asked.
   * @param elsewhere numbers that are known to be on their way: replies of ours, on another channel
   */
  missing(bound: number, elsewhere: number): number {
    const gap = this.#gap;
    if (gap === null || bound <= gap.since) return 0;
    let seen = 0;
    for (const number of gap.received) {
      if (number > bound) continue;
      gap.received.delete(number);
      if (number < bound) seen += 1;
    }
    // Its reply went elsewhere; its busy may have gone into the server's own look whether the kernel is there.
    let others = 0;
    for (const { busy, idle } of gap.foreign.values()) others += 1 + (busy ? 0 : 1) + (idle ? 0 : 1);
    const missing = bound - gap.since - 1 - seen - others - elsewhere;
    gap.since = bound;
    gap.foreign.clear();
    return Math.max(0, missing);
  }

  /** What was suspected is settled. */
  settle(): void {
    this.#gap = null;
  }

  #learn(id: string): void {
    const stem = /^(.+_\d+)_\d+$/.exec(id)?.[1] ?? null;
    if (stem === this.#stem) return;
    // another process: its numbers begin anew
    this.#stem = stem;
    this.#highest = -1;
    this.#gap = null;
  }

  #seeForeign({ parent_header: parent, content }: JupyterMessage): void {
    const id = parent.msg_id;
    if (id === undefined || this.#gap === null) return;
    const seen = this.#gap.foreign.get(id) ?? { busy: false, idle: false };
    const { execution_state: state } = content as { execution_state?: string };
    if (state === 'busy') seen.busy = true;
    if (state === 'idle') seen.idle = true;
    this.#gap.foreign.set(id, seen);
  }
}
