import { diagnoseStart, diskProbe, type Evidence } from '../diagnosis/index.js';
import type { LaunchPlan } from '../plan/index.js';
import type { Attempt } from './attempt.js';
import { failureOf, KernelStartError, type SocketName, type StartDetail, type StartFailure } from './errors.js';

/** The process ended before the kernel was ready, or was never started. */
export function diagnosed(attempt: Attempt, cause?: unknown): KernelStartError {
  return new KernelStartError(attempt.plan, failureOf(diagnoseStart(evidenceOf(attempt)), attempt.facts()), cause);
}

function evidenceOf(attempt: Attempt): Evidence {
  const { plan, spawnCode, oomKills } = attempt;
  const { argv, cwd, exit, stderr, stdout } = attempt.facts();
  const { owner } = plan.entry;
  return {
    platform: process.platform,
    argv,
    cwd,
    environment: plan.environment,
    prefix: owner?.prefix ?? null,
    install: owner?.install ?? null,
    spawn: spawnCode === null ? null : { code: spawnCode },
    exit,
    stderr,
    stdout,
    oomKills,
    probe: diskProbe,
  };
}

/** The process runs, but the kernel is not ready in time: says how far it got. */
export function noReply(attempt: Attempt, timeout: number, heartbeat: number | null): KernelStartError {
  const { timings, unreadable } = attempt;
  const { bound, silent } = attempt.sockets();
  const beats = heartbeat === null ? '' : ', though its heartbeat is answered';
  const stuck =
    timings.connected === null
      ? bound.length === 0
        ? 'it never opened its sockets'
        : `it never opened its ${listed(silent)}${beats}`
      : timings.replied === null
        ? `it opened its sockets but never answered kernel_info on shell${beats}`
        : 'it answered kernel_info, but nothing came on its iopub socket';
  const noise = unreadable.length === 0 ? '' : `; ${unreadable.length} messages could not be read (${unreadable[0]})`;
  const quiet: SocketName[] = timings.connected === null ? silent : timings.replied === null ? ['shell'] : ['iopub'];
  const detail: StartDetail = {
    kind: 'start-timeout',
    seen: { process: 'alive', bound, silent: quiet, heartbeat, unreadable },
  };
  return new KernelStartError(
    attempt.plan,
    failureOf(
      {
        ...detail,
        diagnosis: `it was not ready after ${timeout / 1000} s: ${stuck}${noise}`,
        fix: 'see what it wrote to standard error, or allow more time',
      },
      attempt.facts(),
    ),
  );
}

function listed(names: readonly string[]): string {
  return `${names.join(', ').replace(/, (?=\w+$)/, ' and ')} socket${names.length === 1 ? '' : 's'}`;
}

/** It runs, and what comes from its sockets is no kernel's talk. */
export function violated(attempt: Attempt, cause: Error): KernelStartError {
  const detail: StartDetail = { kind: 'protocol-violated', reason: cause.message };
  const diagnosis = `it runs, but cannot be talked to: ${cause.message}`;
  const fix = 'check that its argv starts a Jupyter kernel, and that nothing else listens where it shall';
  return new KernelStartError(attempt.plan, failureOf({ ...detail, diagnosis, fix }, attempt.facts()), cause);
}

/** What the entry or the plan says already, before anything is tried. */
export function notStartable(attempt: Attempt): KernelStartError {
  const { plan } = attempt;
  const { kind, message, fix } = plan.problem ?? {
    kind: 'no-command-line',
    message: 'it has no command line',
    fix: null,
  };
  const finding = { diagnosis: message, fix };
  return new KernelStartError(plan, failureOf({ ...detailOf(kind, plan), ...finding }, attempt.facts()));
}

/** An entry's problem as the failure that it would end in. */
function detailOf(problem: string, { entry, argv, cwd }: LaunchPlan): StartDetail {
  switch (problem) {
    case 'program-not-found':
      return { kind: 'program-not-found', program: argv[0] ?? '' };
    case 'ipykernel-missing':
      return { kind: 'kernel-package-missing', package: 'ipykernel' };
    case 'irkernel-missing':
      return { kind: 'kernel-package-missing', package: 'IRkernel' };
    case 'interpreter-missing':
      return { kind: 'environment-gone', prefix: entry.owner?.prefix ?? entry.prefix ?? '' };
    case 'no-directory':
      return { kind: 'directory-gone', directory: cwd };
    default:
      return { kind: 'not-startable', problem };
  }
}

/** The caller's `trust` said no. */
export function untrusted(attempt: Attempt): KernelStartError {
  const { specFile } = attempt.plan.entry;
  const diagnosis = `its kernelspec${specFile === null ? '' : ` ${specFile}`} is not trusted, and nothing of it was run`;
  const fix = 'look at its argv and env, and trust it if they are what you want to run';
  const failure: StartFailure = failureOf({ kind: 'untrusted-spec', specFile, diagnosis, fix }, attempt.facts());
  return new KernelStartError(attempt.plan, failure);
}

/** The caller's signal fired: what had been tried by then. */
export function abortedFailure(attempt: Attempt): StartFailure {
  return failureOf({ kind: 'aborted', diagnosis: 'it was given up while it started', fix: null }, attempt.facts());
}
