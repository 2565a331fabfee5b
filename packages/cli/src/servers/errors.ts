import { KernelkitError } from '@kernelkit/core';

/** A file that keeps named servers cannot be used. Exit status 8. */
export class ServersFileError extends KernelkitError {
  constructor(path: string, reason: string, fix: string, cause?: unknown) {
    super('servers-file', `${path} ${reason}`, { fix, cause });
  }
}
