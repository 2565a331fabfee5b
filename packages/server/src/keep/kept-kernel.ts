import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AdoptedKernel,
  AdoptedProcess,
  cutOutput,
  isRunning,
  KernelDiedError,
  type OutputFiles,
  type Staying,
  tailOf,
} from '@kernelkit/core';
import type { LogFiles } from './log-files.js';
import { isOfThisMachine, type KeptProcess, type KeptRecord, processOf } from './record.js';
import { StateFile } from './state-file.js';

/** What a kernel may write beside the protocol before it is cut, and what is left of it then. */
const OUTPUT_BYTES = 4 * 1024 ** 2;
const TAIL_BYTES = 64 * 1024;
const CUT_MS = 10_000;

/** A kernel that outlives its gateway: what is known of it on the disk, and its log. */
export class KeptKernel {
  readonly directory: string;
  readonly log: LogFiles;
  readonly staying: Staying;
  readonly #file: StateFile;
  readonly #output: OutputFiles;
  readonly #cutter: NodeJS.Timeout;
  #record: KeptRecord;
  #isNew: boolean;

  /** @param isNew nobody has started it yet */
  constructor(directory: string, record: KeptRecord, log: LogFiles, isNew: boolean) {
    this.directory = directory;
    this.log = log;
    this.#record = record;
    this.#isNew = isNew;
    this.#file = new StateFile(join(directory, 'kernel.json'));
    const output = { stdout: join(directory, 'stdout'), stderr: join(directory, 'stderr') };
    this.#output = output;
    this.staying = {
      output,
      started: (kernel) => this.#save({ process: processOf(kernel), ended: null }),
    };
    this.#cutter = setInterval(() => {
      for (const path of [output.stdout, output.stderr]) cutOutput(path, OUTPUT_BYTES, TAIL_BYTES).catch(() => {});
    }, CUT_MS).unref();
  }

  get record(): KeptRecord {
    return this.#record;
  }

  /** @throws KeepError */
  save(): Promise<void> {
    return this.#save({});
  }

  /**
   * What an earlier gateway left, for the first start: the kernel that still runs; null: there was none. Afterwards nothing.
   * @throws KernelDiedError how it ended, or that it did
   */
  found(): AdoptedKernel | null {
    if (this.#isNew) return null;
    this.#isNew = true;
    const { id, process: running, ended } = this.#record;
    if (running !== null && this.#runs(running)) {
      if (ended !== null) this.#save({ ended: null }).catch(() => {});
      const { started, startTime, ...rest } = running;
      const begun = new Date(started);
      // where nothing of the log can be read, all of it is lost
      const since = this.log.restored?.until ?? begun;
      return { ...rest, id, startTime: startTime!, started: begun, since };
    }
    throw new KernelDiedError({
      ...{ cause: 'unknown', fix: 'restart it, or end it (DELETE)', argv: running?.argv ?? [] },
      ...{ code: null, signal: null, lived: null, willRestart: false },
      stderr: ended?.stderr ?? tailOf(this.#output.stderr, TAIL_BYTES),
      ...this.#howItEnded(),
    });
  }

  /** It has ended, or could not be started, and it is known why. */
  died(message: string, stderr: string): void {
    const ended = { message, stderr, at: new Date().toISOString() };
    this.#save({ ended }).catch(() => {});
  }

  /** Ends what runs of it, whoever started it. @throws ProcessStuckError */
  async end(): Promise<void> {
    const { process: running } = this.#record;
    if (running === null) return;
    if (this.#runs(running)) {
      const { pid, startTime, argv, started } = running;
      const name = { pid, startTime: startTime!, argv, started: new Date(started), output: this.#output };
      await new AdoptedProcess(name).end();
    }
    await rm(running.runDir, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Nothing more is written. */
  async close(): Promise<void> {
    clearInterval(this.#cutter);
    await this.log.close();
    await this.#file.settled();
  }

  /** Ends it, and leaves nothing of it. */
  async remove(): Promise<void> {
    await this.close();
    await this.end();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }

  #runs(running: KeptProcess): boolean {
    return isOfThisMachine(running) && running.startTime !== null && isRunning(running.pid, running.startTime);
  }

  #howItEnded(): { message: string; diagnosis: string } {
    const { process: running, ended, start } = this.#record;
    if (ended !== null) return { message: ended.message, diagnosis: ended.message };
    const diagnosis =
      running === null
        ? 'its gateway ended while it was started'
        : isOfThisMachine(running)
          ? 'it ended while no gateway ran, and how is not known'
          : `it ran on ${running.machine.host} before that was started again, or in another container`;
    return { diagnosis, message: `${start.entry.displayName} is gone: ${diagnosis}` };
  }

  #save(change: Partial<KeptRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    return this.#file.write(() => this.#record);
  }
}
