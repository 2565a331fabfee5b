import type { JupyterMessage } from '@kernelkit/protocol';

/** A request of ours that the kernel has not done with. */
export interface OpenRequest {
  readonly id: string;
  readonly type: string;
  readonly channel: 'shell' | 'control';
  readonly message: JupyterMessage;
  /** Something came of it: it has reached the kernel. */
  begun: boolean;
  replied: boolean;
  idle: boolean;
}

/** More than anybody has under way; what a kernel never answers must not be kept for good. */
const REMEMBERED = 20_000;

/** What we have asked of the kernel, until its reply and its idle are both here. */
export class OpenRequests {
  readonly #open = new Map<string, OpenRequest>();

  get size(): number {
    return this.#open.size;
  }

  add(message: JupyterMessage): void {
    const { channel, header } = message;
    if (channel !== 'shell' && channel !== 'control') return;
    this.#open.set(header.msg_id, {
      ...{ id: header.msg_id, type: header.msg_type, channel, message, begun: false },
      // a comm's messages have no answer
      ...{ replied: !header.msg_type.endsWith('_request'), idle: false },
    });
    if (this.#open.size > REMEMBERED) this.#open.delete(this.#open.keys().next().value!);
  }

  /** A message of the kernel's; returns the request of ours that it belongs to, as it is after it. */
  take(message: JupyterMessage): OpenRequest | null {
    const request = this.#open.get(message.parent_header.msg_id ?? '');
    if (request === undefined) return null;
    request.begun = true;
    if (message.channel !== 'iopub') {
      if (message.header.msg_type.endsWith('_reply')) request.replied = true;
    } else if (isIdle(message)) {
      request.idle = true;
    }
    if (request.replied && request.idle) this.#open.delete(request.id);
    return request;
  }

  remove(id: string): void {
    this.#open.delete(id);
  }

  all(): OpenRequest[] {
    return [...this.#open.values()];
  }

  clear(): void {
    this.#open.clear();
  }
}

export function isIdle(message: JupyterMessage): boolean {
  return (
    message.header.msg_type === 'status' && (message.content as { execution_state?: string }).execution_state === 'idle'
  );
}
