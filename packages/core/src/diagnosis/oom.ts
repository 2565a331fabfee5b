import { readFileSync } from 'node:fs';

/**
 * How many processes the system has ended for memory, so far: by the cgroup that this process is in (memory.events), and by the whole
 * system (/proc/vmstat, Linux 4.13). Compared over a kernel's life. Zero where the system does not count.
 */
export function oomKillCount(): number {
  return count('/proc/vmstat') + count(`/sys/fs/cgroup${ownCgroup()}/memory.events`);
}

function ownCgroup(): string {
  // cgroup v2 has the one line `0::/path`
  const path = /^0::(.*)$/m.exec(textOf('/proc/self/cgroup'))?.[1] ?? '';
  return path === '/' ? '' : path;
}

function count(file: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(textOf(file))?.[1] ?? 0);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
