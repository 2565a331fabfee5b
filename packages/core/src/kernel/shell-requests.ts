import {
  codePointOffset,
  type JupyterMessage,
  type MessageContents,
  type MessageType,
  utf16Offset,
} from '@kernelkit/protocol';
import { ReplyError } from './errors.js';
import { textOf } from './text.js';

/** How a request is sent, and how long its answer is waited for. */
export interface RequestOptions {
  channel?: 'shell' | 'control';
  /** Aborting stops the waiting, not the kernel. */
  signal?: AbortSignal;
  buffers?: Uint8Array[];
  /** The subshell that shall handle it (JEP 91). */
  subshellId?: string;
}

/** The content of a reply that is neither error nor aborted: those are thrown. */
export type Answer<T extends MessageType> = Exclude<MessageContents[T], { status: 'error' | 'aborted' }>;

/**
 * What a kernel can be asked besides executing. Cursor positions are counted in UTF-16 units, as JavaScript does; the
 * wire's code points (messaging spec, 5.2) are converted here, both ways.
 * Each throws KernelDiedError, KernelGoneError, NoReplyError, ReplyError, or the signal's reason.
 */
export abstract class ShellRequests {
  /** Sends a request and resolves with its reply. */
  abstract request<T extends MessageType>(
    type: T,
    content: MessageContents[T],
    options?: RequestOptions,
  ): Promise<JupyterMessage>;

  /** What could stand at the cursor; `cursor_start` and `cursor_end` say what it would replace. */
  async complete(code: string, cursor: number, options?: RequestOptions): Promise<Answer<'complete_reply'>> {
    const reply = await this.#ask<Answer<'complete_reply'>>(
      'complete_request',
      { code, cursor_pos: codePointOffset(code, cursor) },
      options,
    );
    // Adapted from protocol 4, which has no end: the cursor is meant.
    const units = (codePoints: number | null): number => (codePoints === null ? cursor : utf16Offset(code, codePoints));
    reply.cursor_start = units(reply.cursor_start);
    reply.cursor_end = units(reply.cursor_end);
    return reply;
  }

  /** What stands at the cursor: documentation, or with `detail` 1 also its source. */
  inspect(code: string, cursor: number, detail: 0 | 1 = 0, options?: RequestOptions): Promise<Answer<'inspect_reply'>> {
    return this.#ask(
      'inspect_request',
      { code, cursor_pos: codePointOffset(code, cursor), detail_level: detail },
      options,
    );
  }

  /** Whether code is ready to run, or wants another line. */
  isComplete(code: string, options?: RequestOptions): Promise<Answer<'is_complete_reply'>> {
    return this.#ask('is_complete_request', { code }, options);
  }

  history(request: MessageContents['history_request'], options?: RequestOptions): Promise<Answer<'history_reply'>> {
    return this.#ask('history_request', request, options);
  }

  /** The comms that are open in the kernel, all or those of one target. */
  commInfo(target?: string, options?: RequestOptions): Promise<Answer<'comm_info_reply'>> {
    return this.#ask('comm_info_request', target === undefined ? {} : { target_name: target }, options);
  }

  /** Asks again; `kernel.info` has what it said when it became ready. */
  kernelInfo(options?: RequestOptions): Promise<Answer<'kernel_info_reply'>> {
    return this.#ask('kernel_info_request', {}, options);
  }

  async #ask<R>(type: MessageType, content: object, options?: RequestOptions): Promise<R> {
    const { content: reply } = await this.request(type, content as MessageContents[MessageType], options);
    const { status, ename, evalue } = reply as { status?: string; ename?: unknown; evalue?: unknown };
    if (status === 'aborted') throw new ReplyError(type, 'Aborted', 'it was queued behind a cell that failed');
    if (status === 'error') throw new ReplyError(type, textOf(ename ?? 'Error'), textOf(evalue));
    return reply as R;
  }
}
