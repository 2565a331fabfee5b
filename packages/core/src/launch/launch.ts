import { randomUUID } from 'node:crypto';
import type { ConnectionInfo } from '@kernelkit/protocol';
import { saysAddressTaken } from '../diagnosis/index.js';
import { AbortedError, type KernelkitError } from '../errors/index.js';
import { type JournalRecord, recordKernel } from '../journal/index.js';
import { fillArgv, type LaunchPlan } from '../plan/index.js';
import {
  type InterruptEvent,
  interruptEvents,
  KernelProcess,
  type OutputFiles,
  type ProcessExit,
  type RunningProcess,
  SpawnError,
} from '../process/index.js';
import { RawChannels, type RawOptions } from '../raw/index.js';
import { CleanUp, Deadline, QuietTimer } from '../wait/index.js';
import { Attempt } from './attempt.js';
import { portsFilledIn, prepareConnection } from './connection.js';
import { KernelStartError, StartAbortedError, type StartTimings } from './errors.js';
import { abortedFailure, diagnosed, noReply, notStartable, untrusted, violated } from './failures.js';
import { startGate } from './gate.js';
import { becomesReady } from './ready.js';
import { RunDir } from './run-dir.js';

/** How long a start may take, over what it speaks, and who may forbid it. */
export interface LaunchOptions extends RawOptions {
  /** The kernel's id. Default: a new UUID. */
  id?: string;
  /** Milliseconds until a kernel that runs but does not answer counts as failed. Default 60,000. */
  timeout?: number;
  signal?: AbortSignal;
  /** What the process writes outside the protocol, as it comes. */
  onOutput?: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  /**
   * Asked before anything of the plan is run: a kernelspec may name any program, and one that came with a folder from elsewhere is not
   * the user's own. False, and the start fails with `untrusted-spec`. Default: every plan is carried out.
   */
  trust?: (plan: LaunchPlan) => boolean | Promise<boolean>;
  /** The kernel outlives this process, in whichever way that ends: it has no watchdog and is not in the journal. Not on Windows. */
  stays?: Staying;
  /** Told of what went wrong beside the start and does not keep the kernel from running: that it could not be entered in the journal. */
  onProblem?: (problem: KernelkitError) => void;
}

/** What becomes of a kernel that outlives its owner. */
export interface Staying {
  /** Where it writes beside the protocol; made anew at each start. */
  output: OutputFiles;
  /** Told when its process is there, before it answers, so that another process of ours can find it. What it throws ends the start. */
  started(kernel: StayingKernel): Promise<void>;
}

/** What another process has to know of a kernel that stays. */
export interface StayingKernel {
  plan: LaunchPlan;
  argv: readonly string[];
  pid: number;
  startTime: string | null;
  connectionFile: string;
  runDir: string;
}

/** A kernel that runs, answers, and whose output reaches us. */
export interface LaunchedKernel {
  id: string;
  plan: LaunchPlan;
  process: RunningProcess;
  channels: RawChannels;
  connection: ConnectionInfo;
  connectionFile: string;
  info: Awaited<ReturnType<typeof becomesReady>>;
  timings: StartTimings;
  /** What interrupts it on Windows; null elsewhere, and for kernels that do not wait for one. */
  interruptEvent: InterruptEvent | null;
  /** Ends the process, whatever it takes, and removes what it leaves: sockets, connection file. Idempotent.
   * @param term milliseconds between SIGTERM and SIGKILL */
  end(term?: number): Promise<ProcessExit>;
}

/** Milliseconds that a kernel may take to answer. */
export const DEFAULT_START_TIMEOUT = 60_000;
/** Another process can take a reserved port before the kernel does; with fresh ones it goes well. */
const PORT_TRIES = 4;

/**
 * Carries a plan out: connection file, process, sockets, and the wait until it is ready. The exit of the process, a failed
 * spawn and an abort win over every wait. Of many starts at once only so many run side by side; the others wait for their turn, and
 * their time-out begins with it.
 * @throws KernelStartError, StartAbortedError, RunDirError, NoFreePortError
 */
export async function launch(plan: LaunchPlan, options: LaunchOptions = {}): Promise<LaunchedKernel> {
  const id = options.id ?? randomUUID();
  await checkPlan(plan, options);
  const leave = await startGate.enter(options.signal).catch((reason: unknown) => {
    throw new StartAbortedError(abortedFailure(new Attempt(plan)), reason);
  });
  try {
    for (let left = PORT_TRIES; ; left--) {
      try {
        return await launchOnce(plan, id, options);
      } catch (error) {
        if (left <= 1 || !(error instanceof KernelStartError) || !portTaken(error)) throw error;
      }
    }
  } finally {
    leave();
  }
}

/**
 * Whether a plan may be carried out, by whomever: nothing stands in its way, and it is trusted.
 * @throws KernelStartError
 */
export async function checkPlan(plan: LaunchPlan, { trust }: Pick<LaunchOptions, 'trust'>): Promise<void> {
  if (plan.problem !== null || plan.argv.length === 0) throw notStartable(new Attempt(plan));
  if (trust !== undefined && !(await trust(plan))) throw untrusted(new Attempt(plan));
}

/** Whether another program took one of the reserved ports, and the kernel, or we, met that program. */
function portTaken({ kind, plan }: KernelStartError): boolean {
  if (plan.rung === 'ipc') return false;
  return kind === 'address-taken' || (kind === 'protocol-violated' && plan.rung === 'reserved-ports');
}

async function launchOnce(plan: LaunchPlan, id: string, options: LaunchOptions): Promise<LaunchedKernel> {
  const attempt = new Attempt(plan);
  if (options.signal?.aborted) throw new StartAbortedError(abortedFailure(attempt), options.signal.reason);
  const runDir = await RunDir.create(plan.runBase, { stays: options.stays !== undefined });
  // What has to go again when the start fails, or when the kernel ends: last in, first out.
  const cleanUp = new CleanUp();
  // Until its directory is gone a sweep has to know of it.
  cleanUp.add(async () => {
    const record = await attempt.record;
    await record?.remove().catch((error: KernelkitError) => options.onProblem?.(error));
  });
  cleanUp.add(() => runDir[Symbol.asyncDispose]());
  const deadline = new AbortController();
  const timeoutMs = options.timeout ?? DEFAULT_START_TIMEOUT;
  const timer = new QuietTimer();
  const forwardAbort = (): void => deadline.abort(ABORTED);
  options.signal?.addEventListener('abort', forwardAbort, { once: true });
  if (options.signal?.aborted) forwardAbort();

  try {
    return await carryOut(attempt, {
      id,
      options,
      runDir,
      cleanUp,
      signal: deadline.signal,
      onSpawn: () => {
        timer.arm(timeoutMs, () => deadline.abort(TIMED_OUT));
      },
    });
  } catch (caught) {
    // Whatever the abort or the time-out made fail: they are the reason.
    const reason: unknown = deadline.signal.aborted ? deadline.signal.reason : caught;
    const { process, timings } = attempt;
    // An exit that is being reported already explains the closed sockets better than they do.
    if (process !== null && !deadline.signal.aborted) await process.exitsWithin(EXIT_EXPLAINS_MS);
    timings.failed = attempt.since();
    const error = await explained(attempt, reason, options.signal, timeoutMs);
    deadline.abort(error);
    // What cannot be cleaned up must not hide why the start failed; the exit hook tries again.
    await cleanUp.run().catch(() => {});
    throw error;
  } finally {
    timer.clear();
    options.signal?.removeEventListener('abort', forwardAbort);
  }
}

interface Carrying {
  id: string;
  options: LaunchOptions;
  runDir: RunDir;
  cleanUp: CleanUp;
  /** Ends every wait. */
  signal: AbortSignal;
  onSpawn(): void;
}

async function carryOut(
  attempt: Attempt,
  { id, options, runDir, cleanUp, signal, onSpawn }: Carrying,
): Promise<LaunchedKernel> {
  const { plan, timings } = attempt;
  const prepared = await prepareConnection(plan, runDir);
  if (prepared.reserved !== null) cleanUp.add(async () => prepared.reserved?.release());
  const connectionFile = await runDir.writeConnectionFile(id, prepared.info);
  attempt.argv = fillArgv(plan.argv, { connection_file: connectionFile, kernel_id: id }, null);
  signal.throwIfAborted();
  // one that cannot be interrupted is better than none
  const interruptEvent = takesInterruptEvent(plan)
    ? await interruptEvents.make().catch((error: KernelkitError) => {
        options.onProblem?.(error);
        return null;
      })
    : null;
  if (interruptEvent !== null) cleanUp.add(() => interruptEvent.close());
  // JJava says so and runs on: nothing would come of it but a time-out
  let addressTaken = (): void => {};
  const taken = new Promise<never>((_, reject) => {
    addressTaken = () => reject(ADDRESS_TAKEN);
  });
  taken.catch(() => {});
  const child = await KernelProcess.spawn({
    argv: attempt.argv,
    cwd: plan.cwd,
    env:
      interruptEvent === null ? plan.environment : { ...plan.environment, JPY_INTERRUPT_EVENT: interruptEvent.handle },
    onOutput(stream, chunk) {
      if (plan.rung === 'reserved-ports' && attempt.timings.ready === null && saysAddressTaken(chunk.toString()))
        addressTaken();
      options.onOutput?.(stream, chunk);
    },
    ...(options.stays && { stays: options.stays.output }),
  });
  attempt.process = child;
  timings.spawned = attempt.since();
  cleanUp.add(async () => void (await child.end()));
  const { pid, startTime } = child;
  const where = { connectionFile, runDir: runDir.path };
  if (options.stays === undefined) attempt.record = entered(attempt, { id, ...where }, options);
  else await options.stays.started({ plan, argv: attempt.argv, pid, startTime, ...where });
  onSpawn();

  const ready = async (): Promise<LaunchedKernel> => {
    const connection =
      plan.rung === 'zero-ports' ? await portsFilledIn(connectionFile, prepared.info, signal) : prepared.info;
    const channels = new RawChannels(connection, options);
    attempt.channels = channels;
    // By then the process has ended, or is about to be ended: there is nobody to flush to.
    cleanUp.add(() => channels.close(0));
    void channels.connected(signal).then(
      () => {
        timings.connected = attempt.since();
      },
      () => {},
    );
    const progress = {
      replied: () => {
        timings.replied = attempt.since();
      },
      invalid: (reason: string) => {
        attempt.unreadable.push(reason);
      },
    };
    const info = await becomesReady(channels, progress, signal);
    timings.ready = attempt.since();
    return {
      id,
      plan,
      process: child,
      channels,
      connection,
      connectionFile,
      info,
      timings,
      interruptEvent,
      async end(term) {
        if (child.exit === null) await child.end(term);
        await cleanUp.run();
        return child.exited;
      },
    };
  };
  const exited = child.exited.then((): never => {
    throw EXITED;
  });
  const starting = ready();
  starting.catch(() => {});
  exited.catch(() => {});
  return await Promise.race([exited, taken, starting]);
}

/** ipykernel is the one that waits for an event; on Windows nothing else interrupts it. */
function takesInterruptEvent({ interrupt, quirks }: LaunchPlan): boolean {
  return process.platform === 'win32' && interrupt === 'signal' && quirks.family === 'ipykernel';
}

/** Enters the kernel in the journal, beside its start: a later command ends it, should this process be killed with its watchdog. */
function entered(
  { plan, argv, process: child }: Attempt,
  where: { id: string; connectionFile: string; runDir: string },
  { onProblem }: LaunchOptions,
): Promise<JournalRecord | null> {
  const { entry, cwd } = plan;
  const { pid, startTime } = child!;
  const what = { pid, startTime, spec: entry.name, displayName: entry.displayName, program: argv[0] ?? '' };
  return recordKernel({ ...where, ...what, cwd, startedAt: new Date().toISOString() }).catch((error: unknown) => {
    onProblem?.(error as KernelkitError);
    return null;
  });
}

/** What went wrong, as what the caller gets. */
async function explained(
  attempt: Attempt,
  reason: unknown,
  signal: AbortSignal | undefined,
  timeoutMs: number,
): Promise<Error> {
  if (reason === ABORTED) return new StartAbortedError(abortedFailure(attempt), signal?.reason);
  if (reason instanceof SpawnError) {
    attempt.spawnCode = reason.code;
    return diagnosed(attempt, reason);
  }
  if (attempt.process?.exit || reason === ADDRESS_TAKEN) return diagnosed(attempt);
  if (reason === TIMED_OUT) return noReply(attempt, timeoutMs, await heartbeat(attempt));
  if (attempt.process === null || reason instanceof AbortedError) return reason as Error;
  return violated(attempt, reason as Error);
}

/** Whether it lives, where it does not answer: a kernel that is stuck does not even beat. */
async function heartbeat({ channels }: Attempt): Promise<number | null> {
  using deadline = new Deadline(BEAT_MS);
  return (await channels?.heartbeat(deadline.signal).catch(() => null)) ?? null;
}

const TIMED_OUT = new Error('timed out');
const ABORTED = new Error('aborted');
const EXITED = new Error('exited');
const ADDRESS_TAKEN = new Error('address taken');
/** A socket that breaks off is most often the first sign of an exit that is about to be seen. */
const EXIT_EXPLAINS_MS = 50;
const BEAT_MS = 300;
