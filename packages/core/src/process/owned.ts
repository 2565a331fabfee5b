import { rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { signalGroup } from './group.js';
import { startTimeOf } from './start-time.js';
import { guardGroup, guardPath } from './watchdog.js';

/** What has to go when this process goes without closing its kernels: process.exit(), an uncaught error, a signal. */
const pids = new Set<number>();
/** Each with whether the directory that it lies in goes, too, where nothing else is in it. */
const paths = new Map<string, boolean>();
let hooked = false;

function onExit(): void {
  for (const pid of pids) attempt(() => signalGroup(pid, 'SIGKILL'));
  // A kernel that is dying may still write there.
  for (const [path, withParent] of paths) {
    attempt(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 }));
    if (withParent) attempt(() => rmdirSync(dirname(path)));
  }
}

/** One that fails must not keep the others, nor change how the process ends; there is nobody left to tell. */
function attempt(action: () => void): void {
  try {
    action();
  } catch {}
}

/**
 * A signal that nobody handles ends this process without "exit", and our kernels do not get it: they lead groups of their own.
 * So we handle it where nobody else does: clean up, and let it do what it would have done.
 */
/** Marks what gives way to everybody else: there may be several copies of this module in a program. */
const GIVES_WAY = Symbol.for('kernelkit.gives-way');

function onSignal(signal: NodeJS.Signals): void {
  if (process.listeners(signal).some((listener) => !(GIVES_WAY in listener))) return;
  onExit();
  process.removeListener(signal, onSignal);
  process.kill(process.pid, signal);
}

Object.assign(onSignal, { [GIVES_WAY]: true });

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Hooked only while there is something to own: a program without kernels keeps its signals as they were. */
function hook(): void {
  if (hooked) return;
  hooked = true;
  process.on('exit', onExit);
  // First, for a `once` listener is gone when it is called, and would not be seen.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
}

function unhook(): void {
  if (!hooked || pids.size > 0 || paths.size > 0) return;
  hooked = false;
  process.removeListener('exit', onExit);
  for (const signal of SIGNALS) process.removeListener(signal, onSignal);
}

/**
 * Kills the group of `pid` should this process end first, in a way that lets it do so: `process.exit()`, an uncaught error,
 * a signal. For what lives shortly; a kernel needs `guardUntilGone`.
 *
 * @returns what ends the ownership
 */
export function ownUntilExit(pid: number): () => void {
  hook();
  pids.add(pid);
  return () => {
    pids.delete(pid);
    unhook();
  };
}

/**
 * Ends the group of `pid` should this process end first, in whichever way: SIGKILL and a crash, too, by a watchdog.
 *
 * @param startTime when the process was started (`startTimeOf`); null: not known, and no watchdog is told
 * @returns what ends the ownership
 */
export function guardUntilGone(pid: number, startTime: string | null = startTimeOf(pid)): () => void {
  const disown = ownUntilExit(pid);
  const release = startTime === null ? () => {} : guardGroup(pid, startTime);
  return () => {
    disown();
    release();
  };
}

/**
 * Removes `path`, a directory or a file, should this process end first; a run directory, and an entry of the
 * journal, also when it is killed while it has a kernel.
 *
 * @param options.withEmptyParent the directory that it lies in goes as well, if nothing else is there
 * @returns what ends the ownership
 */
export function removeAtExit(path: string, { withEmptyParent = false } = {}): () => void {
  hook();
  paths.set(path, withEmptyParent);
  const release = guardPath(path);
  return () => {
    paths.delete(path);
    release();
    unhook();
  };
}
