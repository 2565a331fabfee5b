import { spawn } from 'node:child_process';
import { printable } from '../report.js';
import type { Keyboard } from './keyboard.js';
import { Position } from './position.js';
import type { Surface } from './surface.js';

export interface Terminal {
  surface: Surface;
  keyboard: Keyboard;
  colour: boolean;
  signal: AbortSignal;
}

/** Shows text that may be longer than the screen: then in the user's pager, $PAGER or less, which has the terminal meanwhile. */
export async function page(text: string, terminal: Terminal): Promise<void> {
  const { surface, colour } = terminal;
  const whole = `${printable(text, colour).trimEnd()}\n`;
  const end = new Position();
  end.write(whole, surface.columns);
  const isLong = end.row >= surface.height - 1;
  if (isLong && (await inPager(whole, terminal))) return;
  await surface.endLine();
  await surface.print(whole);
}

/** @returns false where there is no pager */
async function inPager(text: string, { surface, keyboard, signal }: Terminal): Promise<boolean> {
  const pager = process.env.PAGER?.trim() || 'less';
  let ran = false;
  // Ctrl-C in a pager is the pager's, and comes to every process of the terminal
  const listeners = process.listeners('SIGINT');
  process.removeAllListeners('SIGINT').on('SIGINT', nothing);
  keyboard.pause();
  try {
    await surface.lend(async () => {
      ran = await runs(pager, text, signal);
    });
  } finally {
    keyboard.resume();
    process.off('SIGINT', nothing);
    for (const listener of listeners) process.on('SIGINT', listener as NodeJS.SignalsListener);
  }
  return ran;
}

function nothing(): void {}

/** As a shell would run $PAGER, which may hold options. */
function runs(pager: string, text: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(pager, {
      shell: true,
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { LESS: '-R', ...process.env },
    });
    const stop = (): void => void child.kill();
    signal.addEventListener('abort', stop, { once: true });
    const done = (ran: boolean): void => {
      signal.removeEventListener('abort', stop);
      resolve(ran);
    };
    child.on('error', () => done(false));
    // 126, 127: the shell found nothing to run
    child.on('close', (code) => done(code !== 126 && code !== 127));
    child.stdin.on('error', () => {});
    child.stdin.end(text);
  });
}
