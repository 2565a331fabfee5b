import type { Cause } from './cause.js';
import { type Evidence, lastWords, type Rule } from './evidence.js';
import { ntStatus } from './nt-status.js';

/** What a process's end says, in one sentence: `exited with status 1`, `was ended by SIGKILL`. */
export function describeExit(
  exit: { code: number | null; signal: string | null },
  platform: NodeJS.Platform = process.platform,
): string {
  if (exit.signal !== null) return `was ended by ${exit.signal}`;
  const status = platform === 'win32' && exit.code !== null ? ntStatus(exit.code) : null;
  return status === null ? `exited with status ${exit.code}` : `ended with ${status.name}`;
}

/** What a signal that nobody sent says. */
const SIGNALS: Readonly<Record<string, string>> = {
  SIGSEGV: 'a native library of it read or wrote memory that is not its own',
  SIGBUS: 'a native library of it read or wrote memory that is not there, as when a file on the disk was cut off',
  SIGILL: 'a native library of it was built for a newer processor',
  SIGFPE: 'a native library of it divided by zero',
  SIGABRT: 'it ended itself after an error that it could not handle',
  SIGSYS: 'a sandbox forbade what it did',
  SIGXCPU: 'it used up the time that the system allows it (ulimit -t)',
  SIGXFSZ: 'a file of it grew beyond what the system allows (ulimit -f)',
};

/** What is left when nothing else applies: its status or signal, and its last words. */
export const exitRule: Rule = ({ exit, platform, stderr, stdout }: Evidence): Cause | null => {
  if (exit === null) return null;
  const { code, signal } = exit;
  const status = platform === 'win32' && code !== null ? ntStatus(code) : null;
  const meaning = status?.meaning ?? SIGNALS[signal ?? ''] ?? null;
  const words = lastWords(stderr) || lastWords(stdout);
  const end = `it ${describeExit(exit, platform)}`;
  return {
    kind: 'process-exited',
    code,
    signal,
    status: status?.name ?? null,
    diagnosis: [end, meaning, words].filter((part) => part !== null && part !== '').join(': '),
    fix: meaning === null ? null : 'install the package that was used last again, or another version of it',
  };
};
