import type { Cause, CauseDetail, Finding } from '../diagnosis/index.js';
import { AbortedError, KernelkitError } from '../errors/index.js';
import type { EnvironmentChange, LaunchPlan } from '../plan/index.js';

/** How far a start got, in milliseconds since the spawn; null: not reached. */
export interface StartTimings {
  /** How long the activation of its environment took, before the spawn. */
  activated: number | null;
  /** The call that starts the process has come back. */
  spawned: number | null;
  /** Sockets connected. */
  connected: number | null;
  /** kernel_info answered. */
  replied: number | null;
  /** iopub known to be live as well. */
  ready: number | null;
  /** It was known to have failed. */
  failed: number | null;
}

/** The failures that are no end of the process. */
export type StartDetail =
  | CauseDetail
  /** It runs, but did not answer in time. */
  | { kind: 'start-timeout'; seen: SeenAlive }
  /** What answers on its sockets is not a kernel that we can talk to. */
  | { kind: 'protocol-violated'; reason: string }
  /** The caller's `trust` said no. */
  | { kind: 'untrusted-spec'; specFile: string | null }
  /** The entry cannot be started at all; `problem` is what the entry says. */
  | { kind: 'not-startable'; problem: string }
  /** The caller's signal fired. */
  | { kind: 'aborted' };

/** What was seen of a kernel that did not answer. */
export interface SeenAlive {
  process: 'alive';
  /** The sockets that took our connection. */
  bound: readonly SocketName[];
  /** Those that did not, or never said anything. */
  silent: readonly SocketName[];
  /** Milliseconds that one heartbeat took; null: none came. It says that the process is not stuck, and no more. */
  heartbeat: number | null;
  /** Why messages that did come could not be read. */
  unreadable: readonly string[];
}

export type SocketName = 'shell' | 'control' | 'stdin' | 'iopub';

/** What was tried, and what is known of how it went. */
export interface StartFacts {
  /** What was to be started, as people call it. */
  name: string;
  /** The command line as it was run. */
  argv: readonly string[];
  cwd: string;
  /** The variables that differ from this process's, each with who set it. They may hold secrets. */
  environment: readonly EnvironmentChange[];
  timings: StartTimings;
  /** How the process ended, when it did; `lived` in milliseconds. */
  exit: { code: number | null; signal: string | null; lived: number } | null;
  /** The last that it wrote, 64 KiB at most each. */
  stderr: string;
  stdout: string;
}

/** Why a kernel did not start: what was tried, what happened, what it means, and what to do. Plain data. */
export type StartFailure = StartDetail & Finding & StartFacts;

/** Which way a start failed; docs/failures.md says what each means. */
export type StartFailureKind = StartDetail['kind'];

/** Every kind of failure that a start can end with. */
export const START_FAILURE_KINDS = [
  ...(['program-not-found', 'not-executable', 'wrong-architecture', 'environment-gone', 'directory-gone'] as const),
  ...(['kernel-package-missing', 'module-missing', 'module-shadowed', 'import-failed', 'library-failed'] as const),
  ...(['address-taken', 'address-not-bindable', 'out-of-memory', 'disk-full', 'file-denied', 'limit-reached'] as const),
  ...([
    'process-exited',
    'spawn-failed',
    'start-timeout',
    'protocol-violated',
    'untrusted-spec',
    'not-startable',
  ] as const),
  'aborted',
] as const satisfies readonly StartFailureKind[];

/** A kernel that did not start. */
export class KernelStartError extends KernelkitError {
  declare readonly kind: StartFailureKind;
  declare readonly failure: StartFailure;
  declare readonly plan: LaunchPlan;
  /** The last that it wrote to standard error. */
  readonly stderr: string;

  constructor(plan: LaunchPlan, failure: StartFailure, cause?: unknown) {
    super(failure.kind, `${failure.name} did not start: ${failure.diagnosis}`, { fix: failure.fix, cause });
    this.stderr = failure.stderr;
    unprinted(this, { failure, plan });
  }

  /** The command line that was tried. */
  get argv(): readonly string[] {
    return this.failure.argv;
  }

  /** How far it got, in milliseconds since the spawn. */
  get timings(): StartTimings {
    return this.failure.timings;
  }

  /** How the process ended; null: it did not, or there was none. */
  get exit(): StartFailure['exit'] {
    return this.failure.exit;
  }
}

/** The start was given up because the caller's signal fired; `cause` is its reason. */
export class StartAbortedError extends AbortedError {
  declare readonly failure: StartFailure;

  constructor(failure: StartFailure, reason: unknown) {
    super(`starting ${failure.name}`, reason);
    unprinted(this, { failure });
  }
}

/**
 * An error that nobody catches is printed with all its own properties, whatever they say of how, into a log that others read. These have
 * variables in them, with their values.
 */
function unprinted(error: Error, properties: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(properties)) Object.defineProperty(error, name, { value });
}

/** The failure that a cause stands for. */
export function failureOf(cause: Cause | (StartDetail & Finding), facts: StartFacts): StartFailure {
  return { ...cause, ...facts };
}
