import { KernelkitError } from '@kernelkit/core';

/** Why no kernel could be installed. */
export type InstallErrorKind =
  /** The language itself is not here: there is nothing that its kernel could be installed for. */
  | 'language-missing'
  /** What is wrong with the kernel is not that something is missing that can be installed. */
  | 'not-installable'
  /** The environment's own manager is not here. */
  | 'manager-missing'
  /** The command was run, and failed, or no kernel came of it. */
  | 'install-failed';

export class InstallKernelError extends KernelkitError {
  declare readonly kind: InstallErrorKind;

  constructor(kind: InstallErrorKind, message: string, options: { fix: string | null; cause?: unknown }) {
    super(kind, message, options);
  }
}

/** An environment was named by its path, and there is none. */
export class NoEnvironmentError extends KernelkitError {
  constructor(message: string, fix: string | null, cause: unknown) {
    super('kernel-not-found', message, { fix, cause });
  }
}
