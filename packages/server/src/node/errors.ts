import { KernelkitError } from '@kernelkit/core';

/** The gateway cannot be reached where it should be. */
export class CannotListenError extends KernelkitError {
  declare readonly kind: 'address-in-use' | 'cannot-listen';

  constructor(where: { host: string; port: number } | { path: string }, cause: NodeJS.ErrnoException) {
    const place = 'path' in where ? `the Unix socket ${where.path}` : `${where.host} port ${where.port}`;
    const isTaken = cause.code === 'EADDRINUSE';
    super(
      isTaken ? 'address-in-use' : 'cannot-listen',
      isTaken
        ? `the gateway cannot listen on ${place}: another program does`
        : `the gateway cannot listen on ${place}: ${cause.message}`,
      { fix: isTaken ? FIX : null, cause },
    );
  }
}

const FIX = 'choose another one (port 0: any that is free), or end that program';
