import type { JupyterMessage, MessageContents } from '@kernelkit/protocol';
import { callOut } from '../channels/index.js';
import { AbortedError, KernelkitError } from '../errors/index.js';
import { QuietTimer } from '../wait/index.js';
import { InputNotAllowedError, NoReplyError } from './errors.js';
import { EventLog } from './event-log.js';
import { leaveInput } from './leave-input.js';
import { outputEvent } from './output-event.js';
import { applyOutput, emptyOutputArea, type OutputArea } from './outputs.js';
import { executeResult } from './result.js';
import type { ExecuteOptions, ExecuteResult, Execution, OutputEvent } from './types.js';

/** What an execution needs of its kernel. */
export interface ExecutionHost {
  interrupt(): Promise<void>;
  sendInput(request: JupyterMessage<'input_request'>, value: string): Promise<void>;
  /** Milliseconds in which output may still come after reply and idle (the quirks table). */
  readonly idleGrace: number;
}

/**
 * When one of reply and idle has come and the other is missing: how long iopub (or shell) may be silent before the cell
 * counts as done without it. Some kernels never send the other (testbed.md §1, quirk 3; lost in an overflow).
 */
const MISSING_HALF_MS = 5000;
/** From "busy" on IPython still ignores SIGINT for a moment; "execute_input" says that it does no longer, but silent code has none. */
const STARTING_MS = 100;
/**
 * How long a kernel that is not known to be busy may leave an execution lying that was aborted, or whose request may be lost,
 * before that ends without it.
 */
const NOT_BEGUN_MS = 5000;

/** What an execute_request says, with the defaults of the messaging spec. */
export function executeContent(code: string, options: ExecuteOptions): MessageContents['execute_request'] {
  const silent = options.silent ?? false;
  return {
    code,
    silent,
    store_history: options.storeHistory ?? !silent,
    user_expressions: options.userExpressions ?? {},
    allow_stdin: options.onInput !== undefined,
    stop_on_error: options.stopOnError ?? true,
  };
}

/** One execute_request on its way: fed by the kernel's dispatcher, read by the caller. */
export class ExecutionRun implements Execution {
  readonly id: string;
  readonly done: Promise<ExecuteResult>;
  /** Whether an error in it ends what is queued behind it. */
  readonly stopsOnError: boolean;
  readonly #host: ExecutionHost;
  readonly #options: ExecuteOptions;
  readonly #collect: boolean;
  readonly #log: EventLog<OutputEvent>;
  #area: OutputArea = emptyOutputArea();
  #reply: JupyterMessage<'execute_reply'> | null = null;
  #executionCount: number | null = null;
  #error: ExecuteResult['error'] = null;
  #idle = false;
  #sent = false;
  #started = false;
  /** Something came that only running code brings: its echo, or output. */
  #ran = false;
  #aborted = false;
  #settled = false;
  #inputFailure: Error | null = null;
  #mayBeLost: Error | null = null;
  readonly #end = new QuietTimer();
  readonly #starting = new QuietTimer();
  readonly #notBegun = new QuietTimer();
  readonly #input = new AbortController();
  #resolve: (result: ExecuteResult) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #removeAbort: () => void = () => {};
  /** Called once when it is done, for whatever reason. */
  onSettled: () => void = () => {};
  /** Whether another execution of this client's runs, which this one may be queued behind. */
  isQueued: () => boolean = () => false;

  constructor(id: string, options: ExecuteOptions, host: ExecutionHost) {
    this.id = id;
    this.#host = host;
    this.#options = options;
    this.#collect = options.collect ?? true;
    this.#log = new EventLog(this.#collect);
    this.stopsOnError = options.stopOnError ?? true;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever only iterates learns of a failure there; it must not also be an unhandled rejection.
    this.done.catch(() => {});
    const { signal } = options;
    if (signal === undefined) return;
    const abort = (): void => this.#abort(signal);
    signal.addEventListener('abort', abort, { once: true });
    this.#removeAbort = () => signal.removeEventListener('abort', abort);
    if (signal.aborted) abort();
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** The kernel runs it. */
  get runs(): boolean {
    return this.#started && !this.#settled;
  }

  get [Symbol.toStringTag](): string {
    return 'Execution';
  }

  // Awaiting an execution is awaiting its result.
  then<A = ExecuteResult, B = never>(
    onfulfilled?: ((value: ExecuteResult) => A | PromiseLike<A>) | null,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.done.then(onfulfilled, onrejected);
  }

  catch<T = never>(onrejected?: ((error: unknown) => T | PromiseLike<T>) | null): Promise<ExecuteResult | T> {
    return this.done.catch(onrejected);
  }

  finally(onfinally?: (() => void) | null): Promise<ExecuteResult> {
    return this.done.finally(onfinally);
  }

  [Symbol.asyncIterator](): AsyncGenerator<OutputEvent, void, undefined> {
    return this.#log.read();
  }

  /** Its request is about to be sent. */
  sending(): void {
    this.#sent = true;
  }

  /** Ends it without having been sent: an execution that it was queued behind has failed. */
  skip(): void {
    if (this.#settled) return;
    this.#settle(null);
    this.#resolve({ status: 'aborted', executionCount: null, outputs: [], error: null, reply: null });
  }

  /** A message whose parent is this request, of any channel. */
  take(message: JupyterMessage): void {
    if (this.#settled) return;
    callOut(() => this.#options.onMessage?.(message));
    switch (message.header.msg_type) {
      case 'execute_reply':
        // Of two answers the first counts.
        if (this.#reply !== null) break;
        this.#reply = message as JupyterMessage<'execute_reply'>;
        this.#executionCount = this.#reply.content.execution_count ?? this.#executionCount;
        break;
      case 'execute_input':
        this.#executionCount =
          (message as JupyterMessage<'execute_input'>).content.execution_count ?? this.#executionCount;
        this.#ran = true;
        this.#starts();
        break;
      case 'status': {
        const { execution_state } = (message as JupyterMessage<'status'>).content;
        if (execution_state === 'idle') this.#idle = true;
        if (execution_state === 'busy' && !this.#started) this.#starting.arm(STARTING_MS, () => this.#starts());
        break;
      }
      case 'input_request':
        void this.#ask(message as JupyterMessage<'input_request'>);
        break;
      default: {
        const event = outputEvent(message);
        if (event !== null) this.#show(event);
      }
    }
    this.#check();
  }

  /** The kernel has died, was restarted, or cannot be reached. */
  fail(error: Error): void {
    if (this.#settled) return;
    this.#settle(error);
    this.#reject(error);
  }

  /** Something of this kernel came on iopub that is not ours: it is alive, the missing half may still be on its way. */
  stillBusy(): void {
    if (this.#end.armed && !(this.#reply !== null && this.#idle)) this.#endAfter(MISSING_HALF_MS);
    if (this.#notBegun.armed) this.#awaitBegin();
  }

  /** The connection that took the request broke: the kernel may never have got it. */
  mayBeLost(error: Error): void {
    if (!this.#sent || this.#started || this.#reply !== null) return;
    this.#mayBeLost = error;
    // A connection that breaks again and again does not put off the end.
    if (!this.#notBegun.armed) this.#awaitBegin();
  }

  /**
   * An interrupt hits whatever the kernel runs: it is sent only while that is this execution. One that is queued in the kernel
   * is interrupted when it starts; one that was never sent ends here, and one that a kernel never takes up, a while later.
   */
  #abort(signal: AbortSignal): void {
    if (this.#settled || this.#reply !== null) return;
    this.#aborted = true;
    if (!this.#sent) this.fail(new AbortedError('the execution', signal.reason));
    else if (this.#started) this.#interrupt();
    else this.#awaitBegin();
  }

  #awaitBegin(): void {
    this.#notBegun.arm(NOT_BEGUN_MS, () => {
      if (this.isQueued()) this.#awaitBegin();
      else if (this.#mayBeLost !== null) this.fail(this.#mayBeLost);
      else this.fail(new AbortedError('the execution, which the kernel has not begun,', this.#options.signal?.reason));
    });
  }

  #starts(): void {
    this.#starting.clear();
    this.#notBegun.clear();
    if (this.#started) return;
    this.#started = true;
    if (this.#aborted && this.#reply === null) this.#interrupt();
  }

  #interrupt(): void {
    this.#host.interrupt().catch((error: Error) => {
      // Its process has ended: how is about to be told, with more to say.
      if (error instanceof KernelkitError && error.kind === 'interrupt-failed') return;
      this.fail(error);
    });
  }

  #show(event: OutputEvent): void {
    this.#ran = true;
    if (event.output_type === 'error') {
      this.#error = { ename: event.ename, evalue: event.evalue, traceback: event.traceback };
    }
    if (this.#collect) this.#area = applyOutput(this.#area, event);
    this.#log.push(event);
  }

  /** Done on reply and idle, in either order; see DESIGN, decision 11. */
  #check(): void {
    const both = this.#reply !== null && this.#idle;
    if (both && this.#host.idleGrace === 0) this.#finish();
    else if (both) this.#endAfter(this.#host.idleGrace);
    else if (this.#reply !== null || this.#idle) this.#endAfter(MISSING_HALF_MS);
  }

  #endAfter(ms: number): void {
    this.#end.arm(ms, () => this.#finish());
  }

  #finish(): void {
    if (this.#settled) return;
    if (this.#inputFailure !== null) {
      this.fail(this.#inputFailure);
      return;
    }
    if (this.#reply === null && !this.#ran) {
      this.fail(new NoReplyError('execute_request'));
      return;
    }
    this.#settle(null);
    this.#resolve(
      executeResult({
        reply: this.#reply,
        executionCount: this.#executionCount,
        error: this.#error,
        aborted: this.#aborted,
        area: this.#area,
      }),
    );
  }

  #settle(failure: Error | null): void {
    this.#settled = true;
    this.#end.clear();
    this.#starting.clear();
    this.#notBegun.clear();
    this.#removeAbort();
    this.#input.abort();
    this.onSettled();
    this.#log.end(failure);
  }

  async #ask(request: JupyterMessage<'input_request'>): Promise<void> {
    const { prompt, password } = request.content;
    try {
      if (this.#options.onInput === undefined) throw new InputNotAllowedError(prompt);
      const value = await this.#options.onInput({ prompt, password: password ?? false }, this.#input.signal);
      if (!this.#settled) await this.#host.sendInput(request, value);
    } catch (error) {
      if (this.#settled) return;
      this.#inputFailure = error as Error;
      const isOut = (): boolean => this.#settled || this.#reply !== null;
      await leaveInput(request, this.#host, this.done, isOut).catch((failed: Error) => this.fail(failed));
      // A kernel that stays where it is even so does not keep the caller.
      if (this.#reply === null) this.#finish();
    }
  }
}
