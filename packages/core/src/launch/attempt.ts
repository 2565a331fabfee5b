import { oomKillCount } from '../diagnosis/index.js';
import type { JournalRecord } from '../journal/index.js';
import type { LaunchPlan } from '../plan/index.js';
import type { RunningProcess } from '../process/index.js';
import type { RawChannels } from '../raw/index.js';
import type { SocketName, StartFacts, StartTimings } from './errors.js';

const SOCKETS: readonly SocketName[] = ['shell', 'control', 'stdin', 'iopub'];

/** One try at a start: how far it got, for whoever has to say why it went no further. */
export class Attempt {
  readonly plan: LaunchPlan;
  argv: readonly string[];
  process: RunningProcess | null = null;
  channels: RawChannels | null = null;
  /** Its entry in the journal, once it is written. */
  record: Promise<JournalRecord | null> | null = null;
  /** The system's code, where it did not start the process. */
  spawnCode: string | null = null;
  readonly timings: StartTimings;
  readonly unreadable: string[] = [];
  readonly #began = performance.now();
  readonly #oomKills = oomKillCount();

  constructor(plan: LaunchPlan) {
    this.plan = plan;
    this.argv = plan.argv;
    const activated = plan.activation?.ms ?? null;
    this.timings = { activated, spawned: null, connected: null, replied: null, ready: null, failed: null };
  }

  /** Milliseconds since the spawn; where there was none, since the try began. */
  since(): number {
    return performance.now() - (this.process?.startedAt ?? this.#began);
  }

  /** Processes that the system has ended for memory meanwhile. */
  get oomKills(): number {
    return Math.max(0, oomKillCount() - this.#oomKills);
  }

  /** The sockets that took our connection, and those that did not. */
  sockets(): { bound: SocketName[]; silent: SocketName[] } {
    const opened = this.channels?.opened ?? new Set();
    return { bound: SOCKETS.filter((name) => opened.has(name)), silent: SOCKETS.filter((name) => !opened.has(name)) };
  }

  facts(): StartFacts {
    const { plan, argv, process, timings } = this;
    const exit = process?.exit ?? null;
    return {
      name: plan.entry.displayName,
      argv,
      cwd: plan.cwd,
      environment: plan.changes,
      timings: { ...timings, failed: timings.failed ?? this.since() },
      exit: exit === null ? null : { code: exit.code, signal: exit.signal, lived: exit.lived },
      stderr: process?.stderr ?? '',
      stdout: process?.stdout ?? '',
    };
  }
}
