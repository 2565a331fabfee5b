import { readFile } from 'node:fs/promises';

/** The memory of one process, its children not counted. */
export interface Memory {
  /** Its own, and its share of what it shares with others (proportional set size). */
  pssMB: number;
  /** What of that is no file's: programs and libraries, which it shares the less the more it has children, are left out. */
  anonymousMB: number;
  rssMB: number;
}

/** Linux only. @throws where the system does not say */
export async function memoryOf(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024;
  return { pssMB: field('Pss'), anonymousMB: field('Pss_Anon'), rssMB: field('Rss') };
}

/** The kernel counts in hundredths of a second, whatever its own clock does (`USER_HZ`). */
const TICKS = 100;

/** Seconds of processor time that the process has used, in all its threads. Linux only. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // its name may hold anything, so what follows is counted from its end
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
