import { rm } from 'node:fs/promises';
import { AbortedError, runTool, SpawnError } from '@kernelkit/core';
import { ask } from '../ask.js';
import { UsageError } from '../errors.js';
import type { Screen } from '../screen.js';
import { InstallKernelError } from './errors.js';
import { asLine, type Remedy } from './remedy.js';

export interface Agreement {
  yes: boolean;
  /** What asks, for the message where nobody can be asked: `--fix`. */
  asker: string;
  signal: AbortSignal;
}

/**
 * Shows what would be run, and asks.
 * @throws UsageError where nobody can be asked and --yes was not given
 */
export async function isAgreed(screen: Screen, remedy: Remedy, { yes, asker, signal }: Agreement): Promise<boolean> {
  for (const note of remedy.notes) screen.note(note);
  if (yes) {
    screen.note(`This is run:\n  ${asLine(remedy)}`);
    return true;
  }
  // without the command nobody knows what is agreed to, or what to type instead
  screen.warn(`This would be run:\n  ${asLine(remedy)}`);
  if (process.stdin.isTTY !== true)
    throw new UsageError(`${asker} asks before it runs anything, and nobody is there to be asked`, 'add --yes');
  const answer = await ask({ prompt: 'Run it? [y/N] ', password: false }, signal);
  return /^y(es)?$/i.test(answer.trim());
}

/**
 * Runs the commands one after the other; what they print is progress, and goes to standard error. Ctrl-C ends the one that runs, with its children.
 * @throws InstallKernelError, AbortedError
 */
export async function take(
  screen: Screen,
  { commands, makes }: Remedy,
  { cwd, signal }: { cwd: string; signal: AbortSignal },
): Promise<void> {
  const shell = process.platform === 'win32' ? ['powershell.exe', '-NoProfile', '-Command'] : ['/bin/sh', '-c'];
  let last = '';
  for (const [at, command] of commands.entries()) {
    const clear = async () => {
      if (at === 0 && makes !== null) await rm(makes, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    };
    try {
      const { code, signal: by } = await runTool([...shell, command], {
        ...{ what: 'Installing a kernel', cwd, env: process.env, signal },
        onOutput(text) {
          last = lastLine(text) || last;
          void screen.error(text);
        },
      });
      if (code === 0) continue;
      const failure = new InstallKernelError('install-failed', `${command} failed (${by ?? `exit ${code}`}): ${last}`, {
        fix: 'see what it printed, above',
      });
      await clear();
      throw failure;
    } catch (error) {
      if (error instanceof AbortedError) await clear();
      if (!(error instanceof SpawnError)) throw error;
      throw new InstallKernelError('install-failed', error.message, { fix: error.fix, cause: error });
    }
  }
}

function lastLine(text: string): string {
  const line = text.split('\n').findLast((each) => each.trim() !== '') ?? '';
  return line.trim();
}
