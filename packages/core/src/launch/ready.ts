import { createMessage, type JupyterMessage } from '@kernelkit/protocol';
import type { Channels, KernelInfo } from '../channels/index.js';

/**
 * How long iopub may stay silent after a request was answered before it is repeated (jupyter_client#593): a kernel may
 * answer before our subscription has reached it. Doubles from the first to the last.
 */
const FIRST_REPEAT_MS = 5;
const LAST_REPEAT_MS = 100;
/**
 * How long a request may stay unanswered before it is repeated: a kernel that is still loading answers all of them then, one that has lost
 * the first (its connection broke while it bound) would never be ready. Doubles as well, to the last.
 */
const FIRST_UNANSWERED_MS = 3000;
const LAST_UNANSWERED_MS = 24_000;

export interface ReadyProgress {
  replied(): void;
  /** A message that could not be read. */
  invalid(reason: string): void;
}

/**
 * Resolves when the kernel has answered kernel_info **and** its iopub is known to reach us: by its welcome (JEP 65), or by
 * a status whose parent is one of our requests. A heartbeat would not do: octave beats four seconds before it answers.
 * Asks on shell only, which every kernel answers (IRkernel never answers it on control).
 *
 * Never times out by itself: the caller's signal, the exit of the process, or `gone` end it.
 */
export function becomesReady(channels: Channels, progress: ReadyProgress, signal: AbortSignal): Promise<KernelInfo> {
  return new Promise((resolve, reject) => {
    let info: KernelInfo | null = null;
    let iopubLive = false;
    const asked = new Set<string>();
    let repeat: ReturnType<typeof setTimeout> | null = null;
    let pause = FIRST_REPEAT_MS;
    let patience = FIRST_UNANSWERED_MS;
    let unanswered: ReturnType<typeof setTimeout> | null = null;

    const ask = (): void => {
      const message = createMessage({
        channel: 'shell',
        type: 'kernel_info_request',
        session: channels.session,
        content: {},
      });
      asked.add(message.header.msg_id);
      channels.send(message).catch(end);
    };
    const end = (error: unknown): void => {
      if (repeat !== null) clearTimeout(repeat);
      if (unanswered !== null) clearTimeout(unanswered);
      stopListening();
      signal.removeEventListener('abort', abort);
      if (error === null) resolve(info!);
      else reject(error as Error);
    };
    const abort = (): void => end(signal.reason);
    const check = (): void => {
      if (info === null) return;
      if (iopubLive) end(null);
      else repeat ??= setTimeout(again, pause);
    };
    const again = (): void => {
      pause = Math.min(pause * 2, LAST_REPEAT_MS);
      repeat = setTimeout(again, pause);
      ask();
    };
    const askAgain = (): void => {
      if (info !== null) return;
      patience = Math.min(patience * 2, LAST_UNANSWERED_MS);
      unanswered = setTimeout(askAgain, patience);
      ask();
    };
    const stopListening = channels.listen({
      message: (message: JupyterMessage) => {
        const type: string = message.header.msg_type;
        const ours = message.parent_header.msg_id !== undefined && asked.has(message.parent_header.msg_id);
        if (message.channel === 'iopub' && (type === 'iopub_welcome' || ours)) iopubLive = true;
        if (message.channel === 'shell' && type === 'kernel_info_reply' && ours && info === null) {
          info = message.content as KernelInfo;
          progress.replied();
        }
        check();
      },
      notice: (notice) => {
        if (notice.kind === 'invalid') progress.invalid(`${notice.channel}: ${notice.reason}`);
        // It may have been the answer; a connection that broke may have taken the question with it.
        const lost = notice.kind === 'invalid' || (notice.kind === 'disconnected' && notice.channel === 'shell');
        if (lost) repeat ??= setTimeout(again, pause);
      },
      gone: (gone) => end(gone.cause instanceof Error ? gone.cause : new Error(gone.message)),
    });
    if (signal.aborted) abort();
    else {
      signal.addEventListener('abort', abort, { once: true });
      ask();
      unanswered = setTimeout(askAgain, patience);
    }
  });
}
