import { createMessage } from '@kernelkit/protocol';
import { ListenerSet } from '../channels/index.js';
import { diagnoseDeath, diskProbe, oomKillCount } from '../diagnosis/index.js';
import { KernelkitError } from '../errors/index.js';
import type { KernelConnection, KernelDeath, KernelHost, Revival } from '../kernel/index.js';
import { type LaunchedKernel, type LaunchOptions, launch } from '../launch/index.js';
import type { LaunchPlan } from '../plan/index.js';
import type { ProcessExit } from '../process/index.js';
import { settlesWithin, untilAborted } from '../wait/index.js';
import { type AutoRestart, Reviver } from './reviver.js';

/** What a kernel's host does beyond the start. */
export interface HostOptions {
  shutdown?: ShutdownOptions;
  /** Start it again when it dies without being asked to. What waited is told of the death all the same. Default: not. */
  autoRestart?: AutoRestart | boolean;
}

/** How long a kernel has to end, in milliseconds, before it is made to. */
export interface ShutdownOptions {
  /** Milliseconds that the kernel has to end by itself after it was asked to. Default 5000. */
  request?: number;
  /** Milliseconds between SIGTERM and SIGKILL. Default 2000. */
  term?: number;
}

const REQUEST_MS = 5000;
/** How long the output of a kernel that died may take to arrive. */
const DRAIN_MS = 1000;
const LAST_WORDS_MS = 100;
/** How often a busy kernel that shall end is interrupted, and how long apart. */
const BUSY_INTERRUPTS = 3;
const BUSY_INTERRUPT_MS = 400;

const INTERRUPT_FAILURES = {
  'interrupt-failed': 'the kernel could not be interrupted: its process has ended',
  'interrupt-unsupported':
    'a kernel that is interrupted by a signal cannot be interrupted on Windows, unless it is ipykernel',
};

/** The kernel could not be interrupted. */
export class InterruptError extends KernelkitError {
  constructor(kind: keyof typeof INTERRUPT_FAILURES) {
    super(kind, INTERRUPT_FAILURES[kind], { fix: kind === 'interrupt-unsupported' ? 'restart the kernel' : null });
  }
}

/** Runs a kernel as our own process, for a Kernel client. */
export class RawHost implements KernelHost {
  readonly id: string;
  readonly interrupt: (() => Promise<void>) | null;
  /** Where it stays: ends the connection, and nothing else. */
  readonly leave?: () => Promise<void>;
  readonly #plan: LaunchPlan;
  readonly #options: LaunchOptions;
  readonly #shutdown: ShutdownOptions;
  readonly #deaths = new ListenerSet<KernelDeath>();
  readonly #reviver: Reviver | null;
  #kernel: LaunchedKernel;
  #connection: KernelConnection;

  /** @param joined how it was joined, where it ran already */
  constructor(kernel: LaunchedKernel, options: LaunchOptions & HostOptions, joined?: KernelConnection) {
    const { shutdown, autoRestart, signal: _startSignal, ...again } = options;
    this.id = kernel.id;
    this.#plan = kernel.plan;
    this.#options = again;
    this.#shutdown = shutdown ?? {};
    this.#kernel = kernel;
    this.#connection = joined ?? { channels: kernel.channels, info: kernel.info };
    if (options.stays !== undefined) {
      this.leave = async () => {
        this.#stopping.add(this.#kernel);
        await this.#reviver?.cancel();
        await this.#kernel.channels.close();
      };
    }
    const policy = autoRestart === true ? {} : autoRestart || null;
    this.#reviver = policy === null ? null : new Reviver(policy, (signal) => this.#launch(signal));
    this.interrupt =
      kernel.plan.interrupt === 'message'
        ? null
        : async () => {
            const { interruptEvent } = this.#kernel;
            if (interruptEvent !== null) return interruptEvent.set();
            // There kill() ends a process, whatever the signal.
            if (process.platform === 'win32') throw new InterruptError('interrupt-unsupported');
            if (!this.#kernel.process.signal('SIGINT')) throw new InterruptError('interrupt-failed');
          };
    this.#watch(kernel);
  }

  /** The kernel as it was launched last: its process, connection file, timings. */
  get launched(): LaunchedKernel {
    return this.#kernel;
  }

  get connection(): KernelConnection {
    return this.#connection;
  }

  onDeath(listener: (death: KernelDeath) => void): () => void {
    return this.#deaths.add(listener);
  }

  onRevival(listener: (revival: Revival) => void): () => void {
    return this.#reviver?.on(listener) ?? (() => {});
  }

  async restart(busy: boolean, signal?: AbortSignal): Promise<KernelConnection> {
    this.#stopping.add(this.#kernel);
    await untilAborted('Restarting the kernel', signal, async () => {
      await this.#reviver?.cancel();
      await this.#stop(this.#kernel, true, busy);
    });
    return this.#launch(signal);
  }

  async shutdown(busy: boolean): Promise<void> {
    this.#stopping.add(this.#kernel);
    await this.#reviver?.cancel();
    await this.#stop(this.#kernel, false, busy);
  }

  async #launch(signal: AbortSignal | undefined): Promise<KernelConnection> {
    this.#kernel = await launch(this.#plan, { ...this.#options, id: this.id, ...(signal && { signal }) });
    this.#connection = { channels: this.#kernel.channels, info: this.#kernel.info };
    this.#watch(this.#kernel);
    return this.connection;
  }

  /** shutdown_request on control → SIGTERM to the group → SIGKILL, each bounded; then nothing of it is left. */
  async #stop(kernel: LaunchedKernel, restart: boolean, busy: boolean): Promise<ProcessExit> {
    this.#stopping.add(kernel);
    if (kernel.process.exit === null) {
      // ipykernel answers the request while a cell runs, but ends only when the cell does (jupyter_client interrupts too).
      // Repeated, since code that has just been sent may not run yet, and an interrupt is then lost.
      const interrupts = busy && this.interrupt !== null && process.platform !== 'win32' ? BUSY_INTERRUPTS : 0;
      if (interrupts > 0) kernel.process.signal('SIGINT');
      const { session } = kernel.channels;
      if (busy && this.interrupt === null) {
        const interrupt = createMessage({ channel: 'control', type: 'interrupt_request', session, content: {} });
        kernel.channels.send(interrupt).catch(() => {});
      }
      const request = createMessage({ channel: 'control', type: 'shutdown_request', session, content: { restart } });
      // The exit is what we wait for, not the reply, which may be lost. A request that cannot be sent is not worth a wait.
      const unsent = kernel.channels.send(request).then(
        () => new Promise<never>(() => {}),
        () => {},
      );
      const over = Promise.race([kernel.process.exited, unsent]);
      const patience = this.#shutdown.request ?? kernel.plan.quirks.shutdownPatience ?? REQUEST_MS;
      let ended = false;
      for (let again = 1; again < interrupts && !ended; again++) {
        ended = await settlesWithin(over, Math.min(BUSY_INTERRUPT_MS, patience / interrupts));
        if (!ended) kernel.process.signal('SIGINT');
      }
      if (!ended) await settlesWithin(over, patience);
      // What it printed while it ended. Where that is not read soon, what it has started may hold the socket open, and has to end in any case.
      if (kernel.process.exit !== null && !(await kernel.channels.drained(LAST_WORDS_MS))) {
        await kernel.process.end();
        await kernel.channels.drained(DRAIN_MS);
      }
    }
    return kernel.end(this.#shutdown.term);
  }

  readonly #stopping = new WeakSet<LaunchedKernel>();

  #watch(kernel: LaunchedKernel): void {
    const oomKills = oomKillCount();
    void kernel.process.exited.then(async (exit) => {
      if (this.#stopping.has(kernel)) return;
      // Its last output is still on its way; whoever waits for it shall see it before the news of the death.
      await kernel.channels.drained(DRAIN_MS);
      if (this.#stopping.has(kernel)) return;
      const willRestart = this.#reviver?.died(exit.lived) ?? false;
      this.#deaths.emit(deathOf(kernel, exit, Math.max(0, oomKillCount() - oomKills), willRestart));
      // Its sockets and its connection file go with it; what cannot be removed now is tried again when this process ends.
      await kernel.end().catch(() => {});
      // whoever was told of the death may have closed the kernel, or restarted it
      if (willRestart && !this.#stopping.has(kernel)) this.#reviver?.begin();
    });
  }
}

/** What is known of an end that nobody asked for. */
function deathOf(
  { plan, process: child }: LaunchedKernel,
  exit: ProcessExit,
  oomKills: number,
  willRestart: boolean,
): KernelDeath {
  const { code, signal, stderr, stdout, lived } = exit;
  const { argv } = child;
  // of one that was adopted nobody is told how it ended
  const isKnown = code !== null || signal !== null;
  const cause = diagnoseDeath({
    ...{ platform: process.platform, argv, cwd: plan.cwd, environment: plan.environment, prefix: null, install: null },
    ...{ spawn: null, exit: isKnown ? exit : null, stderr, stdout, oomKills, probe: diskProbe },
  });
  const { kind, fix } = cause;
  const words = isKnown ? '' : (stderr.trim().split('\n').at(-1) ?? '');
  const diagnosis = words === '' ? cause.diagnosis : `${cause.diagnosis}: ${words}`;
  const message = `${plan.entry.displayName} died ${Math.round(lived)} ms after its start: ${diagnosis}`;
  return { message, cause: kind, diagnosis, fix, argv, code, signal, lived, stderr, willRestart };
}
