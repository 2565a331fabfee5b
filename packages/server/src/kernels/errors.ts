import { KernelkitError } from '@kernelkit/core';

/** No kernel of that id is known here. */
export class UnknownKernelError extends KernelkitError {
  constructor(id: string) {
    // the words are Jupyter Server's: front ends show them
    super('kernel-unknown', `Kernel does not exist: ${id}`, { fix: 'list the kernels that run: GET /api/kernels' });
  }
}

/** The gateway is about to end. */
export class GatewayEndsError extends KernelkitError {
  constructor() {
    super('gateway-ends', 'The gateway ends, and starts no kernel', { fix: null });
  }
}

/** As many kernels run as may. */
export class TooManyKernelsError extends KernelkitError {
  constructor(limit: number) {
    super('too-many-kernels', `Resource Limit: ${limit} kernels run, and no more are allowed`, {
      fix: 'end one of them, or raise the limit (maxKernels)',
    });
  }
}
