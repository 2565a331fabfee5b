import { KernelkitError } from '@kernelkit/core';

/** No kernelspec of that name is offered. */
export class UnknownSpecError extends KernelkitError {
  readonly spec: string;

  constructor(name: string) {
    super('spec-unknown', `Kernel spec ${name} not found`, { fix: 'see which there are: GET /api/kernelspecs' });
    this.spec = name;
  }
}
