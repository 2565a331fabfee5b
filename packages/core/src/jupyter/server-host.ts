import { ListenerSet } from '../channels/index.js';
import {
  type KernelConnection,
  type KernelDeath,
  KernelGoneError,
  type KernelHost,
  type Revival,
} from '../kernel/index.js';
import { Deadline } from '../wait/index.js';
import { WebSocketChannels } from './channels.js';
import type { KernelRemovedError } from './channels-errors.js';
import type { WebSocketOptions } from './channels-options.js';
import { deathOf } from './server-host-death.js';
import { ServerKernelDeadError } from './server-kernel-errors.js';
import { firstWords } from './server-kernel-info.js';
import type { KernelStartRest } from './server-kernel-rest.js';
import { StartWatch } from './start-watch.js';
import type { ServerSettings } from './types.js';

/** What belongs to a kernel of a server, and goes with it. */
export interface ServerHostOptions extends WebSocketOptions {
  /** Whether `close` ends the kernel, and not only the connection. */
  owned: boolean;
  /** The session that was made for it, and goes with it. */
  serverSession?: string | null;
  /** Milliseconds that a kernel may take to answer after its start or restart. Default 90,000. */
  answerTimeout?: number;
}

const ANSWER_MS = 90_000;
/** How long the server may take to end a kernel. */
const END_MS = 30_000;
/** How long a server may take to tell why a kernel died. */
const REASON_MS = 1000;

/** Runs a kernel through a Jupyter server, for a Kernel client. */
export class ServerHost implements KernelHost {
  readonly id: string;
  readonly #settings: ServerSettings;
  readonly #rest: KernelStartRest;
  readonly #options: ServerHostOptions;
  readonly #deaths = new ListenerSet<KernelDeath>();
  readonly #revivals = new ListenerSet<Revival>();
  readonly #end = new AbortController();
  #connection: KernelConnection | null = null;
  #channels: WebSocketChannels | null = null;
  /** A restart of ours is under way: what the server then says of the kernel is no news. */
  #isRestarting = false;
  #attempt = 0;
  /** The death that the server will tell of is known already. */
  #isDeathTold = false;
  /** It was told of while the kernel was connected to. */
  #earlyDeath: ServerKernelDeadError | null = null;
  /** How often the server has told of one. */
  #said = 0;

  constructor(settings: ServerSettings, id: string, rest: KernelStartRest, options: ServerHostOptions) {
    this.id = id;
    this.#settings = settings;
    this.#rest = rest;
    this.#options = options;
  }

  get connection(): KernelConnection {
    if (this.#connection === null) throw new Error('the kernel is not connected yet');
    return this.#connection;
  }

  /**
   * Opens the channels and asks the kernel who it is. What comes on iopub is kept until `release`.
   * @param mayBeBusy it was there before us
   */
  async connect(mayBeBusy: boolean, signal?: AbortSignal): Promise<KernelConnection> {
    this.#earlyDeath = null;
    using watch = new StartWatch(this.#rest, this.id);
    using deadline = new Deadline(this.#options.answerTimeout ?? ANSWER_MS, signal, this.#end.signal, watch.signal);
    const channels = new WebSocketChannels(this.#settings, this.id, this.#rest, this.#options, {
      serverSays: (state) => void this.#serverSays(state, channels),
      deadReply: () => void this.#askAfter(),
      removed: (error) => this.#removed(error),
    });
    channels.hold();
    try {
      await channels.open(deadline.signal);
      const said = await firstWords(channels, mayBeBusy, deadline.signal);
      this.#channels = channels;
      this.#connection = { channels, ...said };
      return this.#connection;
    } catch (error) {
      await channels.close(0);
      throw watch.failure ?? this.#earlyDeath ?? error;
    }
  }

  /** Whoever made the connection listens. */
  release(): void {
    this.#channels?.release();
  }

  readonly interrupt = (): Promise<void> => this.#rest.interrupt(this.id, this.#end.signal);

  readonly restart = async (_busy: boolean, signal?: AbortSignal): Promise<KernelConnection> => {
    using deadline = new Deadline(this.#options.answerTimeout ?? ANSWER_MS, signal, this.#end.signal);
    this.#isRestarting = true;
    try {
      // A new connection, under a new session: nothing of the old process can come on it, and a server that moved the kernel to new
      // ports (gateways do) has no other way.
      await this.#channels?.close(0);
      await this.#rest.restart(this.id, deadline.signal);
      const connection = await this.connect(false, deadline.signal);
      this.#releaseSoon();
      return connection;
    } finally {
      this.#isRestarting = false;
    }
  };

  async shutdown(): Promise<void> {
    this.#end.abort(new KernelGoneError('kernel-closed', 'the kernel was closed'));
    const { owned, serverSession } = this.#options;
    try {
      await this.#channels?.close();
    } finally {
      using deadline = new Deadline(END_MS);
      if (owned) {
        // Whatever session the kernel is in goes with it; one that was left would name a kernel that is not there.
        if (serverSession) await this.#rest.removeSession(serverSession, deadline.signal);
        else await this.#rest.remove(this.id, deadline.signal);
      }
    }
  }

  onDeath(listener: (death: KernelDeath) => void): () => void {
    return this.#deaths.add(listener);
  }

  onRevival(listener: (revival: Revival) => void): () => void {
    return this.#revivals.add(listener);
  }

  /** The server's watch over the kernel found it dead. */
  async #serverSays(state: 'restarting' | 'dead', channels: WebSocketChannels): Promise<void> {
    if (this.#isOver) return;
    this.#said += 1;
    if (state === 'dead') {
      const reason = await this.#reason();
      this.#earlyDeath = new ServerKernelDeadError({ id: this.id, ...(reason !== null && { reason }) });
      this.#deaths.emit(deathOf(reason, false));
      await channels.close(0);
      return;
    }
    if (!this.#isDeathTold) this.#tellDeath(null);
    this.#isDeathTold = false;
    // It may die again before it answers, and again: the last word is the server's.
    if (this.#attempt > 1) return;
    try {
      await channels.close(0);
      const connection = await this.connect(false);
      if (this.#isOver) return;
      this.#revivals.emit({ kind: 'restarted', connection });
      this.#releaseSoon();
    } catch (error) {
      if (!this.#isOver) this.#revivals.emit({ kind: 'given-up', error: error as Error });
    } finally {
      this.#attempt = 0;
    }
  }

  /** A gateway of ours says `restarting` when the next process answers; that this one is dead is in its model at once. */
  async #askAfter(): Promise<void> {
    using deadline = new Deadline(REASON_MS, this.#end.signal);
    const said = this.#said;
    const model = await this.#rest.get(this.id, deadline.signal).catch(() => null);
    if (this.#isOver || this.#isDeathTold || this.#said !== said || model?.execution_state !== 'autorestarting') return;
    this.#tellDeath(model.reason || null);
    this.#isDeathTold = true;
  }

  #tellDeath(reason: string | null): void {
    this.#attempt += 1;
    this.#deaths.emit(deathOf(reason, true));
    this.#revivals.emit({ kind: 'restarting', attempt: this.#attempt, limit: Number.POSITIVE_INFINITY, delayMs: 0 });
  }

  get #isOver(): boolean {
    return this.#isRestarting || this.#end.signal.aborted;
  }

  #removed(error: KernelRemovedError): void {
    if (!this.#isOver)
      this.#deaths.emit({
        ...deathOf(null, false),
        message: error.message,
        cause: 'removed',
        diagnosis: error.message,
      });
  }

  async #reason(): Promise<string | null> {
    using deadline = new Deadline(REASON_MS, this.#end.signal);
    const model = await this.#rest.get(this.id, deadline.signal).catch(() => null);
    return model?.reason || null;
  }

  #releaseSoon(): void {
    const channels = this.#channels;
    // After whoever gets the connection has begun to listen.
    setTimeout(() => channels?.release(), 0);
  }
}
