import type { KernelDeath } from '../kernel/index.js';

/**
 * A kernel's death as far as its server tells of it.
 * @param reason what its model says, where it says something
 */
export function deathOf(reason: string | null, willRestart: boolean): KernelDeath {
  const diagnosis = reason ?? 'the server says that it died';
  return {
    message: `the kernel died: ${diagnosis}`,
    cause: 'unknown',
    diagnosis,
    fix: willRestart
      ? 'the server starts it again; run the cells again that it needs'
      : 'restart it; the log of the server may tell more',
    ...{ argv: [], code: null, signal: null, lived: null, stderr: '', willRestart },
  };
}
