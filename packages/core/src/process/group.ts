import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { hasEnded, parseStat } from './start-time.js';

/**
 * Signals the process group that `pid` leads; on Windows, which has none, the process.
 * @returns false when there is nobody to signal.
 */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EPERM: only members that changed their user are left (macOS also says so for zombies).
    if (code === 'EPERM' || code === 'ESRCH') return false;
    throw error;
  }
}

/** Whether a member of the group still runs. A zombie does not, but can be signalled for as long as nobody reaps it. */
export async function groupRuns(pid: number): Promise<boolean> {
  if (!signalGroup(pid, 0)) return false;
  if (process.platform !== 'linux') return true;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = parseStat(await readFile(`/proc/${name}/stat`, 'latin1').catch(() => ''));
    if (stat !== null && stat.group === pid && !hasEnded(stat.state)) return true;
  }
  return false;
}

const STEP_MS = 5;

/**
 * Ends what is left of a group after its leader has gone: SIGTERM, and after `grace` milliseconds SIGKILL. A group's id
 * is not given to a new process while it has a member, so this cannot hit a stranger as long as the group lives.
 */
export async function killGroup(pid: number, grace = 500): Promise<void> {
  if (process.platform === 'win32' || !(await groupRuns(pid))) return;
  signalGroup(pid, 'SIGTERM');
  const deadline = performance.now() + grace;
  while (performance.now() < deadline) {
    if (!(await groupRuns(pid))) return;
    await delay(STEP_MS);
  }
  signalGroup(pid, 'SIGKILL');
}
