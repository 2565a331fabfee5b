import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { KernelkitError } from '../../errors/index.js';
import type { ProcessVariables } from '../../specs/index.js';
import { applied } from '../changes.js';
import { runBounded } from './bounded.js';
import { difference, parseEnvironment } from './parse-environment.js';

/** Set while a login shell is asked, so that a start-up file that starts Kernelkit does not begin all over. */
export const GUARD = 'KERNELKIT_RESOLVING_ENVIRONMENT';

export interface LoginEnvironment {
  /** The program that was asked. */
  shell: string;
  /** What it sets beyond the environment that it was started in; null: unset. */
  variables: Record<string, string | null>;
  ms: number;
}

/** The login shell could not be asked. */
export class LoginShellError extends KernelkitError {
  readonly shell: string;
  readonly stderr: string;

  constructor(shell: string, why: string, stderr = '') {
    super('login-shell-failed', `the login shell ${shell} did not tell its environment: ${why}`, {
      fix: "Look whether the shell's start-up files wait for something when nobody is there to answer.",
    });
    this.shell = shell;
    this.stderr = stderr;
  }
}

/** Those that understand the one line that they are asked. */
const SHELLS = new Set(['bash', 'zsh', 'fish', 'ksh', 'mksh', 'dash', 'ash', 'sh', 'busybox']);

/**
 * What the user's login shell sets in its start-up files (§5.5): on demand, since those take seconds, ask questions, or never end. It runs
 * in a session of its own without a terminal, for five seconds at most. It answers on a descriptor of its own and between random marks, so
 * that nothing its start-up files print is mistaken for a variable.
 *
 * @throws LoginShellError, AbortedError
 */
export async function loginEnvironment(given: {
  env: ProcessVariables;
  home: string;
  signal?: AbortSignal | undefined;
  /** Default: 5000. */
  timeoutMs?: number;
  /** Default: SHELL, or /bin/sh. */
  shell?: string;
}): Promise<LoginEnvironment> {
  const { env, home, signal, timeoutMs = 5000 } = given;
  const shell = given.shell ?? (env.SHELL || '/bin/sh');
  if (env[GUARD] !== undefined)
    throw new LoginShellError(shell, 'it is being asked already, by a program that it started');
  if (!SHELLS.has(basename(shell))) throw new LoginShellError(shell, 'it is no shell that could be asked');
  const before = applied(env, { [GUARD]: '1', TERM: 'dumb' }, process.platform);
  const mark = randomUUID();
  const print = `printf '%s\\0' ${mark} >&3; /usr/bin/env -0 >&3; printf '%s\\0' ${mark} >&3`;
  const run = { cwd: home, env: before, answerOn: 3, timeoutMs, signal, what: `Asking ${shell}` } as const;
  // an interactive one reads what most people write into (.bashrc, .zshrc)
  const outcome = await runBounded({ ...run, argv: [shell, '-l', '-i', '-c', print] });
  const why =
    outcome.end === 'timeout'
      ? `it did not end within ${timeoutMs / 1000} s`
      : outcome.end === 'exit'
        ? `it ended with ${outcome.by ?? `status ${outcome.code}`} and without an answer`
        : (outcome.error ?? 'it said far too much');
  const answer = outcome.end === 'exit' ? betweenMarks(outcome.answer.toString('utf8'), mark) : null;
  if (answer === null) throw new LoginShellError(shell, why, outcome.stderr);
  const changed = difference(before, parseEnvironment(answer));
  changed.delete(GUARD);
  changed.delete('TERM');
  return { shell, variables: Object.fromEntries(changed), ms: outcome.ms };
}

/** What stands between the last two marks. */
function betweenMarks(text: string, mark: string): string | null {
  const last = text.lastIndexOf(`${mark}\0`);
  const first = last > 0 ? text.lastIndexOf(`${mark}\0`, last - 1) : -1;
  return first === -1 ? null : text.slice(first + mark.length + 1, last);
}
