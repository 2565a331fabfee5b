import { randomUUID } from 'node:crypto';
import type { ConnectionInfo } from '@kernelkit/protocol';
import { AbortedError } from '../errors/index.js';
import { fillArgv, type LaunchPlan } from '../plan/index.js';
import { KernelProcess, type ProcessExit, SpawnError } from '../process/index.js';
import { RawChannels, type RawOptions } from '../raw/index.js';
import { QuietTimer } from '../wait/index.js';
import { CleanUp } from './clean-up.js';
import { portsFilledIn, prepareConnection } from './connection.js';
import { portWasTaken } from './diagnose.js';
import { KernelStartError, type StartTimings } from './errors.js';
import { exitError, timeoutError } from './failures.js';
import { becomesReady } from './ready.js';
import { RunDir } from './run-dir.js';

export interface LaunchOptions extends RawOptions {
  /** The kernel's id. Default: a new UUID. */
  id?: string;
  /** Milliseconds until a kernel that runs but does not answer counts as failed. Default 60,000. */
  timeout?: number;
  signal?: AbortSignal;
  /** What the process writes outside the protocol, as it comes. */
  onOutput?: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
}

/** A kernel that runs, answers, and whose output reaches us. */
export interface LaunchedKernel {
  id: string;
  plan: LaunchPlan;
  process: KernelProcess;
  channels: RawChannels;
  connection: ConnectionInfo;
  connectionFile: string;
  info: Awaited<ReturnType<typeof becomesReady>>;
  timings: StartTimings;
  /** Ends the process, whatever it takes, and removes what it leaves: sockets, connection file. Idempotent.
   * @param term milliseconds between SIGTERM and SIGKILL */
  end(term?: number): Promise<ProcessExit>;
}

export const DEFAULT_START_TIMEOUT = 60_000;
/** Another process can take a reserved port before the kernel does; with fresh ones it goes well. */
const PORT_TRIES = 4;

/**
 * Carries a plan out: connection file, process, sockets, and the wait until it is ready. The exit of the process, a failed
 * spawn and an abort win over every wait.
 * @throws KernelStartError, AbortedError, RunDirError, NoFreePortError
 */
export async function launch(plan: LaunchPlan, options: LaunchOptions = {}): Promise<LaunchedKernel> {
  const id = options.id ?? randomUUID();
  if (plan.problem !== null || plan.argv.length === 0) {
    const { message, fix } = plan.problem ?? { message: `${plan.entry.displayName} has no command line`, fix: null };
    throw new KernelStartError('not-startable', message, { plan, fix });
  }
  for (let left = PORT_TRIES; ; left--) {
    try {
      return await launchOnce(plan, id, options);
    } catch (error) {
      if (left <= 1 || !(error instanceof KernelStartError) || !portTaken(error)) throw error;
    }
  }
}

/** Whether another program took one of the reserved ports, and the kernel, or we, met that program. */
function portTaken({ kind, exit, plan }: KernelStartError): boolean {
  if (plan.rung === 'ipc') return false;
  return exit === null ? kind === 'connect-failed' && plan.rung === 'reserved-ports' : portWasTaken(exit);
}

async function launchOnce(plan: LaunchPlan, id: string, options: LaunchOptions): Promise<LaunchedKernel> {
  if (options.signal?.aborted) throw new AbortedError(`starting ${plan.entry.displayName}`, options.signal.reason);
  const runDir = await RunDir.create(plan.runBase);
  // What has to go again when the start fails, or when the kernel ends: last in, first out.
  const cleanUp = new CleanUp();
  cleanUp.add(() => runDir[Symbol.asyncDispose]());
  const deadline = new AbortController();
  const timeoutMs = options.timeout ?? DEFAULT_START_TIMEOUT;
  const timer = new QuietTimer();
  const forwardAbort = (): void =>
    deadline.abort(new AbortedError(`starting ${plan.entry.displayName}`, options.signal?.reason));
  options.signal?.addEventListener('abort', forwardAbort, { once: true });
  if (options.signal?.aborted) forwardAbort();
  const timings: StartTimings = { connected: null, replied: null, ready: null };
  let process: KernelProcess | null = null;
  let argv: readonly string[] = plan.argv;
  const unreadable: string[] = [];

  try {
    const prepared = await prepareConnection(plan, runDir);
    if (prepared.reserved !== null) cleanUp.add(async () => prepared.reserved?.release());
    const connectionFile = await runDir.writeConnectionFile(id, prepared.info);
    argv = fillArgv(plan.argv, { connection_file: connectionFile, kernel_id: id }, null);
    deadline.signal.throwIfAborted();
    const child = await KernelProcess.spawn({
      argv,
      cwd: plan.cwd,
      env: plan.environment,
      ...(options.onOutput && { onOutput: options.onOutput }),
    });
    process = child;
    cleanUp.add(async () => void (await child.end()));
    timer.arm(timeoutMs, () => deadline.abort(TIMED_OUT));
    const since = (): number => performance.now() - child.startedAt;

    const ready = async (): Promise<LaunchedKernel> => {
      const connection =
        plan.rung === 'zero-ports'
          ? await portsFilledIn(connectionFile, prepared.info, deadline.signal)
          : prepared.info;
      const channels = new RawChannels(connection, options);
      // By then the process has ended, or is about to be ended: there is nobody to flush to.
      cleanUp.add(() => channels.close(0));
      void channels.connected(deadline.signal).then(
        () => {
          timings.connected = since();
        },
        () => {},
      );
      const progress = {
        replied: () => {
          timings.replied = since();
        },
        invalid: (reason: string) => {
          unreadable.push(reason);
        },
      };
      const info = await becomesReady(channels, progress, deadline.signal);
      timings.ready = since();
      return {
        id,
        plan,
        process: child,
        channels,
        connection,
        connectionFile,
        info,
        timings,
        async end(term) {
          if (child.exit === null) await child.end(term);
          await cleanUp.run();
          return child.exited;
        },
      };
    };
    const exited = child.exited.then((exit): never => {
      throw exitError(plan, argv, exit, timings);
    });
    const starting = ready();
    starting.catch(() => {});
    exited.catch(() => {});
    return await Promise.race([exited, starting]);
  } catch (caught) {
    // Whatever the abort or the time-out made fail: they are the reason.
    const error: unknown = deadline.signal.aborted ? deadline.signal.reason : caught;
    // An exit that is being reported already explains the closed sockets better than they do.
    const exit =
      process !== null && !deadline.signal.aborted && (await process.exitsWithin(EXIT_EXPLAINS_MS))
        ? process.exit
        : null;
    const stderr = process?.stderr ?? '';
    deadline.abort(error);
    // What cannot be cleaned up must not hide why the start failed; the exit hook tries again.
    await cleanUp.run().catch(() => {});
    if (error instanceof KernelStartError || error instanceof AbortedError) throw error;
    if (exit !== null) throw exitError(plan, argv, exit, timings);
    if (error instanceof SpawnError) {
      throw new KernelStartError('spawn-failed', error.message, { plan, argv, timings, fix: error.fix, cause: error });
    }
    if (error === TIMED_OUT) throw timeoutError(plan, argv, timings, stderr, unreadable, timeoutMs);
    if (process === null) throw error;
    throw new KernelStartError(
      'connect-failed',
      `${plan.entry.displayName} runs, but cannot be talked to: ${(error as Error).message}`,
      {
        plan,
        argv,
        timings,
        stderr,
        cause: error,
      },
    );
  } finally {
    timer.clear();
    options.signal?.removeEventListener('abort', forwardAbort);
  }
}

const TIMED_OUT = new Error('timed out');
/** A socket that breaks off is most often the first sign of an exit that is about to be seen. */
const EXIT_EXPLAINS_MS = 50;
