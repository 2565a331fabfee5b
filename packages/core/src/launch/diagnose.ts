import type { ProcessExit } from '../process/index.js';

/** What a process's end says, in one sentence: `exited with status 1`, `was ended by SIGKILL`. */
export function describeExit(exit: Pick<ProcessExit, 'code' | 'signal'>): string {
  return exit.signal === null ? `exited with status ${exit.code}` : `was ended by ${exit.signal}`;
}

const ADDRESS_IN_USE = /address already in use|EADDRINUSE|Os \{ code: 98/i;

/** True when a kernel found one of its ports taken: worth another try with other ports. */
export function portWasTaken(exit: ProcessExit): boolean {
  return ADDRESS_IN_USE.test(exit.stderr) || ADDRESS_IN_USE.test(exit.stdout);
}

/** What to do about an early exit, where its last words say it; null where they do not. */
export function fixFor(exit: ProcessExit, argv: readonly string[]): string | null {
  const missing = /No module named '?([\w.]+)'?/.exec(exit.stderr)?.[1];
  if (missing !== undefined) {
    const name = missing.startsWith('ipykernel') ? 'ipykernel' : missing.split('.')[0];
    return `install ${name} for that Python: ${argv[0]} -m pip install ${name}`;
  }
  if (/there is no package called .?IRkernel/.test(exit.stderr)) return `install it in R: install.packages("IRkernel")`;
  if (exit.signal === 'SIGKILL')
    return 'a SIGKILL that nobody sent is most often the system ending a process that took too much memory';
  return null;
}

/** The last line that says something: the end of a traceback, most often the reason. */
export function lastWords(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '') ?? '';
}
