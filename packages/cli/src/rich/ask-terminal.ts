import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { ReadStream, WriteStream } from 'node:tty';
import { promisify } from 'node:util';
import { Deadline } from '@kernelkit/core';

/** Width and height in pixels. */
export interface Pixels {
  width: number;
  height: number;
}

export interface TerminalAnswer {
  sixel: boolean;
  /** Of one character; null: it does not say. */
  cell: Pixels | null;
}

/** A terminal at the other end of a slow line has answered by then. */
const ANSWER_TIME = 1000;

/**
 * XTWINOPS 16 (the size of a character), then DA1 (the terminal's attributes), which every terminal answers: what has not come before that
 * answer does not come. (xterm's ctlseqs; VT510 manual, DA1)
 */
const QUESTION = '\x1b[16t\x1b[c';

/** Asks the terminal what it takes. Null: it cannot be asked, or has not answered in time. What was typed meanwhile is left to the next reader. */
export async function askTerminal(
  input: ReadStream,
  output: WriteStream,
  signal?: AbortSignal,
): Promise<TerminalAnswer | null> {
  if (input.isTTY !== true || output.isTTY !== true || input.readableEnded) return null;
  // somebody else reads from it: the answer would be keys to them
  if (input.isRaw || input.listenerCount('data') > 0 || input.listenerCount('readable') > 0) return null;
  if (process.platform === 'win32' ? false : !(await isInForeground())) return null;
  using deadline = new Deadline(ANSWER_TIME, signal);
  let heard = '';
  const answered = new Promise<void>((resolve) => {
    const take = (chunk: Buffer | string): void => {
      heard += typeof chunk === 'string' ? chunk : chunk.toString('latin1');
      // in raw mode Ctrl-C is a key
      if (ATTRIBUTES.test(heard) || heard.includes('\x03')) end();
    };
    const end = (): void => {
      input.off('data', take);
      deadline.signal.removeEventListener('abort', end);
      resolve();
    };
    deadline.signal.addEventListener('abort', end, { once: true });
    input.on('data', take);
    if (deadline.signal.aborted) end();
  });
  const restore = (): void => void input.setRawMode(false);
  process.once('exit', restore);
  try {
    input.setRawMode(true);
    input.resume();
    output.write(QUESTION);
    await answered;
  } finally {
    input.pause();
    restore();
    process.off('exit', restore);
  }
  const { answer, rest } = readAnswer(heard);
  if (rest.includes('\x03')) process.kill(process.pid, 'SIGINT');
  else if (rest !== '') input.unshift(Buffer.from(rest, 'latin1'));
  return answer;
}

const ATTRIBUTES = /\x1b\[\?([\d;]*)c/;
const CELL = /\x1b\[6;(\d+);(\d+)t/;

/** What the terminal said, and what else was read. */
export function readAnswer(heard: string): { answer: TerminalAnswer | null; rest: string } {
  const attributes = ATTRIBUTES.exec(heard);
  const size = CELL.exec(heard);
  const rest = heard.replace(ATTRIBUTES, '').replace(CELL, '');
  if (attributes === null) return { answer: null, rest };
  // the first number is the terminal's class; 4 among the others is sixel graphics
  const [, ...extensions] = attributes[1]!.split(';');
  const cell = size === null ? null : { width: Number(size[2]), height: Number(size[1]) };
  const isSane = cell !== null && cell.width > 0 && cell.height > 0;
  return { answer: { sixel: extensions.includes('4'), cell: isSane ? cell : null }, rest };
}

/** A process in the background that changes the terminal's mode is stopped (SIGTTOU), and with it the work that it does. */
async function isInForeground(): Promise<boolean> {
  try {
    if (process.platform === 'linux') {
      // after the name, which may have anything in it: state, parent, group, session, terminal, the terminal's group (proc(5))
      const text = await readFile('/proc/self/stat', 'utf8');
      const [, , group, , , foreground] = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return group === foreground;
    }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)]);
    const [group, foreground] = stdout.trim().split(/\s+/);
    return group === foreground;
  } catch {
    return false;
  }
}
