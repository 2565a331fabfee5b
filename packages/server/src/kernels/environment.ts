import { KernelkitError } from '@kernelkit/core';

/** What a client asks of a kernel's environment cannot be used. */
export class BadEnvironmentError extends KernelkitError {
  constructor(message: string) {
    super('bad-environment', message, { fix: 'send "env" as an object whose values are texts' });
  }
}

/** Enterprise Gateway's bound on one value. */
const LONGEST = 4096;

/**
 * The variables of a request's `env` that a kernel may be given: `KERNEL_*`, as Kernel Gateway has it, and those that were allowed. The
 * others are left out without a word, since gateway clients send whatever they were configured to.
 * @throws BadEnvironmentError when it is no object of texts, or a value is too long or holds a NUL
 */
export function allowedEnvironment(env: unknown, allowed: readonly string[]): Record<string, string> {
  if (env === undefined || env === null) return {};
  if (typeof env !== 'object' || Array.isArray(env)) throw new BadEnvironmentError('"env" must be an object');
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!/^KERNEL_\w+$/.test(name) && !allowed.includes(name)) continue;
    if (typeof value !== 'string') throw new BadEnvironmentError(`"env": the value of ${name} must be a text`);
    if (value.length > LONGEST || value.includes('\0')) {
      throw new BadEnvironmentError(`"env": the value of ${name} has more than ${LONGEST} characters, or a NUL`);
    }
    kept[name] = value;
  }
  return kept;
}
