import type { JupyterMessage, MessageContents, MessageType } from '@kernelkit/protocol';
import { type KernelInfo, type Quirks, quirksOfImplementation } from '../channels/index.js';
import { announced, Deadline } from '../wait/index.js';
import { type Comm, type CommExtras, Comms, type CommTarget } from './comms.js';
import { type KernelDeath, KernelDiedError, KernelGoneError, SERVER_SAYS_DEAD } from './errors.js';
import { eventListeners, type KernelEvents, type KernelStatus } from './events.js';
import { ExecutionRun, executeContent } from './execution.js';
import { Executions } from './executions.js';
import { type Health, type InterruptUntilIdleOptions, interruptUntilIdle, probe } from './health.js';
import type { KernelConnection, KernelHost, Revival } from './host.js';
import { interrupt } from './interrupt.js';
import { type MessageExtras, newMessage } from './messages.js';
import { RecentIds } from './recent-ids.js';
import { PendingRequests } from './requests.js';
import { type RequestOptions, ShellRequests } from './shell-requests.js';
import type { ExecuteOptions, Execution } from './types.js';

/** A running kernel: what a program holds. The same over ZeroMQ and over a Jupyter server. */
export class Kernel extends ShellRequests implements AsyncDisposable {
  readonly comms: Comms;
  readonly #host: KernelHost;
  #connection: KernelConnection;
  #quirks: Quirks;
  #status: KernelStatus = 'idle';
  #end: Error | null = null;
  #closing: Promise<void> | null = null;
  #restarting: { stop: AbortController; done: Promise<void> } | null = null;
  #stopListening: () => void = () => {};
  readonly #executions = new Executions();
  readonly #requests = new PendingRequests();
  readonly #listeners = eventListeners();
  /** Requests on the control channel: a kernel is idle again after one, whatever its cells do. */
  readonly #beside = new RecentIds();

  constructor(host: KernelHost) {
    super();
    this.#host = host;
    this.#connection = host.connection;
    this.#quirks = quirksOfImplementation(host.connection.info.implementation);
    this.comms = new Comms(
      async (type, content, more) => (await this.#send(type, content as never, more)).header.msg_id,
    );
    this.#status = host.connection.status ?? 'idle';
    this.#listen();
    host.onDeath((death) => this.#die(death));
    host.onRevival?.((revival) => this.#revive(revival));
  }

  /** The kernel's id, kept over restarts. */
  get id(): string {
    return this.#host.id;
  }

  /** What the kernel says of itself: language, implementation, banner. */
  get info(): KernelInfo {
    return this.#connection.info;
  }

  /** What it is doing, as far as it is known here. */
  get status(): KernelStatus {
    return this.#status;
  }

  /** Calls `listener` for each event of that name. Returns what ends it. */
  on<K extends keyof KernelEvents>(event: K, listener: (value: KernelEvents[K]) => void): () => void {
    return this.#listeners[event].add(listener);
  }

  /** `on('iopub', …)`, in the words of the notebook runner. */
  onIopub(listener: (message: JupyterMessage) => void): () => void {
    return this.on('iopub', listener);
  }

  /**
   * Runs code. Await the execution for its result, or iterate it for its outputs as they come. An error that the code
   * raises is a result with status `error`; the promise rejects only when the kernel dies or cannot be reached.
   */
  execute(code: string, options: ExecuteOptions = {}): Execution {
    const { metadata } = options;
    const { session } = this.#connection.channels;
    const extras = metadata === undefined ? {} : { metadata };
    const message = newMessage(session, 'execute_request', executeContent(code, options), extras);
    const host = {
      interrupt: () => this.interrupt(),
      sendInput: (request: JupyterMessage<'input_request'>, value: string) => this.#answer(request, value),
      idleGrace: this.#quirks.idleGrace,
    };
    const run = new ExecutionRun(message.header.msg_id, options, host);
    if (this.#end !== null) {
      run.fail(this.#end);
      return run;
    }
    this.#executions.start(run, options, this.#quirks.oneAtATime, () => this.#connection.channels.send(message));
    return run;
  }

  /**
   * Sends a request and resolves with the content of its reply.
   * @throws KernelDiedError, KernelGoneError, NoReplyError, ReplyError, or the signal's reason
   */
  async request<T extends MessageType>(
    type: T,
    content: MessageContents[T],
    options: RequestOptions = {},
  ): Promise<JupyterMessage> {
    if (this.#end !== null) throw this.#end;
    options.signal?.throwIfAborted();
    const message = newMessage(this.#connection.channels.session, type, content, options);
    if (options.channel === 'control') this.#beside.add(message.header.msg_id);
    const reply = this.#requests.wait(message, options.signal);
    // Not awaited: a peer that takes nothing must not keep an abort from being heeded.
    this.#connection.channels
      .send(message)
      .catch((error: Error) => this.#requests.reject(message.header.msg_id, error));
    return reply;
  }

  /** Opens a comm to a target that the kernel knows. */
  openComm(target: string, data?: Record<string, unknown>, more?: CommExtras): Promise<Comm> {
    return this.comms.open(target, data, more);
  }

  /** Says what to do when the kernel opens a comm to `name`. */
  registerCommTarget(name: string, target: CommTarget): () => void {
    return this.comms.register(name, target);
  }

  /** Interrupts the code that runs, by a signal or a message. @throws InterruptUnsupportedError where both would be wrong */
  async interrupt(): Promise<void> {
    if (this.#end !== null) throw this.#end;
    await interrupt(this, this.#host.interrupt, this.#quirks);
  }

  /**
   * Interrupts again and again until nothing runs; `unheeded`: a restart is what is left to offer.
   * @throws as `interrupt`; the signal's reason
   */
  async interruptUntilIdle(options: InterruptUntilIdleOptions = {}): Promise<'idle' | 'unheeded'> {
    if (!this.#busy && this.#end === null) return 'idle';
    return interruptUntilIdle(this, options);
  }

  /**
   * Asks for a sign of life, and tells a kernel that is stuck from one that is busy.
   * @param ms how long it may take; default 2000
   */
  probe(ms = 2000): Promise<Health> {
    return probe(this, this.#connection.channels, ms);
  }

  /**
   * Replaces the kernel by a fresh one under the same id, dead or alive. What was running rejects; what is executed next runs
   * on the new one.
   * @throws KernelStartError, AbortedError (the kernel is then dead, and can be restarted again); KernelGoneError
   */
  async restart(signal?: AbortSignal): Promise<void> {
    if (this.#closing !== null) throw this.#end;
    if (this.#restarting !== null)
      throw new KernelGoneError('kernel-restarted', 'the kernel is being restarted already');
    const stop = new AbortController();
    using either = new Deadline(Number.POSITIVE_INFINITY, stop.signal, signal);
    try {
      // Known before anybody is told: who closes the kernel from a listener has to wait for the new one.
      await announced(
        (done) => {
          this.#restarting = { stop, done };
        },
        () => this.#restart(either.signal),
      );
    } finally {
      this.#restarting = null;
    }
  }

  /** Ends the kernel: asks it to shut down, then makes it. Idempotent. */
  close(): Promise<void> {
    if (this.#closing !== null) return this.#closing;
    return announced(
      (done) => {
        this.#closing = done;
      },
      () => this.#close(),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #restart(signal: AbortSignal): Promise<void> {
    if (this.#host.restart === null) throw new KernelGoneError('channels-gone', 'this kernel is not ours to restart');
    const busy = this.#busy;
    this.#stopListening();
    this.#endWith(new KernelGoneError('kernel-restarted', 'the kernel was restarted'), 'restarting');
    try {
      this.#connection = await this.#host.restart(busy, signal);
    } catch (error) {
      if (this.#closing === null) this.#endWith(error as Error, 'dead');
      throw error;
    }
    if (this.#closing !== null) throw this.#end;
    this.#begin();
  }

  /** With a connection to a fresh kernel. */
  #begin(): void {
    this.#end = null;
    this.#quirks = quirksOfImplementation(this.#connection.info.implementation);
    this.#listen();
    this.#set('idle');
  }

  /** Its host starts it again after it died: what waited has been told of the death. */
  #revive(revival: Revival): void {
    if (this.#closing !== null || this.#restarting !== null) return;
    if (revival.kind === 'restarted') {
      this.#stopListening();
      this.#connection = revival.connection;
      this.#begin();
      this.#listeners.revival.emit({ kind: 'restarted' });
      return;
    }
    if (revival.kind === 'given-up') this.#endWith(revival.error, 'dead');
    this.#listeners.revival.emit(revival);
  }

  async #close(): Promise<void> {
    const closed = new KernelGoneError('kernel-closed', 'the kernel was closed');
    const busy = this.#busy;
    this.#endWith(closed, null);
    // A restart under way would leave a new kernel behind.
    this.#restarting?.stop.abort(closed);
    await this.#restarting?.done.catch(() => {});
    try {
      await this.#host.shutdown(busy);
    } finally {
      this.#stopListening();
      this.#set('closed');
    }
  }

  get #busy(): boolean {
    return this.#executions.any || this.#status === 'busy';
  }

  #listen(): void {
    const connection = this.#connection;
    connection.later?.then(
      (info) => {
        connection.info = info;
        if (connection === this.#connection) this.#quirks = quirksOfImplementation(info.implementation);
      },
      () => {},
    );
    this.#stopListening = this.#connection.channels.listen({
      message: (message) => this.#take(message),
      notice: (notice) => {
        this.#listeners.notice.emit(notice);
        if (notice.kind !== 'disconnected') return;
        const lost = new KernelGoneError(
          'channels-gone',
          `the ${notice.channel} connection broke, and took a request along`,
        );
        if (notice.channel === 'shell') this.#executions.mayBeLost(lost);
        this.#requests.mayBeLost(notice.channel, lost);
      },
      gone: (gone) => {
        if (this.#end !== null) return;
        this.#endWith(new KernelGoneError('channels-gone', gone.message, gone.cause), 'dead');
      },
    });
  }

  #take(message: JupyterMessage): void {
    const parent = message.parent_header.msg_id ?? null;
    const run = this.#executions.find(parent);
    this.#requests.take(message);
    if (message.channel !== 'iopub') {
      if (run !== undefined) run.take(message);
      else if (message.header.msg_type === 'input_request')
        this.#leaveUnasked(message as JupyterMessage<'input_request'>);
      return;
    }
    this.#listeners.iopub.emit(message);
    const type: string = message.header.msg_type;
    if (type === 'status' && !this.#beside.has(parent))
      this.#takeStatus((message as JupyterMessage<'status'>).content.execution_state);
    if (type.startsWith('comm_')) this.comms.take(message);
    const late = run === undefined ? this.#executions.takeLate(parent, message) : null;
    if (late !== null) this.#listeners.lateOutput.emit({ parent, output: late });
    run?.take(message);
    this.#executions.stillBusy(run);
  }

  /** Nobody here knows who asks (a thread, a comm's handler), and the kernel waits for an answer. */
  #leaveUnasked(request: JupyterMessage<'input_request'>): void {
    const reason = `nobody was there to answer ${JSON.stringify(request.content.prompt)}`;
    this.#listeners.notice.emit({ kind: 'unanswered', channel: 'stdin', reason });
    this.#answer(request, '').catch(() => {});
  }

  async #answer(request: JupyterMessage<'input_request'>, value: string): Promise<void> {
    await this.#send('input_reply', { value, status: 'ok' } as never, { channel: 'stdin', parent: request });
  }

  #takeStatus(state: string): void {
    if (this.#end !== null) return;
    if (state === 'busy' || state === 'idle' || state === 'starting') this.#set(state);
    // A Jupyter server says so when it restarts or gives up a kernel that died under it.
    if (state === 'restarting') this.#set('restarting');
    if (state === 'dead') this.#die(SERVER_SAYS_DEAD);
  }

  #die(death: KernelDeath): void {
    if (this.#closing !== null || this.#restarting !== null || this.#status === 'dead') return;
    this.#endWith(new KernelDiedError(death), death.willRestart ? 'restarting' : 'dead');
    this.#listeners.died.emit(death);
  }

  /** From here on nothing can be asked of the kernel: first of all that, since whoever is told may ask at once. */
  #endWith(error: Error, status: KernelStatus | null): void {
    this.#end = error;
    this.#requests.fail(error);
    this.#executions.fail(error);
    this.comms.reset();
    if (status !== null) this.#set(status);
  }

  #set(status: KernelStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#listeners.status.emit(status);
  }

  async #send<T extends MessageType>(
    type: T,
    content: MessageContents[T],
    options: MessageExtras,
  ): Promise<JupyterMessage> {
    if (this.#end !== null) throw this.#end;
    const message = newMessage(this.#connection.channels.session, type, content, options);
    await this.#connection.channels.send(message);
    return message;
  }
}
