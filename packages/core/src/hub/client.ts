import type { JupyterMessage } from '@kernelkit/protocol';
import { callOut } from '../channels/index.js';
import type { HubLog } from './log.js';
import type { LogReader } from './reader.js';
import type { GoneReason, HubClientOptions, HubConnection, HubItem } from './types.js';

/** Where a client that is there no more has stood. */
export type Departed = LogReader;

/** One client of a hub. */
export class HubClient implements HubConnection {
  readonly session: string;
  readonly reader: LogReader;
  readonly isPassing: boolean;
  readonly #log: HubLog;
  readonly #gone: HubClientOptions['gone'];
  readonly #outgoing: (client: HubClient, message: JupyterMessage) => void;
  readonly #left: (client: HubClient) => void;
  readonly #moved: () => void;
  #isGone = false;

  constructor(
    { session, isPassing = false, wake, gone }: HubClientOptions,
    log: HubLog,
    from: { sessions: ReadonlySet<string>; cursor: number; before: Departed | undefined },
    calls: {
      send: (client: HubClient, message: JupyterMessage) => void;
      left: (client: HubClient) => void;
      moved: () => void;
    },
  ) {
    this.session = session;
    this.isPassing = isPassing;
    this.#log = log;
    this.#gone = gone;
    this.#outgoing = calls.send;
    this.#left = calls.left;
    this.#moved = calls.moved;
    this.reader = log.read(
      from.sessions,
      from.cursor,
      () => {
        if (!this.#isGone) wake();
      },
      from.before,
    );
    // not now: the caller has no connection yet that it could take from
    queueMicrotask(() => {
      if (!this.#isGone && this.reader.cursor < log.last) callOut(wake);
      else if (!this.#isGone) log.wait(this.reader);
    });
  }

  get cursor(): number {
    return this.reader.cursor;
  }

  take(): HubItem | null {
    const item = this.#log.take(this.reader);
    if (item === null) this.#moved();
    return item;
  }

  send(message: JupyterMessage): void {
    if (!this.#isGone) this.#outgoing(this, message);
  }

  close(): void {
    if (this.#isGone) return;
    this.#leave();
    this.#left(this);
  }

  /** The hub lets it go. What lies in the log may still be taken. */
  end(reason: GoneReason): void {
    if (this.#isGone) return;
    this.#leave();
    callOut(() => this.#gone?.(reason));
  }

  #leave(): void {
    this.#isGone = true;
    this.#log.leave(this.reader);
  }
}
