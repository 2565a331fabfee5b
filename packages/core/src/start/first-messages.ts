import { createMessage } from '@kernelkit/protocol';
import type { KernelInfo } from '../channels/index.js';
import type { RawChannels } from '../raw/index.js';
import { QuietTimer } from '../wait/index.js';

/**
 * After shell has answered: how long nothing may come on iopub before its idle counts as lost, as a cell's does (hub/unfinished). Some kernels
 * send none.
 */
const SILENCE_MS = 5000;
/** After shell has answered without an idle: that may have come before the kernel knew of our subscription, so that it is asked again. */
const AGAIN_MS = 500;
const AGAIN = 5;

/** The first that is heard of a kernel that was joined. Stops listening by itself once shell has answered, and is idle. */
export class FirstMessages {
  /** Resolves with the first kernel_info_reply, on shell or on control. */
  readonly answer: Promise<KernelInfo>;
  readonly answerOnShell: Promise<void>;
  /** Resolves when the kernel has done what it was asked on shell before, and its output of that has come. */
  readonly caughtUp: Promise<void>;
  /** Resolves when anything came on iopub: our subscription is known to the kernel. */
  readonly output: Promise<void>;
  /** Why messages could not be read. */
  readonly unreadable: string[] = [];
  readonly stop: () => void;
  readonly #channels: RawChannels;
  readonly #ours: Set<string>;
  readonly #asked = new Map<string, 'shell' | 'control'>();

  /** @param ours gets the ids of the requests whose status says nothing of the kernel's cells */
  constructor(channels: RawChannels, ours: Set<string>) {
    this.#channels = channels;
    this.#ours = ours;
    let said: (info: KernelInfo) => void = () => {};
    let saidOnShell = (): void => {};
    let printed = (): void => {};
    let idle = (): void => {};
    let isAnswered = false;
    let isIdleOnShell = false;
    this.answer = new Promise((resolve) => {
      said = resolve;
    });
    this.answerOnShell = new Promise((resolve) => {
      saidOnShell = resolve;
    });
    this.output = new Promise((resolve) => {
      printed = resolve;
    });
    const idleOnShell = new Promise<void>((resolve) => {
      idle = resolve;
    });
    this.caughtUp = Promise.all([this.answerOnShell, idleOnShell]).then(() => {});
    const silence = new QuietTimer();
    const heard = (): void => {
      if (isAnswered) silence.arm(SILENCE_MS, idle);
    };
    const again = new QuietTimer();
    const askAgain = (left: number): void => {
      if (left > 0 && !isIdleOnShell)
        again.arm(AGAIN_MS, () => {
          this.ask('shell');
          askAgain(left - 1);
        });
    };
    const remove = channels.listen({
      message: ({ channel, parent_header: parent, header, content }) => {
        if (channel === 'iopub') {
          printed();
          heard();
        }
        const by = this.#asked.get(parent.msg_id ?? '');
        // an interrupt makes IRkernel forget what was asked behind the cell
        const isIdle = channel === 'iopub' && (content as { execution_state?: string }).execution_state === 'idle';
        if (isIdle && by === 'shell') {
          isIdleOnShell = true;
          again.clear();
          idle();
        }
        if (isIdle && by === undefined && !isAnswered) this.ask('shell');
        if (by === undefined || header.msg_type !== 'kernel_info_reply') return;
        said(content as KernelInfo);
        if (by !== 'shell') return;
        if (!isAnswered) askAgain(AGAIN);
        isAnswered = true;
        saidOnShell();
        heard();
      },
      notice: ({ kind, reason }: { kind: string; reason?: string }) => {
        if (kind === 'invalid') this.unreadable.push(reason ?? '');
      },
      gone: () => this.stop(),
    });
    this.stop = () => {
      silence.clear();
      again.clear();
      remove();
    };
    void Promise.all([this.caughtUp, this.output]).then(() => this.stop());
  }

  ask(channel: 'shell' | 'control'): void {
    const { session } = this.#channels;
    const message = createMessage({ channel, type: 'kernel_info_request', session, content: {} });
    this.#asked.set(message.header.msg_id, channel);
    // on shell it tells when the kernel is idle again
    if (channel === 'control') this.#ours.add(message.header.msg_id);
    // one that cannot be sent shows in that nothing is answered
    this.#channels.send(message).catch(() => {});
  }
}
