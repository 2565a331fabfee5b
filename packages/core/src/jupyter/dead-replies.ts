import type { JupyterMessage } from '@kernelkit/protocol';
import { QuietTimer } from '../wait/index.js';

/** How long the news of the death may take after them: the reason is asked for first, and a kernel that is started again comes up first. */
const NEWS_MS = 3000;

/**
 * A gateway of ours answers what a kernel that died was asked, so that no front end waits for ever. Here the death itself is the answer, and
 * says more: such a reply is held back until that comes, and handed on where it does not.
 */
export class DeadReplies {
  readonly #emit: (message: JupyterMessage) => void;
  readonly #came: () => void;
  readonly #timer = new QuietTimer();
  #held: JupyterMessage[] = [];

  /** @param came called for the first that is held back: where the news takes long, it can be asked for */
  constructor(emit: (message: JupyterMessage) => void, came: () => void) {
    this.#emit = emit;
    this.#came = came;
  }

  /** True: it is one, and held back. */
  hold(message: JupyterMessage): boolean {
    if (!isDeadReply(message)) return false;
    this.#held.push(message);
    if (this.#held.length === 1) this.#came();
    this.#timer.arm(NEWS_MS, () => {
      const held = this.#held;
      this.#held = [];
      for (const each of held) this.#emit(each);
    });
    return true;
  }

  /** The news is there, or nobody listens any more. */
  drop(): void {
    this.#held = [];
    this.#timer.clear();
  }
}

/** As the hub writes them (`hub/synthetic`); code that raises an error of that name has a traceback. */
function isDeadReply({ channel, content }: JupyterMessage): boolean {
  if (channel === 'iopub') return false;
  const { status, ename, traceback } = content as { status?: unknown; ename?: unknown; traceback?: unknown };
  return status === 'error' && ename === 'DeadKernelError' && Array.isArray(traceback) && traceback.length === 0;
}
