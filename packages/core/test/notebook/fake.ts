import { createMessage, type JupyterMessage } from '@kernelkit/protocol';
import { ExecutionRun } from '../../src/kernel/execution.js';
import type { ExecuteOptions, Execution } from '../../src/kernel/index.js';
import type { NotebookKernel } from '../../src/notebook/index.js';

export interface Extra {
  /** The JSON text of the content, as a transport would give it. */
  raw?: string;
  buffers?: Uint8Array[];
  date?: string;
}

/** One request to the scripted kernel, in the hands of the test. */
export interface Request {
  code: string;
  options: ExecuteOptions;
  /** The request's msg_id. */
  id: string;
  /** Sends a message on iopub whose parent is this request. */
  say(type: string, content: Record<string, unknown>, extra?: Extra): void;
  /** Replies and goes idle. */
  finish(reply?: Record<string, unknown>): void;
  fail(error: Error): void;
}

/** A kernel that does what its script says, for races that no real kernel can be brought to on demand. */
export class ScriptedKernel implements NotebookKernel {
  info: NotebookKernel['info'] = { language_info: { name: 'script' } };
  interrupts = 0;
  readonly requests: Request[] = [];
  readonly listeners = new Set<(message: JupyterMessage) => void>();
  onInterrupt: (request: Request) => void = () => {};
  readonly #script: (request: Request) => void;

  constructor(script: (request: Request) => void) {
    this.#script = script;
  }

  execute(code: string, options: ExecuteOptions = {}): Execution {
    const id = `request-${this.requests.length}`;
    const run = new ExecutionRun(id, options, {
      interrupt: () => this.interrupt(),
      sendInput: async () => {},
      idleGrace: 0,
    });
    const take = (
      channel: 'shell' | 'iopub',
      type: string,
      content: Record<string, unknown>,
      extra: Extra = {},
    ): void => {
      const { raw, ...rest } = extra;
      const message: JupyterMessage = createMessage({
        channel,
        type: type as 'status',
        session: 's',
        content: content as never,
        ...rest,
      });
      message.parent_header = { msg_id: id };
      if (raw !== undefined) message.contentBytes = new TextEncoder().encode(raw);
      if (channel === 'iopub') for (const listener of this.listeners) listener(message);
      run.take(message);
    };
    const request: Request = {
      id,
      code,
      options,
      say: (type, content, extra) => take('iopub', type, content, extra),
      finish: (reply = {}) => {
        take('shell', 'execute_reply', { status: 'ok', ...reply }, { date: '2026-01-02T03:04:05.000006Z' });
        take('iopub', 'status', { execution_state: 'idle' }, { date: '2026-01-02T03:04:05.7Z' });
      },
      fail: (error) => run.fail(error),
    };
    this.requests.push(request);
    queueMicrotask(() => this.#script(request));
    return run;
  }

  async interrupt(): Promise<void> {
    this.interrupts += 1;
    this.onInterrupt(this.requests.at(-1)!);
  }

  onIopub(listener: (message: JupyterMessage) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
