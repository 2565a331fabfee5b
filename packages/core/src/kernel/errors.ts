import { KernelkitError } from '../errors/index.js';

/** How a kernel ended, as far as whoever runs it can tell. */
export interface KernelDeath {
  message: string;
  /** `process-exited`, `out-of-memory`; `unknown` where a server only says that it died. */
  cause: string;
  /** What happened, in a sentence without its full stop. */
  diagnosis: string;
  fix: string | null;
  /** What ran; empty where it was not ours. */
  argv: readonly string[];
  /** Exit status of its process, where we own it. */
  code: number | null;
  signal: string | null;
  /** Milliseconds that it lived, where we own it. */
  lived: number | null;
  /** The last that it wrote to standard error. */
  stderr: string;
  /** Whether it is started again without being asked to. */
  willRestart: boolean;
}

/** A server tells that a kernel died, and nothing of how. */
export const SERVER_SAYS_DEAD: KernelDeath = {
  message: 'the kernel died',
  cause: 'unknown',
  diagnosis: 'the server says that it died',
  fix: null,
  argv: [],
  code: null,
  signal: null,
  lived: null,
  stderr: '',
  willRestart: false,
};

/** The kernel died while something waited for it. */
export class KernelDiedError extends KernelkitError {
  readonly death: KernelDeath;

  constructor(death: KernelDeath) {
    const fix = death.fix ?? 'restart it; its last words on standard error, if any, are in this error';
    super('kernel-died', death.message, { fix });
    this.death = death;
  }
}

/** The kernel was restarted, or closed, or cannot be reached, while something waited for it. */
export class KernelGoneError extends KernelkitError {
  constructor(
    kind: 'kernel-restarted' | 'kernel-closed' | 'channels-gone' | 'comm-closed',
    message: string,
    cause?: unknown,
  ) {
    super(kind, message, { cause });
  }
}

/** The kernel handled a request and went idle without ever answering it, as kernels do with requests unknown to them. */
export class NoReplyError extends KernelkitError {
  constructor(type: string) {
    super('no-reply', `the kernel did not answer the ${type}: it may not know this kind of request`);
  }
}

/** The kernel answered a request with an error of its own. */
export class ReplyError extends KernelkitError {
  readonly ename: string;
  readonly evalue: string;

  constructor(type: string, ename: string, evalue: string) {
    super('reply-error', `the kernel answered the ${type} with ${ename}: ${evalue}`);
    this.ename = ename;
    this.evalue = evalue;
  }
}

/** The code asked for input, and nobody is there to give it. */
export class InputNotAllowedError extends KernelkitError {
  constructor(prompt: string) {
    super('input-not-allowed', `the code asked for input (${JSON.stringify(prompt)}), but this execution takes none`, {
      fix: 'pass onInput to execute()',
    });
  }
}

/** The kernel did not answer an interrupt_request. */
export class InterruptTimeoutError extends KernelkitError {
  constructor(ms: number) {
    super('interrupt-timeout', `the kernel did not answer an interrupt_request within ${ms / 1000} s`, {
      fix: 'restart the kernel',
    });
  }
}
