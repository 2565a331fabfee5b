import { KernelkitError, type StartFailure } from '@kernelkit/core';
import type { TrustedFailure } from '@kernelkit/server';

/** The gateway in the background cannot be had. Exit status 7. */
export class BackgroundError extends KernelkitError {
  declare readonly kind: 'background-failed' | 'background-place';

  constructor(kind: BackgroundError['kind'], message: string, options: { fix?: string | null; cause?: unknown } = {}) {
    super(kind, message, options);
  }
}

/** A kernel that the gateway in the background could not start, told as one that this process could not start. */
export class BackgroundStartError extends KernelkitError {
  readonly stderr: string;
  readonly argv: readonly string[];
  readonly failure?: Omit<StartFailure, 'environment'>;

  constructor({ kind, message, fix, stderr, argv = [], failure }: TrustedFailure, cause: unknown) {
    super(kind, message, { fix, cause });
    this.stderr = stderr;
    this.argv = argv;
    if (failure !== undefined) this.failure = failure;
  }
}

/** A kernel in the background that died, and was not started again: nobody does that unasked. Exit status 5. */
export class StayingKernelDeadError extends KernelkitError {
  /** Where reports look for what to do. */
  readonly death: { fix: string };

  constructor(id: string, how: string) {
    const fix = `kernelkit restart ${id} starts it anew, without what it knew; kernelkit stop ${id} takes it off the list`;
    super('kernel-died', `the kernel ${id} runs no more: ${how}`, { fix });
    this.death = { fix };
  }
}
