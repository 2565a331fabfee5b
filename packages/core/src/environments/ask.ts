import { execFile } from 'node:child_process';
import type { Files } from '../files/index.js';
import { fingerprint } from '../files/index.js';
import type { EnvironmentCache } from './cache.js';

/** What an interpreter says of itself. */
export interface InterpreterAnswer {
  prefix: string;
  /** `3.11.2` */
  version: string;
  ms: number;
}

/** How long an interpreter may take; a bare start takes 10 to 40 ms. */
const TIMEOUT_MS = 5000;
const AT_ONCE = 4;

// isolated and without site: no file of the user's takes part, and nothing is written
const QUESTION = [
  '-I',
  '-S',
  '-c',
  'import sys;print("\\n".join([sys.prefix,".".join(map(str,sys.version_info[:3]))]))',
];

/**
 * Starts interpreters to ask them what they are: for those that no file tells of. A few at a time, each with a time limit;
 * an answer is remembered by path, inode, size and time of change.
 *
 * @returns in the order of `programs`
 */
export async function askInterpreter(
  programs: readonly string[],
  files: Files,
  cache: EnvironmentCache | undefined,
  signal: AbortSignal | undefined,
): Promise<(InterpreterAnswer | { error: string; ms: number })[]> {
  const answers: (InterpreterAnswer | { error: string; ms: number })[] = [];
  let next = 0;
  const worker = async () => {
    while (next < programs.length) {
      const at = next++;
      const program = programs[at]!;
      const state = fingerprint(files.stat(program));
      const known = cache?.answer(program, state);
      answers[at] = known ?? (await ask(program, signal));
      const answer = answers[at]!;
      if (known === undefined && !('error' in answer)) cache?.remember(program, state, answer);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, programs.length) }, worker));
  return answers;
}

function ask(
  program: string,
  signal: AbortSignal | undefined,
): Promise<InterpreterAnswer | { error: string; ms: number }> {
  const begin = performance.now();
  return new Promise((resolve) => {
    const child = execFile(
      program,
      QUESTION,
      {
        timeout: TIMEOUT_MS,
        killSignal: 'SIGKILL',
        windowsHide: true,
        maxBuffer: 64 * 1024,
        ...(signal && { signal }),
      },
      (error, stdout) => {
        const ms = Math.round((performance.now() - begin) * 10) / 10;
        const [prefix, version] = stdout.trim().split(/\r?\n/);
        if (error === null && prefix && /^\d+\.\d+\.\d+$/.test(version ?? '')) {
          resolve({ prefix, version: version!, ms });
        } else if (error?.killed) resolve({ error: `it did not say what it is within ${TIMEOUT_MS / 1000} s`, ms });
        else
          resolve({
            error: `it is no Python that can be started: ${error?.message.split('\n')[0] ?? 'it said nothing'}`,
            ms,
          });
      },
    );
    child.stdin?.end();
  });
}
