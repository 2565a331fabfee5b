import type { JupyterMessage } from '@kernelkit/protocol';
import { callOut } from '../channels/index.js';
import type { ExecutionRun } from './execution.js';
import { outputEvent } from './output-event.js';
import type { ExecuteOptions, OutputEvent } from './types.js';

/** Executions whose late output still finds its way home. */
const REMEMBERED = 1000;

/** The executions of one client: those under way, and those that are done but may still print. */
export class Executions {
  readonly #running = new Map<string, ExecutionRun>();
  readonly #late = new Map<string, NonNullable<ExecuteOptions['onLateOutput']>>();
  /** Settles when all that was started has; true: an error in it stops what is behind it. */
  #tail: Promise<boolean> = Promise.resolve(false);

  get any(): boolean {
    return this.#running.size > 0;
  }

  /**
   * Takes an execution in and sends its request; `oneAtATime`: not before the one before it has settled (the quirks table),
   * and not at all when that failed and stops what is behind it, as the kernel itself would.
   * What goes wrong with the sending fails the execution.
   */
  start(run: ExecutionRun, options: ExecuteOptions, oneAtATime: boolean, send: () => Promise<void>): void {
    if (run.settled) return;
    this.#running.set(run.id, run);
    run.onSettled = () => this.#remember(run, options);
    run.isQueued = () => [...this.#running.values()].some((other) => other !== run && other.runs);
    const before = oneAtATime && this.#running.size > 1 ? this.#tail : null;
    const stops = this.#sendAfter(before, run, send);
    if (oneAtATime) this.#tail = stops;
  }

  find(id: string | null): ExecutionRun | undefined {
    return id === null ? undefined : this.#running.get(id);
  }

  /** Something else came on iopub: the kernel is alive, and what an execution waits for may be behind it. */
  stillBusy(except: ExecutionRun | undefined): void {
    for (const run of this.#running.values()) if (run !== except) run.stillBusy();
  }

  /** The output in a message of no execution under way; null when it holds none. */
  takeLate(parent: string | null, message: JupyterMessage): OutputEvent | null {
    const output = outputEvent(message);
    const listener = parent === null ? undefined : this.#late.get(parent);
    if (output !== null && listener !== undefined) callOut(() => listener(output));
    return output;
  }

  /** The connection that took the requests broke. */
  mayBeLost(error: Error): void {
    for (const run of this.#running.values()) run.mayBeLost(error);
  }

  fail(error: Error): void {
    for (const run of [...this.#running.values()]) run.fail(error);
  }

  /** Resolves when the run has settled: true if what was queued behind it must not run. */
  async #sendAfter(before: Promise<boolean> | null, run: ExecutionRun, send: () => Promise<void>): Promise<boolean> {
    try {
      const stopped = before !== null && (await before);
      // Aborted in the queue: what was before it is before the next.
      if (run.settled) return stopped;
      if (stopped) {
        run.skip();
        return true;
      }
      run.sending();
      await send();
    } catch (error) {
      run.fail(error as Error);
    }
    const status = await run.done.then(
      (result) => result.status,
      () => 'failed',
    );
    return status === 'aborted' || (status === 'error' && run.stopsOnError);
  }

  #remember(run: ExecutionRun, { onLateOutput }: ExecuteOptions): void {
    this.#running.delete(run.id);
    if (onLateOutput === undefined) return;
    this.#late.set(run.id, onLateOutput);
    if (this.#late.size > REMEMBERED) this.#late.delete(this.#late.keys().next().value!);
  }
}
