import { KernelkitError } from '@kernelkit/core';

/** Kernels cannot be kept there. */
export class KeepError extends KernelkitError {
  declare readonly kind: 'keep-directory' | 'keep-taken' | 'keep-files' | 'keep-unsupported';

  constructor(kind: KeepError['kind'], message: string, options: { fix?: string | null; cause?: unknown } = {}) {
    super(kind, message, options);
  }

  /** Of a failed call to the system. */
  static ofFiles(path: string, cause: unknown): KeepError {
    return new KeepError('keep-files', `what is kept in ${path} cannot be written: ${(cause as Error).message}`, {
      cause,
      fix: `see that ${path} can be written, and that its disk is not full`,
    });
  }
}
