import { settlesWithin } from '../wait/index.js';
import { signalGroup } from './group.js';
import { type ProcessExit, TAIL_BYTES } from './kernel-process.js';
import { type OutputFiles, tailOf } from './output-files.js';
import type { RunningProcess } from './running-process.js';
import { isRunning } from './start-time.js';
import { stop } from './stop.js';

/** What names a process that somebody else started. */
export interface ProcessName {
  pid: number;
  /** Without it nothing is signalled: it may be another process by now. */
  startTime: string;
  argv: readonly string[];
  /** When it was started. */
  started: Date;
  /** Where it writes. */
  output: OutputFiles;
}

/** Where `ps` is started for each look, it is not looked at as often. */
const LOOK_MS = process.platform === 'linux' ? 250 : 1000;
/** While its end is waited for. */
const SOON_MS = 10;
const SOON_LOOKS = 20;

/** A process that was found running, and that is no child of ours: its end is seen by looking, and its exit status by nobody. */
export class AdoptedProcess implements RunningProcess {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly startedAt: number;
  readonly startTime: string;
  readonly exited: Promise<ProcessExit>;
  readonly #output: OutputFiles;
  readonly #timer: NodeJS.Timeout;
  #soon: NodeJS.Timeout | null = null;
  #exit: ProcessExit | null = null;
  #ended: (exit: ProcessExit) => void = () => {};

  constructor({ pid, startTime, argv, started, output }: ProcessName) {
    this.pid = pid;
    this.startTime = startTime;
    this.argv = argv;
    this.startedAt = performance.now() - (Date.now() - started.getTime());
    this.#output = output;
    this.exited = new Promise((resolve) => {
      this.#ended = resolve;
    });
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    this.#look();
  }

  get exit(): ProcessExit | null {
    return this.#exit;
  }

  get stdout(): string {
    return tailOf(this.#output.stdout, TAIL_BYTES);
  }

  get stderr(): string {
    return tailOf(this.#output.stderr, TAIL_BYTES);
  }

  signal(signal: NodeJS.Signals): boolean {
    return this.#look() && signalGroup(this.pid, signal);
  }

  exitsWithin(ms: number): Promise<boolean> {
    this.lookSoon();
    return this.#exit === null ? settlesWithin(this.exited, ms) : Promise.resolve(true);
  }

  /** Something says that it has ended, or is about to: it is looked at more often for a while. */
  lookSoon(): void {
    if (this.#exit !== null || this.#soon !== null) return;
    let left = SOON_LOOKS;
    this.#soon = setInterval(() => {
      left -= 1;
      if (this.#look() && left > 0) return;
      if (this.#soon !== null) clearInterval(this.#soon);
      this.#soon = null;
    }, SOON_MS);
  }

  end(grace = 2000): Promise<ProcessExit> {
    return stop(this, grace);
  }

  /** It is not looked at any more: somebody else's from now on. */
  forget(): void {
    clearInterval(this.#timer);
    if (this.#soon !== null) clearInterval(this.#soon);
  }

  /** Whether it runs. */
  #look(): boolean {
    if (this.#exit !== null) return false;
    if (isRunning(this.pid, this.startTime)) return true;
    const at = performance.now();
    const { stdout, stderr } = this;
    this.#exit = { code: null, signal: null, stdout, stderr, at, lived: at - this.startedAt };
    this.forget();
    this.#ended(this.#exit);
    return false;
  }
}
