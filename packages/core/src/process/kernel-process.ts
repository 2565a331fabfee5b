import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { KernelkitError } from '../errors/index.js';
import { settlesWithin } from '../wait/index.js';
import { signalGroup } from './group.js';
import { type OutputFiles, openOutput, tailOf } from './output-files.js';
import { guardUntilGone } from './owned.js';
import type { RunningProcess } from './running-process.js';
import { startTimeOf } from './start-time.js';
import { stop } from './stop.js';
import { Tail } from './tail.js';

/** The program could not be started at all. */
export class SpawnError extends KernelkitError {
  readonly argv: readonly string[];
  /** The system's code: ENOENT, EACCES, … */
  readonly code: string;

  constructor(argv: readonly string[], cwd: string, cause: NodeJS.ErrnoException) {
    const code = cause.code ?? 'UNKNOWN';
    super('spawn-failed', `${JSON.stringify(argv[0])} could not be started in ${cwd}: ${cause.message}`, {
      cause,
      fix:
        code === 'ENOENT'
          ? "check that the program in the kernelspec's argv is installed and on PATH, and that the directory exists"
          : code === 'EACCES'
            ? 'check that the program may be executed by this user'
            : null,
    });
    this.argv = argv;
    this.code = code;
  }
}

/** Everything known about the end of a process. */
export interface ProcessExit {
  /** Exit status; null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last that it wrote, 64 KiB at most each. */
  stderr: string;
  stdout: string;
  /** performance.now() when the exit was seen. */
  at: number;
  /** Milliseconds that it lived. */
  lived: number;
}

export interface ProcessOptions {
  argv: readonly string[];
  cwd: string;
  /** The whole environment; this process's is not added. */
  env: Record<string, string>;
  /** Every chunk that the kernel's process writes outside the protocol. Nothing comes of one that stays. */
  onOutput?: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  /** It outlives this process, in whichever way that ends, and writes into these files. */
  stays?: OutputFiles;
}

/** What is kept of a process's output. */
export const TAIL_BYTES = 64 * 1024;
/** After the exit, how long what it wrote may still take to arrive; a grandchild can hold the pipe open for ever. */
const DRAIN_MS = 20;

/**
 * The only owner of a kernel's child process. It leads a process group of its own (setsid), so that a signal reaches
 * what it started too and a Ctrl-C in our terminal does not reach it.
 */
export class KernelProcess implements RunningProcess {
  readonly pid: number;
  readonly argv: readonly string[];
  /** performance.now() at the spawn. */
  readonly startedAt: number;
  /** When the system says that it was started (`startTimeOf`): with the pid, its name. Null on Windows. */
  readonly startTime: string | null;
  /** Resolves once, when the process has ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  #exit: ProcessExit | null = null;
  readonly #stderr = new Tail(TAIL_BYTES);
  readonly #stdout = new Tail(TAIL_BYTES);
  readonly #files: OutputFiles | null;

  /** Use `KernelProcess.spawn`. */
  constructor(child: ChildProcess, options: ProcessOptions, startedAt: number) {
    this.pid = child.pid!;
    this.argv = options.argv;
    this.startedAt = startedAt;
    this.#files = options.stays ?? null;
    // Nobody has reaped it yet, even if it has ended: it is found.
    this.startTime = startTimeOf(this.pid);
    const take = (name: 'stdout' | 'stderr', tail: Tail): void => {
      child[name]?.on('data', (chunk: Buffer) => {
        tail.push(chunk);
        options.onOutput?.(name, chunk);
      });
    };
    take('stdout', this.#stdout);
    take('stderr', this.#stderr);
    const release = this.#files === null ? guardUntilGone(this.pid, this.startTime) : () => {};
    // it must not keep this process from ending
    if (this.#files !== null) child.unref();
    this.exited = new Promise((resolve) => {
      let ended: { code: number | null; signal: NodeJS.Signals | null; at: number } | null = null;
      const finish = (): void => {
        if (ended === null || this.#exit !== null) return;
        release();
        // A grandchild that kept the pipes must not keep us.
        child.stdout?.destroy();
        child.stderr?.destroy();
        const { code, signal, at } = ended;
        this.#exit = { code, signal, at, lived: at - startedAt, stderr: this.stderr, stdout: this.stdout };
        resolve(this.#exit);
      };
      child.once('exit', (code, signal) => {
        ended = { code, signal, at: performance.now() };
        setTimeout(finish, DRAIN_MS);
      });
      child.once('close', finish);
      // A signal that could not be sent is reported here, and would end this process if nobody listened; whoever sent it
      // waits for the exit anyway.
      child.on('error', () => {});
    });
  }

  /**
   * Starts a program: no shell, standard input empty, standard output and error kept.
   * @throws SpawnError
   */
  static async spawn(options: ProcessOptions): Promise<KernelProcess> {
    const [program, ...args] = options.argv;
    if (program === undefined || program === '') {
      throw new SpawnError(options.argv, options.cwd, Object.assign(new Error('argv is empty'), { code: 'EINVAL' }));
    }
    const startedAt = performance.now();
    let child: ChildProcess;
    const files: number[] = [];
    try {
      const { stays } = options;
      if (stays !== undefined) for (const path of [stays.stdout, stays.stderr]) files.push(openOutput(path));
      child = spawn(program, args, {
        cwd: options.cwd,
        env: options.env,
        stdio: ['ignore', files[0] ?? 'pipe', files[1] ?? 'pipe'],
        detached: process.platform !== 'win32',
        windowsHide: true,
      });
    } catch (error) {
      // A NUL byte in argv or env, EMFILE: thrown, not emitted.
      throw new SpawnError(options.argv, options.cwd, error as NodeJS.ErrnoException);
    } finally {
      for (const file of files) closeSync(file);
    }
    if (child.pid !== undefined) return new KernelProcess(child, options, startedAt);
    throw await new Promise<SpawnError>((resolve) => {
      child.once('error', (error) => resolve(new SpawnError(options.argv, options.cwd, error)));
    });
  }

  /** How it ended, or null while it runs. */
  get exit(): ProcessExit | null {
    return this.#exit;
  }

  /** What it has written to standard output so far (the last 64 KiB). */
  get stdout(): string {
    return this.#files === null ? this.#stdout.toString() : tailOf(this.#files.stdout, TAIL_BYTES);
  }

  /** What it has written to standard error so far (the last 64 KiB). */
  get stderr(): string {
    return this.#files === null ? this.#stderr.toString() : tailOf(this.#files.stderr, TAIL_BYTES);
  }

  /** Signals the whole process group. False when it has ended already. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#exit === null && signalGroup(this.pid, signal);
  }

  /** Waits for the exit for at most `ms` milliseconds. */
  exitsWithin(ms: number): Promise<boolean> {
    return this.#exit === null ? settlesWithin(this.exited, ms) : Promise.resolve(true);
  }

  /**
   * Ends it for certain: SIGTERM to the group, SIGKILL after `grace` milliseconds; then what is left of the group, since
   * children outlive their leader.
   * @throws ProcessStuckError when even SIGKILL does not end it
   */
  end(grace = 2000): Promise<ProcessExit> {
    return stop(this, grace);
  }
}
