import type { JupyterMessage } from '@kernelkit/protocol';
import { isActivity, stateAfter } from './activity.js';
import type { HubEvent, HubState, Runs } from './types.js';

/** What a kernel does, as far as what it publishes tells: its state, its last activity, and where the output of what runs begins. */
export class Doing {
  readonly #tell: (event: HubEvent) => void;
  #state: HubState = 'starting';
  /** Where the output of what runs begins: the number of its `busy`. */
  #runs: Runs | null;
  #lastActivity = new Date();

  /** @param runs what ran on it before anybody here listened */
  constructor(tell: (event: HubEvent) => void, runs: Runs | null = null) {
    this.#tell = tell;
    this.#runs = runs;
  }

  get state(): HubState {
    return this.#state;
  }

  get runs(): Runs | null {
    return this.#runs;
  }

  get lastActivity(): Date {
    return this.#lastActivity;
  }

  active(): void {
    this.#lastActivity = new Date();
    this.#tell({ kind: 'activity' });
  }

  set(state: HubState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell({ kind: 'state', state });
  }

  /** It was joined while something ran, whose output begins after that number if it is not known better. */
  joined(seq: number): void {
    this.#runs ??= { seq, parent: undefined };
  }

  /** What ran is over, and nobody has said so. */
  over(): void {
    this.#runs = null;
    if (this.#state === 'busy') this.set('idle');
  }

  /** Its process is no more. */
  end(): void {
    this.#runs = null;
  }

  /** It publishes that. */
  published(message: JupyterMessage): void {
    if (isActivity(message, this.#state)) this.active();
  }

  /** What it has published is a status, of that number. */
  said(message: JupyterMessage, seq: number): void {
    const { execution_state: said } = message.content as { execution_state: string };
    const { msg_id: parent, msg_type } = message.parent_header;
    this.set(stateAfter(message, this.#state));
    if (said === 'busy' && (msg_type as string) === 'execute_request') this.#runs = { seq, parent };
    if (said !== 'idle' || this.#runs === null) return;
    if (this.#runs.parent === parent || this.#runs.parent === undefined) this.#runs = null;
  }
}
