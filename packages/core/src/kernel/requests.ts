import type { JupyterMessage } from '@kernelkit/protocol';
import { QuietTimer } from '../wait/index.js';

import { NoReplyError } from './errors.js';

/** After the kernel went idle for a request without answering it: time for a reply that is on its way on another socket. */
const REPLY_AFTER_IDLE_MS = 2000;
/** After the connection that took the request broke: time for a sign that it had arrived. */
const MAY_BE_LOST_MS = 5000;

interface Pending {
  type: string;
  channel: string;
  resolve: (reply: JupyterMessage) => void;
  reject: (error: Error) => void;
  unanswered: QuietTimer;
}

/** Requests that wait for their reply, found by msg_id. */
export class PendingRequests {
  readonly #pending = new Map<string, Pending>();

  /** Resolves with the reply to the request; rejects when the kernel goes idle without one, on abort, or on `fail`. */
  wait({ header, channel }: JupyterMessage, signal?: AbortSignal): Promise<JupyterMessage> {
    const { msg_id: id, msg_type: type } = header;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        const pending = this.#pending.get(id);
        this.#pending.delete(id);
        pending?.unanswered.clear();
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        end();
        reject(signal?.reason as Error);
      };
      this.#pending.set(id, {
        type,
        channel,
        unanswered: new QuietTimer(),
        resolve: (reply) => {
          end();
          resolve(reply);
        },
        reject: (error) => {
          end();
          reject(error);
        },
      });
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Takes a message of shell, control or iopub; true when it was the reply to a waiting request. */
  take(message: JupyterMessage): boolean {
    const id = message.parent_header.msg_id;
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (pending === undefined) return false;
    if (message.channel === 'iopub') {
      const content = message.content as { execution_state?: string };
      if (message.header.msg_type !== 'status') return false;
      if (content.execution_state === 'idle') {
        pending.unanswered.arm(REPLY_AFTER_IDLE_MS, () => pending.reject(new NoReplyError(pending.type)));
      } else {
        // It has arrived.
        pending.unanswered.clear();
      }
      return false;
    }
    if (!message.header.msg_type.endsWith('_reply')) return false;
    pending.resolve(message);
    return true;
  }

  /** The connection of that channel broke: what was asked on it may never have arrived. */
  mayBeLost(channel: string, error: Error): void {
    for (const pending of this.#pending.values()) {
      if (pending.channel !== channel || pending.unanswered.armed) continue;
      pending.unanswered.arm(MAY_BE_LOST_MS, () => pending.reject(error));
    }
  }

  /** The request could not be sent. */
  reject(id: string, error: Error): void {
    this.#pending.get(id)?.reject(error);
  }

  fail(error: Error): void {
    for (const pending of [...this.#pending.values()]) pending.reject(error);
  }
}
