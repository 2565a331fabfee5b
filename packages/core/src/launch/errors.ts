import { KernelkitError } from '../errors/index.js';
import type { LaunchPlan } from '../plan/index.js';
import type { ProcessExit } from '../process/index.js';

/** How far a start got, in milliseconds since the spawn; null: not reached. */
export interface StartTimings {
  /** Sockets connected. */
  connected: number | null;
  /** kernel_info answered. */
  replied: number | null;
  /** iopub known to be live as well. */
  ready: number | null;
}

export type StartFailure =
  /** The program could not be executed. */
  | 'spawn-failed'
  /** The process ended before it was ready. */
  | 'process-exited'
  /** It runs, but did not answer in time. */
  | 'start-timeout'
  /** What answers on its sockets is not a kernel that we can talk to. */
  | 'connect-failed'
  /** The entry cannot be started at all; the entry says why. */
  | 'not-startable';

/** A kernel that did not start: what was tried, what happened, and what to do. */
export class KernelStartError extends KernelkitError {
  declare readonly kind: StartFailure;
  readonly plan: LaunchPlan;
  /** The command line as it was run. */
  readonly argv: readonly string[];
  readonly timings: StartTimings;
  /** How the process ended, when it did. */
  readonly exit: ProcessExit | null;
  /** The last that it wrote to standard error. */
  readonly stderr: string;

  constructor(
    kind: StartFailure,
    message: string,
    details: {
      plan: LaunchPlan;
      argv?: readonly string[];
      timings?: StartTimings;
      exit?: ProcessExit | null;
      stderr?: string;
      fix?: string | null;
      cause?: unknown;
    },
  ) {
    super(kind, message, { fix: details.fix ?? null, cause: details.cause });
    this.plan = details.plan;
    this.argv = details.argv ?? details.plan.argv;
    this.timings = details.timings ?? { connected: null, replied: null, ready: null };
    this.exit = details.exit ?? null;
    this.stderr = details.stderr ?? details.exit?.stderr ?? '';
  }
}
