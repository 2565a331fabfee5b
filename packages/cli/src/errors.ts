import { KernelkitError } from '@kernelkit/core';

/** The command line asks for something that the command does not take. Exit status 2. */
export class UsageError extends KernelkitError {
  constructor(message: string, fix: string | null = null) {
    super('usage', message, { fix });
  }
}

/** A file that was named as input could not be read. Exit status 8. */
export class InputFileError extends KernelkitError {
  constructor(path: string, cause: unknown) {
    super('input-unreadable', `${path} could not be read: ${reasonOf(cause)}`, {
      cause,
      fix: 'check the path and that you may read the file',
    });
  }
}

/** The output could not be written. Exit status 9. */
export class OutputError extends KernelkitError {
  /** @param target the file; null: standard output */
  constructor(target: string | null, cause: unknown, fix = 'name another file with -o, or use --stdout') {
    super('output-unwritable', `${target ?? 'standard output'} cannot be written: ${reasonOf(cause)}`, {
      cause,
      fix: target === null ? null : fix,
    });
  }
}

/** What becomes of code that waits in a kernel behind another client's: nobody can take it back. */
export const STILL_WAITS = 'the kernel runs other code; this code has not begun, and will run when that is done';

/** `--timeout` passed. Exit status 6. */
export class TimeoutError extends KernelkitError {
  /** @param waits the kernel is busy for somebody else, and has not come to it */
  constructor(seconds: number, { cause, waits = false }: { cause?: unknown; waits?: boolean } = {}) {
    const what = waits
      ? `after ${seconds} s (--timeout) ${STILL_WAITS}`
      : `the code was still running after ${seconds} s (--timeout), and was interrupted`;
    super('timeout', what, {
      cause,
      fix: 'allow more time with --timeout, or none to wait for ever',
    });
  }
}

/** The code asked for input and its reader (a person at the terminal) ended the input instead of answering. Exit status 1. */
export class InputEndedError extends KernelkitError {
  constructor(prompt: string) {
    super('input-ended', `the code asked for input (${JSON.stringify(prompt)}), and the input ended without an answer`);
  }
}

/** A signal asked the command to end. Exit status 128 + the signal's number. */
export class InterruptedError extends KernelkitError {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super('interrupted', `ended by ${signal}`);
    this.signal = signal;
  }
}

/** Whoever read our standard output has closed it, as `| head` does. Ends quietly, exit status 0. */
export class ReaderGoneError extends KernelkitError {
  constructor() {
    super('reader-gone', 'the reader of standard output has closed it');
  }
}

/** "no such file or directory", without Node's code, call and path around it. */
function reasonOf(cause: unknown): string {
  const { message } = cause as Error;
  return /^[A-Z]+: (.+?)(?:, \w+(?: '.*')?)?$/.exec(message)?.[1] ?? message;
}

/** A kernel's id that nothing has: most often one that has ended meanwhile. Exit status 3. */
export class KernelGoneError extends KernelkitError {
  constructor(id: string, fix: string, cause: unknown) {
    super('kernel-not-found', `no kernel has the id ${id}: it has ended, or stays elsewhere`, { fix, cause });
  }
}
