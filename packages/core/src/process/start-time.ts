import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What Linux says of a process in /proc/PID/stat. */
export interface ProcessStat {
  /** One letter; Z and X have ended. */
  state: string;
  parent: number;
  group: number;
  /** Clock ticks from the machine's start to the process's. */
  startTime: string;
}

/** Reads the text of a /proc/PID/stat; null when it is none, as that of a process that has just gone. */
export function parseStat(text: string): ProcessStat | null {
  // The program's name is in parentheses and may hold anything, parentheses and line ends too: what follows the last
  // one is plain. The third field (state) is the first there, the 22nd (starttime) the 20th.
  const end = text.lastIndexOf(')');
  if (end < 0) return null;
  const fields = text
    .slice(end + 1)
    .trim()
    .split(/\s+/);
  const [state, parent, group] = fields;
  const startTime = fields[19];
  if (!/^[A-Za-z]$/.test(state ?? '') || !/^\d+$/.test(startTime ?? '')) return null;
  return { state: state!, parent: Number(parent), group: Number(group), startTime: startTime! };
}

/** Reads what `ps -o state= -o pgid= -o lstart=` prints of one process; null when it is nothing. */
export function parsePs(text: string): Omit<ProcessStat, 'parent'> | null {
  const [state, group, ...start] = text.trim().split(/\s+/);
  if (!state || !/^\d+$/.test(group ?? '') || start.length === 0) return null;
  return { state: state[0]!, group: Number(group), startTime: start.join(' ') };
}

/** What ps prints depends on both, and the watchdog must be told the same as we were. */
export const PS_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC' };

/**
 * What the system says of a process, or null where there is none, or on Windows. Linux: one file, some 20 µs. Elsewhere
 * `ps` is started, and waited for.
 */
export function lookAt(pid: number): Omit<ProcessStat, 'parent'> | null {
  if (!Number.isSafeInteger(pid) || pid < 1) return null;
  if (process.platform === 'win32') return null;
  if (process.platform === 'linux') {
    try {
      return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    } catch {
      return null;
    }
  }
  const env = { PATH: process.env.PATH, ...PS_ENVIRONMENT };
  const args = ['-o', 'state=', '-o', 'pgid=', '-o', 'lstart=', '-p', String(pid)];
  const { status, stdout } = spawnSync('ps', args, { env, encoding: 'utf8' });
  return status === 0 ? parsePs(stdout) : null;
}

/**
 * When a process was started, in whatever form the system tells it: to be compared, not read. Together with the pid it
 * names a process for as long as the machine is not started again: a pid alone may be another process's by now.
 *
 * @returns null where there is no such process, and on Windows
 */
export function startTimeOf(pid: number): string | null {
  return lookAt(pid)?.startTime ?? null;
}

/**
 * Whether the process that had this pid and start time runs; one that has ended and is not yet reaped does not. Without a
 * start time (Windows), whether any process has the pid: enough to leave it alone, not to end it.
 */
export function isRunning(pid: number, startTime: string | null): boolean {
  if (startTime === null || process.platform === 'win32') return exists(pid);
  const found = lookAt(pid);
  return found !== null && found.startTime === startTime && !hasEnded(found.state);
}

/** Whether a process in that state has ended: nobody has reaped it yet. */
export function hasEnded(state: string): boolean {
  return state === 'Z' || state === 'X';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The processes that `parent` started and that lead a process group of their own. Linux: from /proc; elsewhere from `ps`; none on Windows. */
export function childrenOf(parent: number): number[] {
  if (process.platform === 'win32') return [];
  if (process.platform === 'linux') {
    return readdirSync('/proc').flatMap((name) => {
      if (!/^\d+$/.test(name)) return [];
      try {
        const stat = parseStat(readFileSync(`/proc/${name}/stat`, 'latin1'));
        const isOne = stat !== null && stat.parent === parent && stat.group === Number(name) && !hasEnded(stat.state);
        return isOne ? [Number(name)] : [];
      } catch {
        return []; // it ended while it was looked at
      }
    });
  }
  const { status, stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid='], { encoding: 'utf8' });
  if (status !== 0) return [];
  return stdout.split('\n').flatMap((line) => {
    const [pid, above, group] = line.trim().split(/\s+/).map(Number);
    return above === parent && group === pid && pid !== undefined ? [pid] : [];
  });
}
