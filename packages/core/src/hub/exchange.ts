import { type JupyterMessage, newSessionId } from '@kernelkit/protocol';
import { quirksOfImplementation } from '../channels/index.js';
import type { KernelConnection } from '../kernel/index.js';
import { isStarting, saysIdle } from './activity.js';
import { complete } from './complete.js';
import { Doing } from './doing.js';
import type { HubLog } from './log.js';
import { Outbox } from './outbox.js';
import { Questions } from './questions.js';
import { type Route, Routes } from './routes.js';
import { errorOutput, errorReply, gapNotice, noticeMessage, sizeOf, statusMessage } from './synthetic.js';
import type { HubEvent, HubState, HubStore, OpenRequest, RestoredHub, Runs } from './types.js';
import { Unfinished, whatIsLost } from './unfinished.js';

const ANSWER_LOST =
  'the gateway that had asked has ended, and the answer is lost; what the cell printed tells how it went';

/** What passes between one kernel and its clients: who gets what, and what the hub says itself. */
export class Exchange {
  readonly #log: HubLog;
  readonly #outbox: Outbox;
  readonly #tell: (event: HubEvent) => void;
  #routes = new Routes();
  readonly #questions = new Questions();
  readonly #unfinished = new Unfinished((route) => this.#idleIsLost(route));
  /** The session id that stands for the kernel's process. */
  #session = newSessionId();
  #connection: KernelConnection | null = null;
  #failure: Error | null = null;
  /** Requests of before this hub was there. */
  #inherited: Route[] = [];
  readonly #store: HubStore | undefined;
  readonly #doing: Doing;

  constructor(log: HubLog, maxPendingBytes: number, tell: (event: HubEvent) => void, store?: HubStore) {
    this.#log = log;
    this.#outbox = new Outbox(maxPendingBytes);
    this.#tell = tell;
    this.#store = store;
    this.#doing = new Doing(tell, store?.restored?.runs ?? null);
    if (store?.restored) this.#restore(store.restored);
  }

  get requests(): OpenRequest[] {
    return this.#routes.open;
  }

  get runs(): Runs | null {
    return this.#doing.runs;
  }

  get state(): HubState {
    return this.#doing.state;
  }

  get lastActivity(): Date {
    return this.#doing.lastActivity;
  }

  /** Whether a kernel is connected. */
  get isOpen(): boolean {
    return this.#connection !== null;
  }

  /** The entry after which a client reads that has never been here: what runs is shown from its beginning. */
  get beginning(): number {
    return this.runs === null ? this.#log.last : this.runs.seq - 1;
  }

  open(connection: KernelConnection): void {
    this.#connection = connection;
    const { channels, info, status = 'idle', adopted } = connection;
    this.#doing.active();
    if (adopted === undefined) this.#forsake('KernelRestartedError', 'the kernel was started anew');
    if (adopted === undefined) this.announce('starting');
    else this.#append(null, this.#gap(adopted.since));
    this.announce(status);
    this.#doing.set(status);
    if (status === 'busy') this.#doing.joined(this.#log.last);
    this.#outbox.open(
      (message) => {
        channels.send(message).catch((error: unknown) => this.#unsent(message, error));
      },
      quirksOfImplementation(info.implementation),
      this.#running,
    );
    const before = this.runs;
    void adopted?.caughtUp.then(() => {
      if (this.#connection === connection) this.#caughtUp(before);
    });
  }

  /** What an earlier hub had: its log is there. */
  #restore({ log: { entries }, requests }: RestoredHub): void {
    const last = entries.findLast(({ message }) => message.header.session !== '');
    if (last !== undefined) this.#session = last.message.header.session;
    this.#inherited = requests.map((request) => this.#routes.restore(request));
    for (const { to, message } of entries) {
      const { msg_id: parent } = message.parent_header;
      if ((message.header.msg_type as string) === 'input_request' && to !== null) this.#questions.asked(message, to);
      else if (saysIdle(message)) this.#questions.over(parent);
    }
  }

  #gap(since: Date): JupyterMessage {
    const isCut = this.#store?.restored?.isCut ?? false;
    return gapNotice(this.#session, { since, until: new Date(), isCut }, this.#runsFor);
  }

  /** The request of before that runs. */
  get #running(): Route | null {
    return this.#inherited.find(({ header }) => header.msg_id === this.runs?.parent) ?? null;
  }

  /** The request whose output begins where what runs began. */
  get #runsFor(): JupyterMessage['header'] | undefined {
    const parent = this.runs === null ? undefined : this.#log.at(this.runs.seq)?.message.parent_header;
    return parent?.msg_id === undefined ? this.#running?.header : (parent as JupyterMessage['header']);
  }

  /** The kernel is done with all that it was asked before this hub was there. What it has not answered by now it answered to nobody. */
  #caughtUp(before: Runs | null): void {
    this.#forsake('AnswerLostError', ANSWER_LOST);
    if (before === null || this.runs !== before) return;
    this.#append(null, statusMessage(this.#session, 'idle', { parent: this.#runsFor }));
    this.#doing.over();
  }

  #forsake(ename: string, why: string): void {
    for (const route of this.#inherited) {
      if (!this.#routes.isOpen(route)) continue;
      this.#routes.answered(route);
      this.#refuse(route, ename, why);
      this.#outbox.done(route);
    }
    this.#inherited = [];
  }

  /** No kernel is connected for now: what was asked of it is answered with an error, what comes waits. */
  shut(state: HubState, why: string, ename = 'DeadKernelError'): void {
    this.#connection = null;
    this.#outbox.close();
    // refused below, with what the kernel had taken
    this.#outbox.clear();
    this.#end();
    this.#inherited = [];
    for (const route of this.#routes.takeOpen()) this.#refuse(route, ename, why);
    this.#doing.set(state);
    this.#doing.active();
  }

  /** There is none, and none will come by itself. */
  die(why: Error): void {
    if (this.state === 'dead') return;
    this.#failure = why;
    this.shut('dead', why.message);
    this.announce('dead', why);
  }

  /** The next process: what is told of it carries another id. What clients send meanwhile is for it. */
  renew(): void {
    this.#session = newSessionId();
  }

  announce(state: HubState, failure: Error | null = null): void {
    this.#append(null, statusMessage(this.#session, state, { failure }));
  }

  /** A client came: one that finds the kernel dead is told so. */
  greet(session: string): void {
    if (this.state !== 'dead') return;
    this.#append(session, statusMessage(this.#session, 'dead', { failure: this.#failure }));
  }

  /** @param answersFor the sessions whose questions the client may answer */
  send(session: string, answersFor: ReadonlySet<string>, message: JupyterMessage): void {
    const type: string = message.header.msg_type;
    if (message.channel === 'iopub') return;
    if (type === 'input_reply') {
      if (!this.#questions.answer(message, answersFor)) return;
      this.#connection?.channels.send(message).catch(() => {});
      return;
    }
    const { route, message: outgoing } = this.#routes.add(session, message);
    if (!route.isAnswered) this.#store?.asked(route);
    if (this.state === 'dead') {
      this.#routes.answered(route);
      this.#refuse(route, 'DeadKernelError', this.#failure?.message ?? '');
    } else if (!this.#outbox.add(route, outgoing)) {
      this.#routes.answered(route);
      this.#refuse(route, 'KernelNotReadyError', `the kernel is ${this.state}, and too many requests wait for it`);
    }
  }

  /** Takes what the kernel sent. Never throws, whatever it is. */
  receive(raw: JupyterMessage): void {
    const message = complete(raw, this.#session);
    if (message === null) this.#invalid(raw, 'fields are missing that nothing can stand for');
    else this.#hand(message);
  }

  #hand(message: JupyterMessage): void {
    const { parent_header: parent, channel } = message;
    const type: string = message.header.msg_type;
    // whoever started the kernel has asked it before anybody was here
    if (type === 'iopub_welcome' || parent.session === this.#connection?.channels.session) return;
    // a process says so once, of itself, and late where it has answered already: the hub has told it
    if (type === 'status' && parent.msg_id === undefined && isStarting(message)) return;
    const route = this.#routes.find(parent.msg_id);
    if (route !== undefined && route.id !== route.header.msg_id)
      message.parent_header = { ...parent, msg_id: route.header.msg_id };
    const to = route?.session ?? parent.session;
    if (channel === 'iopub') this.#broadcast(message, route);
    else if (to === undefined) this.#invalid(message, 'it answers nobody');
    else this.#answer(message, to, route);
  }

  #answer(message: JupyterMessage, to: string, route: Route | undefined): void {
    const type: string = message.header.msg_type;
    if (type === 'input_request') this.#questions.asked(message, to);
    this.#append(to, message);
    if (route === undefined || !type.endsWith('_reply')) return;
    this.#routes.answered(route);
    this.#isDone(route);
    if (!route.isIdle) this.#unfinished.add(route);
  }

  #broadcast(message: JupyterMessage, route: Route | undefined): void {
    this.#doing.published(message);
    this.#unfinished.heard();
    const { seq } = this.#append(null, message);
    if ((message.header.msg_type as string) !== 'status') return;
    this.#doing.said(message, seq);
    if (!saysIdle(message)) return;
    this.#questions.over(message.parent_header.msg_id);
    if (route === undefined) return;
    route.isIdle = true;
    this.#unfinished.delete(route);
    this.#isDone(route);
  }

  #isDone(route: Route): void {
    if (!route.isAnswered || !route.isIdle) return;
    this.#routes.done(route);
    this.#outbox.done(route);
  }

  #idleIsLost(route: Route): void {
    if (route.isIdle) return;
    route.isIdle = true;
    const why = whatIsLost(route);
    if (why !== null) this.#append(null, noticeMessage(this.#session, why, route.header));
    this.#append(null, statusMessage(this.#session, 'idle', { parent: route.header }));
    if (this.runs?.parent === route.header.msg_id) this.#doing.over();
    this.#isDone(route);
  }

  /** What ran on the process is over. */
  #end(): void {
    this.#doing.end();
    this.#questions.clear();
    this.#unfinished.clear();
  }

  #refuse(route: Route, ename: string, why: string): void {
    const reply = errorReply(this.#session, route, ename, why);
    if (reply === null) return;
    const output = errorOutput(this.#session, route, ename, why);
    if (output !== null) this.#append(null, output);
    this.#append(route.session, reply);
    this.#append(null, statusMessage(this.#session, 'idle', { parent: route.header }));
  }

  /** The kernel reads nothing, and as much waits for it as may (zmtp, `sendBufferLimit`): what is not taken is told. */
  #unsent({ header: { msg_id, msg_type } }: JupyterMessage, error: unknown): void {
    const route = this.#routes.find(msg_id);
    // that a kernel is gone is told of all that it was asked
    if (route === undefined || (error as { code?: unknown }).code !== 'EOVERFLOW') return;
    const why = `the kernel reads nothing at the moment, and too much waits for it: this ${msg_type} was not sent`;
    const isRequest = !route.isAnswered;
    this.#routes.answered(route);
    route.isIdle = true;
    if (isRequest) this.#refuse(route, 'KernelNotReadyError', why);
    else this.#append(route.session, noticeMessage(this.#session, why, route.header));
    this.#isDone(route);
  }

  #invalid({ channel }: JupyterMessage, reason: string): void {
    const error = new Error(reason);
    this.#tell({ kind: 'notice', notice: { kind: 'invalid', channel, reason, error } });
  }

  #append(to: string | null, message: JupyterMessage): { seq: number } {
    const entry = this.#log.append(to, message, sizeOf(message));
    this.#store?.append(entry);
    return entry;
  }
}
