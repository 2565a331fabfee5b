import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AbortedError } from '../../errors/index.js';
import { ownUntilExit, signalGroup } from '../../process/index.js';

export interface BoundedRun {
  argv: readonly string[];
  cwd: string;
  env: Record<string, string>;
  /** The descriptor that the answer is written to. What goes to standard output instead is dropped. */
  answerOn: 1 | 3;
  timeoutMs: number;
  signal: AbortSignal | undefined;
  /** What is being done, for the error of an abort: `Activating /opt/env`. */
  what: string;
}

export interface BoundedResult {
  /** How it came to its end. */
  end: 'exit' | 'timeout' | 'too-much' | 'not-started';
  code: number | null;
  by: NodeJS.Signals | null;
  answer: Buffer;
  /** The last that it wrote to standard error, 16 KiB at most. */
  stderr: string;
  /** Why it could not be started. */
  error: string | null;
  ms: number;
}

/** No process could be started with an environment of this size. */
const ANSWER_LIMIT = 16 * 1024 * 1024;
const STDERR_LIMIT = 16 * 1024;
/** How often the size of the answer is looked at, while it is being written. */
const WATCH_MS = 20;
/** How long a process that was killed may still take to be gone. */
const STUCK_MS = 1000;

/**
 * Runs a program to its own end, in a session and a process group of its own and without standard input; past its time or size the group
 * is killed. The answer goes to a file that has no name any more, and not to a pipe: a child that is left in the background may hold it
 * open for ever, and nothing has to be waited for but the program's exit. What it left running by then goes on, as after an activation.
 *
 * @throws AbortedError, once the group is killed
 */
export async function runBounded(run: BoundedRun): Promise<BoundedResult> {
  const begin = performance.now();
  if (run.signal?.aborted) throw new AbortedError(run.what, run.signal.reason);
  const failed = (error: unknown): BoundedResult => {
    const message = error instanceof Error ? error.message : String(error);
    return {
      end: 'not-started',
      code: null,
      by: null,
      answer: Buffer.alloc(0),
      stderr: '',
      error: message,
      ms: performance.now() - begin,
    };
  };
  let descriptor: number;
  try {
    descriptor = nameless();
  } catch (error) {
    return failed(error);
  }
  try {
    const [program = '', ...args] = run.argv;
    const stdio = run.answerOn === 1 ? [descriptor, 'pipe'] : ['ignore', 'pipe', descriptor];
    const child = spawn(program, args, {
      cwd: run.cwd,
      env: run.env,
      stdio: ['ignore', ...(stdio as ['ignore', 'pipe'])],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    return { ...(await ended(child, descriptor, run)), ms: performance.now() - begin };
  } catch (error) {
    if (error instanceof AbortedError) throw error;
    // ENOENT and the like, and what spawn throws by itself (E2BIG, a NUL byte)
    return failed(error);
  } finally {
    closeSync(descriptor);
  }
}

/** Rejects when it could not be started, and when it was aborted. */
function ended(child: ChildProcess, descriptor: number, run: BoundedRun): Promise<Omit<BoundedResult, 'ms'>> {
  const stderr = new Tail();
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  // this process may end, by a signal too, while the child still runs
  const release = child.pid === undefined ? () => {} : ownUntilExit(child.pid);
  const timers: NodeJS.Timeout[] = [];
  let onAbort = () => {};

  return new Promise<Omit<BoundedResult, 'ms'>>((resolve, reject) => {
    let end: BoundedResult['end'] = 'exit';
    const finish = (code: number | null, by: NodeJS.Signals | null) => {
      if (run.signal?.aborted) {
        reject(new AbortedError(run.what, run.signal.reason));
        return;
      }
      const { size } = fstatSync(descriptor);
      if (size > ANSWER_LIMIT) end = 'too-much';
      const answer = end === 'too-much' ? Buffer.alloc(0) : contentOf(descriptor, size);
      // two turns: what it wrote to standard error before its exit has arrived by then
      setImmediate(() => setImmediate(() => resolve({ end, code, by, answer, stderr: stderr.text, error: null })));
    };
    const stop = (why: BoundedResult['end']) => {
      end = why;
      killGroup(child);
      // one that waits in the system (a dead network disk) does not even heed that
      timers.push(setTimeout(() => finish(null, null), STUCK_MS));
    };
    onAbort = () => stop('timeout');
    run.signal?.addEventListener('abort', onAbort, { once: true });
    timers.push(
      setTimeout(() => stop('timeout'), run.timeoutMs),
      setInterval(() => {
        if (fstatSync(descriptor).size > ANSWER_LIMIT) stop('too-much');
      }, WATCH_MS),
    );
    child.once('error', reject);
    child.once('exit', finish);
  }).finally(() => {
    for (const timer of timers) clearTimeout(timer);
    run.signal?.removeEventListener('abort', onAbort);
    child.stderr?.destroy();
    release();
  });
}

/** A file that only this process and its child can reach: it has lost its name before anything is in it. */
function nameless(): number {
  const file = join(tmpdir(), `kernelkit-${randomUUID()}`);
  const descriptor = openSync(file, 'wx+', 0o600);
  if (process.platform !== 'win32') unlinkSync(file);
  return descriptor;
}

function contentOf(descriptor: number, size: number): Buffer {
  const content = Buffer.alloc(size);
  let at = 0;
  while (at < size) {
    const count = readSync(descriptor, content, at, size - at, at);
    if (count === 0) break;
    at += count;
  }
  return content.subarray(0, at);
}

function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
}

/** The end of a stream, however long it is. */
class Tail {
  #kept = Buffer.alloc(0);
  #cut = false;

  push(chunk: Buffer): void {
    const all = Buffer.concat([this.#kept, chunk]);
    this.#cut ||= all.length > STDERR_LIMIT;
    this.#kept = Buffer.from(all.subarray(Math.max(0, all.length - STDERR_LIMIT)));
  }

  get text(): string {
    const text = this.#kept.toString('utf8');
    return (this.#cut ? text.slice(text.indexOf('\n') + 1) : text).trim();
  }
}
