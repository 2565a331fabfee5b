import type { JupyterMessage } from '@kernelkit/protocol';
import { callOut } from '../channels/index.js';
import { KernelGoneError } from './errors.js';

/** What one end of a comm sends to the other. */
export interface CommMessage {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  buffers: Uint8Array[];
}

type CommSend = (
  type: 'comm_open' | 'comm_msg' | 'comm_close',
  content: Record<string, unknown>,
  more: CommExtras,
) => Promise<string>;

/** What a comm's message may carry beside its data. */
export interface CommExtras {
  buffers?: Uint8Array[];
  /** The message's metadata: widgets say their protocol's version in that of comm_open. */
  metadata?: Record<string, unknown>;
}

/** One end of a comm: a two-way pipe to an object in the kernel (messaging spec, "Custom Messages"). */
export class Comm {
  readonly id: string;
  readonly target: string;
  /** What comes from the kernel's end. */
  onMessage: ((message: CommMessage) => void) | null = null;
  /** The kernel closed its end; null: the kernel is gone, and its end with it. */
  onClose: ((message: CommMessage | null) => void) | null = null;
  closed = false;
  readonly #send: CommSend;
  readonly #forget: () => void;

  constructor(id: string, target: string, send: CommSend, forget: () => void) {
    this.id = id;
    this.target = target;
    this.#send = send;
    this.#forget = forget;
  }

  /** Sends to the kernel's end. Resolves with the request's msg_id, the parent of whatever the kernel prints because of it. */
  async send(data: Record<string, unknown>, buffers: Uint8Array[] = []): Promise<string> {
    if (this.closed) throw new KernelGoneError('comm-closed', `the comm to ${this.target} is closed`);
    return this.#send('comm_msg', { comm_id: this.id, data }, { buffers });
  }

  /** Closes both ends. Nothing where it is closed already. */
  async close(data: Record<string, unknown> = {}): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.#forget();
    await this.#send('comm_close', { comm_id: this.id, data }, {});
  }
}

/** Takes comms that the kernel opens to it; `message` is the one that opened it. */
export type CommTarget = (comm: Comm, message: CommMessage) => void;

/** The comms of one kernel. */
export class Comms {
  readonly #send: CommSend;
  readonly #comms = new Map<string, Comm>();
  readonly #targets = new Map<string, CommTarget>();

  constructor(send: CommSend) {
    this.#send = send;
  }

  /** Opens a comm to `target`, which the kernel must have registered; a kernel that has not closes it at once. */
  async open(target: string, data: Record<string, unknown> = {}, more: CommExtras = {}): Promise<Comm> {
    const comm = this.#add(globalThis.crypto.randomUUID().replaceAll('-', ''), target);
    try {
      await this.#send('comm_open', { comm_id: comm.id, target_name: target, data }, more);
    } catch (error) {
      this.#comms.delete(comm.id);
      throw error;
    }
    return comm;
  }

  /** Says what to do when the kernel opens a comm to `name`. Returns what takes it back. */
  register(name: string, target: CommTarget): () => void {
    this.#targets.set(name, target);
    return () => {
      if (this.#targets.get(name) === target) this.#targets.delete(name);
    };
  }

  /**
   * Answer a comm to a target that is not registered here with comm_close, as the spec asks of a front end. Off by default:
   * of several clients of a kernel another may know the target, and a runner of notebooks knows but widgets.
   */
  closeUnknown = false;

  take(message: JupyterMessage): void {
    const content = message.content as { comm_id?: string; target_name?: string; data?: Record<string, unknown> };
    const id = content.comm_id;
    if (id === undefined) return;
    const body: CommMessage = { data: content.data ?? {}, metadata: message.metadata, buffers: message.buffers };
    const type: string = message.header.msg_type;
    if (type === 'comm_open') {
      const target = this.#targets.get(content.target_name ?? '');
      if (target !== undefined) callOut(() => target(this.#add(id, content.target_name ?? ''), body));
      else if (this.closeUnknown) void this.#send('comm_close', { comm_id: id, data: {} }, {}).catch(() => {});
      return;
    }
    const comm = this.#comms.get(id);
    if (comm === undefined) return;
    if (type === 'comm_msg') {
      callOut(() => comm.onMessage?.(body));
    } else if (type === 'comm_close') {
      comm.closed = true;
      this.#comms.delete(id);
      callOut(() => comm.onClose?.(body));
    }
  }

  /** After a restart or death: the kernel's ends are gone. */
  reset(): void {
    const comms = [...this.#comms.values()];
    this.#comms.clear();
    for (const comm of comms) {
      comm.closed = true;
      callOut(() => comm.onClose?.(null));
    }
  }

  #add(id: string, target: string): Comm {
    const comm = new Comm(id, target, this.#send, () => this.#comms.delete(id));
    this.#comms.set(id, comm);
    return comm;
  }
}
