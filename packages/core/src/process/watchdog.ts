import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { PS_ENVIRONMENT } from './start-time.js';
import { WATCHDOG_PROGRAM } from './watchdog-program.js';

/** The lines that a watchdog has to know, as it reads them. */
const guarded = new Set<string>();
let watchdog: ChildProcess | null = null;

/**
 * Has the process group that `pid` leads ended should this process go in a way that lets it do nothing more itself
 * (SIGKILL, out of memory, a crash): one small shell beside this process, started with the first kernel and gone with the
 * last, reads a pipe that only we hold, and acts at its end. Nothing on Windows, which has neither.
 *
 * Never throws: a kernel without a watchdog is better than none. Takes some 2 ms when it starts the shell, else next to nothing.
 *
 * @param startTime what `startTimeOf` gave; a group whose leader does not have it any more is left alone
 * @returns what ends the guard
 */
export function guardGroup(pid: number, startTime: string): () => void {
  if (process.platform === 'win32') return () => {};
  const release = guard(`pid ${pid} ${startTime}`);
  if (watchdog === null) watchdog = startWatchdog();
  return release;
}

/**
 * Has a run directory or an entry of the journal removed in the same case; nothing else: the names are looked at, by the watchdog as well. On
 * its own that is not worth a watchdog, so that it is told of only where there is a kernel, too.
 *
 * @returns what ends the guard
 */
export function guardPath(path: string): () => void {
  if (process.platform === 'win32') return () => {};
  if (/^\/(?:[^\n]*\/)?kernelkit-[^/\n]+$/.test(path)) return guard(`dir ${path}`);
  const isEntry = /^\/(?:[^\n]*\/)?kernelkit(?:\.[^/\n]+)?\/kernel-[^/\n]*\.json$/.test(path);
  return isEntry ? guard(`entry ${path}`) : () => {};
}

function guard(line: string): () => void {
  guarded.add(line);
  tell(line);
  return () => {
    if (!guarded.delete(line)) return;
    tell(`drop ${line}`);
    if (guarded.size > 0) return;
    watchdog?.stdin?.end();
    watchdog = null;
  };
}

function tell(line: string): void {
  // Written at once, not in a later turn, of which there may be none: a Unix socket takes it without waiting.
  watchdog?.stdin?.write(`${line}\n`);
}

function startWatchdog(): ChildProcess | null {
  let child: ChildProcess;
  try {
    const how = process.platform === 'linux' ? 'proc' : 'ps';
    // Its program comes by a variable, so that who looks at a list of processes sees what it is, and not all of that.
    child = spawn('/bin/sh', ['-c', 'eval "$PROGRAM"', 'kernelkit-watchdog', how, String(process.pid)], {
      cwd: '/',
      // Not all of ours: exported functions and LD_PRELOAD are none of its business.
      env: { PATH: process.env.PATH || '/usr/bin:/bin', ...PS_ENVIRONMENT, PROGRAM: WATCHDOG_PROGRAM },
      stdio: ['pipe', 'ignore', 'ignore'],
      // A session of its own: a Ctrl-C or a closed terminal, which end us, must not end it before.
      detached: true,
    });
  } catch {
    return null;
  }
  const lost = (): void => {
    // Somebody killed it. The next kernel brings a new one, which is told everything.
    if (watchdog === child) watchdog = null;
  };
  child.on('error', lost);
  child.on('exit', lost);
  if (child.pid === undefined || child.stdin === null) return null;
  child.stdin.on('error', lost);
  // It must not keep this process from ending.
  child.unref();
  // Bun's is no socket, and keeps no process.
  (child.stdin as Partial<Socket>).unref?.();
  for (const line of guarded) child.stdin.write(`${line}\n`);
  return child;
}
