import type { Ground } from './ground.js';

type Programs = Pick<Ground, 'onPath'>;

/** The system's package managers, by their programs, with what gets a Python that makes environments. */
const PYTHONS: readonly (readonly [program: string, command: string, needsRoot: boolean])[] = [
  ['apt', 'apt install python3-venv', true],
  ['dnf', 'dnf install python3', true],
  ['zypper', 'zypper install python3', true],
  ['pacman', 'pacman -S python', true],
  ['apk', 'apk add python3', true],
  ['brew', 'brew install python', false],
  ['winget', 'winget install Python.Python.3.13', false],
];

/** Debian's packages are an administrator's to install: it is told, and never run. */
export function aptCommand(programs: Programs, name: string): string {
  return asRoot(programs, `apt install ${name}`);
}

/** The command that gets this system a Python: told, and never run. Null: nobody knows one. */
export function pythonCommand(programs: Programs): string | null {
  const found = PYTHONS.find(([program]) => programs.onPath(program) !== null);
  if (found === undefined) return null;
  const [, command, needsRoot] = found;
  return needsRoot ? asRoot(programs, command) : command;
}

function asRoot({ onPath }: Programs, command: string): string {
  const isRoot = process.getuid?.() === 0;
  return `${isRoot || onPath('sudo') === null ? '' : 'sudo '}${command}`;
}
