import { KernelkitError } from '../errors/index.js';

/** The hub was closed, with its kernel. */
export class HubClosedError extends KernelkitError {
  constructor() {
    super('kernel-closed', 'the kernel was closed');
  }
}
