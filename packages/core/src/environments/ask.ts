import { spawn } from 'node:child_process';
import type { Files } from '../files/index.js';
import { fingerprint } from '../files/index.js';
import { ownUntilExit, signalGroup } from '../process/index.js';
import type { EnvironmentCache } from './cache.js';

/** What an interpreter says of itself. */
export interface InterpreterAnswer {
  prefix: string;
  /** `3.11.2` */
  version: string;
  /** `sys.executable`: where the program is a script that starts another, that one. */
  executable: string;
  ms: number;
}

/** How long an interpreter may take; a bare start takes 10 to 40 ms. */
const TIMEOUT_MS = 5000;
const AT_ONCE = 4;
const MAX_CHARS = 64 * 1024;

export interface AskOptions {
  env: NodeJS.ProcessEnv;
  /** Default: 5000. */
  timeoutMs?: number;
}

// isolated and without site: no file of the user's takes part, and nothing is written
const QUESTION = [
  '-I',
  '-S',
  '-c',
  'import sys;print("\\n".join([sys.prefix,".".join(map(str,sys.version_info[:3])),sys.executable]))',
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
  options: AskOptions,
): Promise<(InterpreterAnswer | { error: string; ms: number })[]> {
  const answers: (InterpreterAnswer | { error: string; ms: number })[] = [];
  let next = 0;
  const worker = async () => {
    while (next < programs.length) {
      const at = next++;
      const program = programs[at]!;
      const state = stateOf(files, program);
      const known = cache?.answer(program, state);
      answers[at] = known ?? (await ask(program, signal, options));
      const answer = answers[at]!;
      if (known === undefined && !('error' in answer)) cache?.remember(program, state, answer);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, programs.length) }, worker));
  return answers;
}

/** What cannot be looked at has no state that could come again. */
function stateOf(files: Files, program: string): string {
  try {
    return fingerprint(files.stat(program));
  } catch {
    return `? ${performance.now()}`;
  }
}

/** Started at the head of a process group of its own: a script's children end with it. */
function ask(
  program: string,
  signal: AbortSignal | undefined,
  { env, timeoutMs = TIMEOUT_MS }: AskOptions,
): Promise<InterpreterAnswer | { error: string; ms: number }> {
  const begin = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program, QUESTION, {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
      detached: process.platform !== 'win32',
    });
    const release = child.pid === undefined ? () => {} : ownUntilExit(child.pid);
    let text = '';
    let isOver = false;
    const end = (error: string | null) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      release();
      child.stdout.destroy();
      const ms = Math.round((performance.now() - begin) * 10) / 10;
      const [prefix, version, executable] = text.trim().split(/\r?\n/);
      if (error === null && prefix && executable && /^\d+\.\d+\.\d+$/.test(version ?? '')) {
        resolve({ prefix, version: version!, executable, ms });
      } else resolve({ error: error ?? 'it is no Python that can be started: it did not say what it is', ms });
    };
    const onAbort = () => end('it was not asked to the end');
    const timer = setTimeout(() => end(`it did not say what it is within ${timeoutMs / 1000} s`), timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (text.length > MAX_CHARS) end('it is no Python that can be started: it says far too much');
    });
    child.on('error', (error) => end(`it is no Python that can be started: ${error.message}`));
    child.on('exit', (code, by) => {
      // what it started in the background may hold its output open, so that its end is not waited for
      if (code !== 0) end(`it is no Python that can be started: it ended with ${by ?? `status ${code}`}`);
    });
    child.stdout.on('end', () => end(null));
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort);
  });
}
