import { KernelkitError } from '@kernelkit/core';

/** What is wrong with a request about sessions. */
export class SessionError extends KernelkitError {
  declare readonly kind: 'session-unknown' | 'session-kernel-gone' | 'session-incomplete' | 'session-kernel-unknown';

  constructor(kind: SessionError['kind'], message: string) {
    super(kind, message);
  }
}
