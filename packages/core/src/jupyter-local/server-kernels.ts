import { type JournalRecord, recordKernel } from '../journal/index.js';
import { childrenOf, guardUntilGone, isRunning, killGroup, startTimeOf } from '../process/index.js';

interface Guarded {
  startTime: string;
  release: () => void;
  record: Promise<JournalRecord | null>;
}

/**
 * The processes of a server's kernels. Each leads a process group of its own, so that they outlive a server that is killed: the watchdog
 * and the journal are told of each, as of a kernel that we start ourselves.
 */
export class ServerKernels {
  readonly #server: number;
  readonly #about: { cwd: string; connectionFile: string };
  readonly #guarded = new Map<number, Guarded>();
  #isOver = false;

  constructor(server: number, about: { cwd: string; connectionFile: string }) {
    this.#server = server;
    this.#about = about;
  }

  /** Looks which there are now. For after whatever may have started one. */
  look(): void {
    if (this.#isOver) return;
    for (const pid of childrenOf(this.#server)) this.#guard(pid);
    for (const [pid, { startTime }] of this.#guarded) if (!isRunning(pid, startTime)) void this.#release(pid);
  }

  /** Ends those that are left. For when the server has ended. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(
      [...this.#guarded].map(async ([pid, { startTime }]) => {
        // the group of a leader that is gone may be another's by now
        if (isRunning(pid, startTime)) await killGroup(pid);
        await this.#release(pid);
      }),
    );
  }

  #guard(pid: number): void {
    const startTime = startTimeOf(pid);
    if (startTime === null || this.#guarded.get(pid)?.startTime === startTime) return;
    const { cwd, connectionFile } = this.#about;
    const record = recordKernel({
      ...{ id: `local-jupyter-${this.#server}-${pid}`, pid, startTime, spec: '', cwd, connectionFile, runDir: null },
      ...{ displayName: 'a kernel of a local Jupyter server', program: 'jupyter-server' },
      startedAt: new Date().toISOString(),
    }).catch(() => null);
    this.#guarded.set(pid, { startTime, release: guardUntilGone(pid, startTime), record });
  }

  async #release(pid: number): Promise<void> {
    const known = this.#guarded.get(pid);
    if (known === undefined) return;
    this.#guarded.delete(pid);
    known.release();
    await (await known.record)?.remove().catch(() => {});
  }
}
