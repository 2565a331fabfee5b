import { randomUUID } from 'node:crypto';
import type { ConnectionInfo } from '@kernelkit/protocol';
import { ListenerSet, quirksOfImplementation } from '../channels/index.js';
import type { KernelConnection, KernelDeath, KernelHost } from '../kernel/index.js';
import { isRunning, signalGroup } from '../process/index.js';
import type { RawChannels } from '../raw/index.js';
import { Deadline } from '../wait/index.js';
import { InterruptError } from './raw-host.js';

/** The process of a kernel that another process of this user's owns, as the journal has it. */
export interface KnownProcess {
  id: string;
  pid: number;
  startTime: string | null;
}

/**
 * A kernel that somebody else runs: it ends when its owner says so. It is interrupted by message; by a signal where the journal knows its
 * process, and it takes one.
 */
export class AttachedHost implements KernelHost {
  readonly id: string;
  readonly connection: KernelConnection;
  readonly restart = null;
  readonly #process: KnownProcess | null;
  readonly #name: string;
  readonly #raw: RawChannels;
  readonly #deaths = new ListenerSet<KernelDeath>();
  #isLooking = false;

  constructor(info: ConnectionInfo, raw: RawChannels, connection: KernelConnection, known: KnownProcess | null) {
    this.id = known?.id ?? randomUUID();
    this.#process = known;
    this.#name = info.kernel_name ?? 'the kernel';
    this.#raw = raw;
    this.connection = connection;
    raw.listen({
      notice: ({ kind }) => {
        if (kind === 'disconnected') void this.#look();
      },
    });
  }

  get interrupt(): (() => Promise<void>) | null {
    const known = this.#process;
    const { interrupt } = quirksOfImplementation(this.connection.info.implementation);
    if (known === null || interrupt === 'message' || process.platform === 'win32') return null;
    return async () => {
      if (!isRunning(known.pid, known.startTime) || !signalGroup(known.pid, 'SIGINT'))
        throw new InterruptError('interrupt-failed');
    };
  }

  onDeath(listener: (death: KernelDeath) => void): () => void {
    return this.#deaths.add(listener);
  }

  /** Only the connection ends. */
  async shutdown(): Promise<void> {
    await this.connection.channels.close();
  }

  /**
   * A socket is gone. Where in the end all of them are, it has ended, or its owner restarts it under the same addresses. It is asked at the
   * first, since what another thread reads may go much later, and none may stay away for long.
   */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    let lives: boolean;
    // what goes while it is asked is not looked at on its own
    do lives = await this.#beats();
    while (lives && this.#isCutOff);
    this.#isLooking = false;
    if (!lives && this.#isCutOff) this.#dead();
  }

  get #isCutOff(): boolean {
    return this.#raw.opened.size === 0 && this.#raw.gone === null;
  }

  async #beats(): Promise<boolean> {
    using deadline = new Deadline(GONE_MS);
    // awaited here: the deadline has to last as long
    return await this.#raw.heartbeat(deadline.signal).then(
      () => true,
      () => false,
    );
  }

  #dead(): void {
    const diagnosis = 'its sockets were closed, and nobody listens where they were';
    this.#deaths.emit({
      ...{ message: `${this.#name} has ended: ${diagnosis}`, cause: 'unknown', diagnosis, fix: null },
      ...{ argv: [], code: null, signal: null, lived: null, stderr: '', willRestart: false },
    });
  }
}

/** How long a kernel may be away that its owner restarts. */
const GONE_MS = 3000;
