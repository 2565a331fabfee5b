import { type JupyterMessage, newSessionId } from '@kernelkit/protocol';
import {
  type ChannelNotice,
  type Channels,
  type ChannelsGone,
  type ChannelsListener,
  Dialect,
  ListenerSet,
} from '../channels/index.js';
import { Deadline } from '../wait/index.js';
import { Aftermath } from './channels-aftermath.js';
import { KernelRemovedError, ServerChannelsGoneError } from './channels-errors.js';
import { Losses } from './channels-losses.js';
import { type ChannelsHooks, IDLE_CHECK_MS, lineOptions, type WebSocketOptions } from './channels-options.js';
import { OpenRequests } from './channels-requests.js';
import { Silence } from './channels-silence.js';
import { DeadReplies } from './dead-replies.js';
import { LastOf } from './last-of.js';
import { FinalFailure } from './reconnect.js';
import { Line } from './reconnect-line.js';
import type { KernelRest } from './server-kernel-rest.js';
import type { KernelModel, ServerSettings } from './types.js';
import { channelsUrl } from './websocket.js';

const LINGER_MS = 1000;
const HEARTBEAT_MS = 5000;
/** How long the server may take to say what a kernel does. */
const LOOK_MS = 10_000;
const RATE_EXCEEDED = /^IOPub (message|data) rate exceeded/;

/** A kernel's channels through a Jupyter server's WebSocket, which is made again when it breaks. */
export class WebSocketChannels implements Channels {
  readonly session: string;
  heartbeat?: (signal?: AbortSignal) => Promise<number>;
  readonly #kernelId: string;
  readonly #rest: KernelRest;
  readonly #hooks: ChannelsHooks;
  readonly #line: Line;
  readonly #dialect = new Dialect();
  readonly #requests = new OpenRequests();
  readonly #losses = new Losses();
  /** Ids of what came last, by which a replay is known. */
  readonly #seen = new LastOf(4096);
  readonly #ignored = new LastOf(100);
  readonly #messages = new ListenerSet<JupyterMessage>();
  readonly #notices = new ListenerSet<ChannelNotice>();
  readonly #goneListeners = new ListenerSet<ChannelsGone>();
  readonly #deadReplies = new DeadReplies(
    (message) => this.#emit(message),
    () => this.#hooks.deadReply?.(),
  );
  readonly #silence: Silence;
  readonly #end = new AbortController();
  #aftermath: Aftermath | null = null;
  /** The server drops output, until the cell ends. */
  #isLimited = false;
  #held: JupyterMessage[] | null = null;
  #gone: ChannelsGone | null = null;
  #closing: Promise<void> | null = null;

  constructor(
    settings: ServerSettings,
    kernelId: string,
    rest: KernelRest,
    options: WebSocketOptions = {},
    hooks: ChannelsHooks = {},
  ) {
    this.session = options.session ?? newSessionId();
    this.#kernelId = kernelId;
    this.#rest = rest;
    this.#hooks = hooks;
    this.#silence = new Silence(options.idleCheck ?? IDLE_CHECK_MS, {
      isWaiting: () => this.#requests.size > 0,
      isConnected: () => this.#line.isOpen,
      ask: () => this.#stateOnServer(),
      dead: () => this.#hooks.serverSays?.('dead'),
      isLost: () => this.#answerLost(),
    });
    this.#line = new Line(
      settings,
      channelsUrl(settings, kernelId, this.session),
      (signal) => this.#look(signal),
      lineOptions(options),
      {
        message: (message) => this.#receive(message),
        invalid: (error) => this.#notices.emit({ kind: 'invalid', channel: 'websocket', reason: error.message, error }),
        lost: (reason) => this.#lost(reason),
        back: (ms) => this.#back(ms),
        over: (error) => this.#over(error),
      },
    );
  }

  get gone(): ChannelsGone | null {
    return this.#gone;
  }

  /** Whether the connection is there at this moment. */
  get isConnected(): boolean {
    return this.#line.isOpen;
  }

  /** Opens the connection. @throws KernelRemovedError, WebSocketFailedError, what the rest throws, the signal's reason */
  async open(signal?: AbortSignal): Promise<void> {
    await this.#line.open(signal);
    this.#silence.begin();
    if (this.#line.canPing) this.heartbeat = (beat) => this.#beat(beat);
  }

  /** Keeps what comes on iopub until it is released: so that nothing is lost before somebody listens. */
  hold(): void {
    this.#held ??= [];
  }

  /** Whether something came on iopub since `hold`: the server hears the kernel there. */
  get hasHeld(): boolean {
    return (this.#held?.length ?? 0) > 0;
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const message of held) this.#messages.emit(message);
  }

  /** Hands on nothing of what the kernel prints for this request of ours. */
  ignore(id: string): void {
    this.#ignored.add(id);
  }

  async send(message: JupyterMessage): Promise<void> {
    if (this.#gone !== null) throw new ServerChannelsGoneError(this.#gone);
    if (message.channel === 'iopub')
      throw new TypeError('nothing can be sent on iopub: it is what the kernel publishes');
    try {
      await this.#line.send(this.#dialect.send(message), () => this.#requests.add(message));
    } catch (error) {
      this.#requests.remove(message.header.msg_id);
      if (this.#gone !== null) throw new ServerChannelsGoneError(this.#gone);
      throw error;
    }
  }

  listen(listener: ChannelsListener): () => void {
    const removers: (() => void)[] = [];
    if (listener.message !== undefined) removers.push(this.#messages.add((message) => listener.message?.(message)));
    if (listener.notice !== undefined) removers.push(this.#notices.add((notice) => listener.notice?.(notice)));
    if (listener.gone !== undefined) removers.push(this.#goneListeners.add((reason) => listener.gone?.(reason)));
    return () => {
      for (const remove of removers) remove();
    };
  }

  /** @param linger milliseconds that unsent messages may still take. Default 1000 */
  close(linger = LINGER_MS): Promise<void> {
    this.#closing ??= this.#close({ kind: 'closed', message: 'the connection to the kernel was closed' }, linger);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #beat(signal?: AbortSignal): Promise<number> {
    using deadline = new Deadline(signal === undefined ? HEARTBEAT_MS : Number.POSITIVE_INFINITY, signal);
    // awaited here: the deadline has to last as long
    return await this.#line.ping(deadline.signal);
  }

  #receive(raw: JupyterMessage): void {
    const message = this.#dialect.receive(raw);
    this.#silence.heard();
    const id = message.header.msg_id;
    // A server that is not sure what arrived sends it again.
    if (this.#aftermath !== null && this.#seen.has(id)) return;
    if (id !== '') this.#seen.add(id);
    const request = this.#requests.take(message);
    this.#losses.take(message, request !== null);
    if (this.#saysServer(message)) return;
    this.#aftermath?.take(message, request);
    if (this.#deadReplies.hold(message)) return;
    if (message.channel !== 'iopub' || !this.#ignored.has(message.parent_header.msg_id ?? '')) this.#emit(message);
  }

  #emit(message: JupyterMessage): void {
    if (this.#held !== null && message.channel === 'iopub') this.#held.push(message);
    else this.#messages.emit(message);
  }

  /** What a server says itself, on iopub, as if it were the kernel. True: it is not handed on. */
  #saysServer(message: JupyterMessage): boolean {
    if (message.channel !== 'iopub') return false;
    const { msg_type: type } = message.header;
    if (type === 'stream') {
      const { text } = message.content as { text: string };
      // Handed on, since it says in the output itself that some of it is missing.
      if (RATE_EXCEEDED.test(text) && this.#losses.numberOf(message) === null) this.#limited(text);
    }
    if (type !== 'status' || message.parent_header.msg_id !== undefined) return false;
    const { execution_state: state } = message.content as { execution_state: string };
    if (this.#hooks.serverSays === undefined || (state !== 'restarting' && state !== 'dead')) return false;
    this.#deadReplies.drop();
    this.#hooks.serverSays(state);
    return true;
  }

  /** The server throws output away from here on. How much is found out when the cell ends. */
  #limited(text: string): void {
    if (this.#isLimited) return;
    this.#isLimited = true;
    const [said] = text.split('\n', 1);
    this.#suspect(`the server said: ${said}`);
    this.#aftermath?.begin();
  }

  #suspect(reason: string): void {
    this.#aftermath?.end();
    this.#losses.suspect();
    const aftermath = new Aftermath(this.#aftermathHost(), reason, () => {
      if (this.#aftermath === aftermath) this.#aftermath = null;
      this.#isLimited = false;
    });
    this.#aftermath = aftermath;
  }

  #aftermathHost(): ConstructorParameters<typeof Aftermath>[0] {
    const line = this.#line;
    return {
      ...{ session: this.session, requests: this.#requests, losses: this.#losses, notices: this.#notices },
      ignore: (id) => this.ignore(id),
      send: (message) => this.send(message),
      emit: (message) => this.#emit(message),
      stateOnServer: () => this.#stateOnServer(),
      drop: (reason) => line.drop(reason),
    };
  }

  #lost(reason: string): void {
    this.#suspect(reason);
    this.#notices.emit({ kind: 'disconnected', channel: 'websocket', reason });
  }

  #back(ms: number): void {
    this.#silence.heard();
    this.#notices.emit({ kind: 'reconnected', channel: 'websocket', ms });
    this.#aftermath?.begin();
  }

  /** Before a connection is made: the server's answer says more than a WebSocket that does not open. */
  async #look(signal: AbortSignal): Promise<void> {
    const model = await this.#rest.get(this.#kernelId, signal);
    if (model === null) throw new FinalFailure(new KernelRemovedError(this.#kernelId));
  }

  async #stateOnServer(): Promise<string | null> {
    using deadline = new Deadline(LOOK_MS, this.#end.signal);
    let model: KernelModel | null;
    try {
      model = await this.#rest.get(this.#kernelId, deadline.signal);
    } catch {
      return null;
    }
    if (model === null) this.#over(new KernelRemovedError(this.#kernelId));
    return model?.execution_state ?? null;
  }

  #answerLost(): void {
    if (this.#aftermath !== null) return;
    this.#suspect('the server says that the kernel is idle, and its answer did not come');
    this.#aftermath!.begin();
  }

  #over(error: Error): void {
    if (this.#closing !== null) return;
    if (error instanceof KernelRemovedError) this.#hooks.removed?.(error);
    if (this.#closing !== null) return;
    const gone: ChannelsGone = { kind: 'failed', message: error.message, cause: error };
    this.#closing = this.#close(gone, 0);
    this.#closing.catch(() => {});
  }

  async #close(reason: ChannelsGone, linger: number): Promise<void> {
    this.#gone = reason;
    this.#aftermath?.end();
    this.#deadReplies.drop();
    this.#silence.end();
    const error = new ServerChannelsGoneError(reason);
    this.#end.abort(error);
    // Whoever waits for an answer of a lost kernel learns it now.
    if (reason.kind === 'failed') this.#goneListeners.emit(reason);
    await this.#line.close(linger, error);
    if (reason.kind !== 'failed') this.#goneListeners.emit(reason);
    this.#messages.clear();
    this.#notices.clear();
    this.#goneListeners.clear();
    this.#requests.clear();
  }
}
