import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { InputRequest } from '@kernelkit/core';
import { InputEndedError } from './errors.js';

/**
 * Asks the person at the terminal what the kernel wants to know. The prompt goes to standard error, since standard output
 * may be a file; a password is not shown.
 * @throws InputEndedError when the input ends instead (Ctrl-D); the signal's reason
 */
export function ask({ prompt, password }: InputRequest, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({
      input: process.stdin,
      output: password ? silent : process.stderr,
      terminal: true,
      historySize: 0,
      prompt: password ? '' : prompt,
    });
    // Readline would draw the prompt itself, but not on a stream that swallows everything. Not before the terminal is in raw
    // mode, or a fast typist's password is echoed.
    // ipykernel's getpass() has none of its own: nothing would be seen at all.
    if (password) process.stderr.write(prompt === '' ? 'Password: ' : prompt);
    let settled = false;
    const end = (settle: () => void): void => {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', aborted);
      lines.close();
      if (password) process.stderr.write('\n');
      settle();
    };
    const aborted = (): void => end(() => reject(signal.reason as Error));
    signal.addEventListener('abort', aborted, { once: true });
    lines.on('line', (line) => end(() => resolve(line)));
    lines.on('close', () => end(() => reject(new InputEndedError(prompt))));
    // The terminal is in raw mode now: Ctrl-C comes as a key, and is handed on as what it means.
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    lines.prompt();
  });
}
