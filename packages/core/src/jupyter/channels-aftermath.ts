import { createMessage, type JupyterMessage } from '@kernelkit/protocol';
import type { ChannelNotice, ListenerSet } from '../channels/index.js';
import { QuietTimer } from '../wait/index.js';
import type { Losses } from './channels-losses.js';
import { isIdle, type OpenRequest, type OpenRequests } from './channels-requests.js';

/** What of the channels it needs. */
export interface AftermathHost {
  readonly session: string;
  readonly requests: OpenRequests;
  readonly losses: Losses;
  readonly notices: ListenerSet<ChannelNotice>;
  /** What the kernel prints for this request is not handed on: an idle after a control request says nothing of the cells. */
  ignore(id: string): void;
  send(message: JupyterMessage): Promise<void>;
  /** Hands on a message that the kernel has not sent. */
  emit(message: JupyterMessage): void;
  /** What the kernel does, as its server says; null: cannot be told now. */
  stateOnServer(): Promise<string | null>;
  /** The connection is of no use. */
  drop(reason: string): void;
}

/** How long other threads of a kernel may take to print what they had numbered before. */
const SETTLE_MS = 200;
/** How long nothing may come after the probe's reply before its idle counts as lost. */
const SILENCE_MS = 2000;
/** How long a probe may stay unanswered before the server is asked what the kernel does. */
const PATIENCE_MS = 5000;
/** So many probes an idle kernel may leave unanswered before the connection is made anew. */
const PROBES = 3;

/**
 * What has to be found out after messages may have been lost: which were, and what of ours will never be answered. A probe, a
 * kernel_info_request behind all that was asked before, is the line: a kernel answers in order, so that what has no answer when the probe
 * has one will have none. A second one on the control channel tells, while a cell still runs, whether its output has a gap.
 */
export class Aftermath {
  readonly #host: AftermathHost;
  readonly #reason: string;
  /** Requests of ours that were under way when it happened. */
  readonly #affected: Set<string>;
  readonly #probes = new Map<string, 'shell' | 'control'>();
  readonly #settle = new QuietTimer();
  readonly #patience = new QuietTimer();
  readonly #silence = new QuietTimer();
  #unanswered = 0;
  #isOver = false;
  #shellReplied = false;
  #shellReply: JupyterMessage | null = null;
  #shellIdle: JupyterMessage | null = null;
  readonly onDone: () => void;

  constructor(host: AftermathHost, reason: string, onDone: () => void) {
    this.#host = host;
    this.#reason = reason;
    this.onDone = onDone;
    this.#affected = new Set(host.requests.all().map(({ id }) => id));
  }

  get reason(): string {
    return this.#reason;
  }

  /** The connection is there (again). */
  begin(): void {
    const { losses } = this.#host;
    if (!losses.counts) this.#tell(null, [...this.#affected]);
    this.#probe('control');
    this.#probe('shell');
    this.#wait();
  }

  /** Nothing of it is of use any more. */
  end(): void {
    this.#isOver = true;
    for (const id of this.#probes.keys()) this.#host.requests.remove(id);
    this.#settle.clear();
    this.#patience.clear();
    this.#silence.clear();
  }

  /** Takes a message before it is handed on. */
  take(message: JupyterMessage, request: OpenRequest | null): void {
    const probe = this.#probes.get(message.parent_header.msg_id ?? '');
    // A server may have thousands of outputs to hand on when it has handed on the reply.
    if (this.#shellReplied && this.#shellIdle === null) this.#awaitSilence();
    if (probe === undefined) {
      // Known before the cell counts as done.
      if (request?.channel === 'shell' && message.channel === 'iopub' && isIdle(message)) this.#judge(message);
      return;
    }
    if (message.channel === 'iopub' && isIdle(message)) {
      if (probe === 'shell') this.#shellIdle = message;
      else this.#settle.arm(SETTLE_MS, () => this.#judge(message));
    } else if (message.channel !== 'iopub' && probe === 'shell') {
      this.#shellReplied = true;
      this.#shellReply = message;
    }
    if (this.#shellReplied && this.#shellIdle !== null) this.#line(this.#shellIdle);
    else if (this.#shellReplied) this.#awaitSilence();
  }

  #probe(channel: 'shell' | 'control'): void {
    const { session } = this.#host;
    const message = createMessage({ channel, type: 'kernel_info_request', session, content: {} });
    this.#probes.set(message.header.msg_id, channel);
    if (channel === 'control') this.#host.ignore(message.header.msg_id);
    // One that cannot be sent is one that is not answered.
    this.#host.send(message).catch(() => {});
  }

  /** The probe's idle did not come yet, and may be lost. */
  #awaitSilence(): void {
    this.#silence.arm(SILENCE_MS, () => {
      if (this.#shellReply !== null) this.#line(this.#shellReply);
    });
  }

  #wait(): void {
    this.#patience.arm(PATIENCE_MS, () => void this.#ask());
  }

  /** A kernel that is busy may take as long as it likes; one that is idle should have answered. */
  async #ask(): Promise<void> {
    const state = await this.#host.stateOnServer();
    if (this.#isOver) return;
    if (state === 'idle') {
      this.#unanswered += 1;
      if (this.#unanswered > PROBES) {
        this.#host.drop('the kernel is idle, and does not answer on this connection');
        return;
      }
      this.#probe('shell');
    }
    this.#wait();
  }

  /** How many messages before this one are missing. */
  #judge(message: JupyterMessage): void {
    const { losses, requests } = this.#host;
    const bound = losses.numberOf(message);
    if (this.#isOver || bound === null) return;
    // Shell is another socket: what iopub says already is idle may be answered a moment later.
    const elsewhere = requests.all().filter(({ idle, replied }) => idle && !replied).length;
    const missing = losses.missing(bound, elsewhere);
    if (missing > 0) this.#tell(missing, [...this.#affected]);
  }

  /** All that was asked on shell before the probe has been handled: what is not answered now never will be. */
  #line(message: JupyterMessage): void {
    if (this.#isOver) return;
    this.end();
    const { requests, losses, notices } = this.#host;
    const old = requests.all().filter(({ id, channel }) => channel === 'shell' && this.#affected.has(id));
    const bound = losses.numberOf(message);
    const counted = bound === null ? null : losses.missing(bound, 0);
    const begun = old.filter((each) => each.begun);
    // Replies are counted on their own where their idle came: the count then stopped there.
    const replies = begun.filter(({ idle, replied }) => idle && !replied).length;
    const missing = counted === null ? null : counted + replies;
    if (begun.length > 0 || (missing ?? 0) > 0)
      this.#tell(
        missing === 0 ? null : missing,
        begun.map(({ id }) => id),
      );
    for (const request of begun) {
      requests.remove(request.id);
      if (!request.idle) this.#host.emit(syntheticIdle(request.message));
    }
    const never = old.filter((each) => !each.begun);
    for (const { id } of never) requests.remove(id);
    const left = requests.all().filter(({ id, channel }) => channel === 'control' && this.#affected.has(id));
    // Whoever waits for those learns that they may be lost, as with a raw socket that broke.
    if (never.length > 0) notices.emit({ kind: 'disconnected', channel: 'shell', reason: this.#reason });
    if (left.length > 0) notices.emit({ kind: 'disconnected', channel: 'control', reason: this.#reason });
    losses.settle();
    this.onDone();
  }

  #tell(messages: number | null, requests: readonly string[]): void {
    this.#host.notices.emit({ kind: 'lost', channel: 'websocket', messages, requests, reason: this.#reason });
  }
}

/** Stands for an idle that was lost: the kernel is done with this request. */
function syntheticIdle(request: JupyterMessage): JupyterMessage {
  return createMessage({
    channel: 'iopub',
    type: 'status',
    session: request.header.session,
    content: { execution_state: 'idle' },
    parent: request,
    metadata: { kernelkit: { lost: true } },
  }) as unknown as JupyterMessage;
}
