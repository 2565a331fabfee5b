import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly argv: readonly string[];
}

/** What a process of the run is known by. */
export interface Mark {
  /** `NAME=value` in the environment that it was started with; a prefix will do. */
  readonly marker: string;
  /** A path in its argv: a kernel that was given a bare environment still names its connection file. */
  readonly root: string;
}

/**
 * The processes of a run: those that bear the mark, whoever their parent is by now, and everything below them. Linux only:
 * elsewhere there is no /proc, and the list is undefined, which is not "none". Not async: the last chance to look is in an
 * exit handler.
 */
export function processesOf(mark: Mark): Process[] | undefined {
  if (process.platform !== 'linux') return undefined;
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const all = pids.map((pid) => read(pid, mark)).filter((found) => found !== undefined);
  const ours = new Set(all.filter(({ marked }) => marked).map(({ pid }) => pid));
  for (let before = -1; ours.size > before; ) {
    before = ours.size;
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
  }
  return all.filter(({ pid }) => ours.has(pid)).map(({ pid, parent, argv }) => ({ pid, parent, argv }));
}

function read(pid: number, { marker, root }: Mark): (Process & { marked: boolean }) | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the second field is the program's name in brackets and may hold anything, brackets too
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    // another user's environment cannot be read; such a process may still be the child of one of ours
    const environment = readIfAllowed(`/proc/${pid}/environ`);
    const marked = environment.split('\0').some((variable) => variable.startsWith(marker));
    return { pid, parent: Number(parent), argv, marked: marked || argv.some((argument) => argument.includes(root)) };
  } catch {
    return undefined; // it ended while it was being looked at
  }
}

function readIfAllowed(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
