import { spawn } from 'node:child_process';
import type { CatalogEntry } from '@kernelkit/core';
import { ask } from '../ask.js';
import { UsageError } from '../errors.js';
import type { Screen } from '../screen.js';
import type { Steps } from './steps.js';

/** Problems that installing a package mends. */
const MENDED = new Set(['ipykernel-missing', 'python-missing', 'irkernel-missing']);

/** The command that would mend an entry, where there is one that may be run for the user; else null. */
export function fixCommand({ problem }: CatalogEntry): string | null {
  if (problem === null || problem.fix === null || !MENDED.has(problem.kind)) return null;
  // a Python that its system manages is the system's: its package manager is for the user to start, and another environment is no fix of it
  return /^apt |-m venv /.test(problem.fix) ? null : problem.fix;
}

/**
 * Shows the command, asks, and runs it; its output goes to standard error. Whether it worked.
 * @throws UsageError where nobody can be asked and --yes was not given
 */
export async function fix(
  steps: Steps,
  screen: Screen,
  command: string,
  { yes, signal }: { yes: boolean; signal: AbortSignal },
): Promise<boolean> {
  screen.note(`\nThis would be run:\n  ${command}`);
  if (!yes) {
    if (process.stdin.isTTY !== true)
      throw new UsageError('--fix asks before it runs anything, and nobody is there to be asked', 'add --yes');
    const answer = await ask({ prompt: 'Run it? [y/N] ', password: false }, signal);
    if (!/^y(es)?$/i.test(answer.trim())) {
      await steps.add('fix', 'warning', 'nothing was run');
      return false;
    }
  }
  const begin = performance.now();
  const code = await run(command, signal);
  const ms = performance.now() - begin;
  if (code === 0) await steps.add('fix', 'ok', command, { ms });
  else await steps.add('fix', 'failed', `${command} ended with status ${code}`, { ms });
  return code === 0;
}

function run(command: string, signal: AbortSignal): Promise<number | string> {
  const [shell, ...args] =
    process.platform === 'win32' ? ['powershell.exe', '-NoProfile', '-Command'] : ['/bin/sh', '-c'];
  return new Promise((resolve, reject) => {
    // what it prints is progress, and not what was asked for
    const child = spawn(shell!, [...args, command], { stdio: ['inherit', process.stderr, process.stderr] });
    const end = () => child.kill('SIGTERM');
    signal.addEventListener('abort', end, { once: true });
    child.on('error', reject);
    child.on('close', (code, by) => {
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve(code ?? by ?? 'unknown');
    });
  });
}
