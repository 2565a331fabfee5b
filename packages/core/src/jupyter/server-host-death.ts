import type { KernelDeath } from '../kernel/index.js';

/** A reason of a gateway of ours, which has what to do behind what happened. */
const WITH_FIX = /^(.*)\. What to do: (.*)$/s;

/** What happened, of a model's reason: whoever shows it has a place of its own for what to do. */
export function diagnosisIn(reason: string): string {
  return WITH_FIX.exec(reason)?.[1] ?? reason;
}

/**
 * A kernel's death as far as its server tells of it.
 * @param reason what its model says, where it says something
 */
export function deathOf(reason: string | null, willRestart: boolean): KernelDeath {
  const diagnosis = reason === null ? 'the server says that it died' : diagnosisIn(reason);
  const told = WITH_FIX.exec(reason ?? '')?.[2] ?? '';
  return {
    message: `the kernel died: ${diagnosis}`,
    cause: 'unknown',
    diagnosis,
    fix: willRestart
      ? 'the server starts it again; run the cells again that it needs'
      : // of one that merely died a gateway knows no more, either
        told === '' || told.startsWith('restart it')
        ? 'restart it; the log of the server may tell more'
        : told,
    ...{ argv: [], code: null, signal: null, lived: null, stderr: '', willRestart },
  };
}
