import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { IsolatedEnv } from '../../../testing/support/index.js';
import { command } from './support.js';

const script = fileURLToPath(new URL('fixtures/on-terminal.py', import.meta.url));

/** The command on a pseudo-terminal, with somebody who types: each text once its pattern has appeared. */
export async function onTerminal(
  python: string,
  user: IsolatedEnv,
  args: readonly string[],
  answers: readonly (readonly [string, string])[] = [],
  columns = 80,
): Promise<{ status: number; screen: string }> {
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  // nobody answers what the terminal is asked, unless the test does
  const env = { TERM: 'xterm-256color', KERNELKIT_IMAGES: 'none', ...user.env };
  child.stdin.end(
    JSON.stringify({ argv: [process.execPath, command, ...args], env, cwd: user.home, answers, columns }),
  );
  return JSON.parse(await text(child.stdout)) as { status: number; screen: string };
}
