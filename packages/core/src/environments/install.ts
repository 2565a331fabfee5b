import type { Prefix } from './prefix.js';
import type { EnvironmentKind, Identity } from './types.js';
import type { Where } from './where.js';

/**
 * The command that would install a package in an environment, as its manager wants it. Paths are quoted for a POSIX shell (on
 * Windows for PowerShell). A Python that its system manages (PEP 668) is left alone.
 *
 * @param hasPip whether `python -m pip` would work
 * @param name of the package
 */
export function installCommand(
  prefix: Prefix,
  identity: Identity,
  hasPip: boolean,
  managedBy: 'debian' | 'other' | null,
  name = 'ipykernel',
): string {
  const { where } = prefix.look;
  const quote = (word: string) => quoted(where, word);
  const at = quote(prefix.path);
  const python = quote(prefix.python ?? prefix.join('bin', 'python'));
  const { kind, project, manager } = identity;
  const isTool = identity.nearness === 'tool';
  const byProject = project ? installInProject(kind, project, where, name) : null;
  if (byProject !== null) return byProject;
  switch (kind) {
    case 'conda':
    case 'mamba': {
      const micro =
        kind === 'mamba' &&
        manager?.root !== null &&
        prefix.look.files.stat(where.path.join(manager?.root ?? '', 'bin', 'mamba')) === null;
      const program = kind === 'conda' ? 'conda' : micro ? 'micromamba' : 'mamba';
      return `${program} install -p ${at} ${prefix.python === null ? `python ${name}` : name}`;
    }
    case 'pixi': {
      const leaf = where.path.basename(prefix.path);
      if (project === null || project === undefined) return `pixi global add --environment ${quote(leaf)} ${name}`;
      const manifest = manager?.root ?? where.path.join(project, 'pixi.toml');
      return `pixi add --manifest-path ${quote(manifest)}${leaf === 'default' ? '' : ` --feature ${quote(leaf)}`} ${name}`;
    }
    case 'pipx':
      return `pipx inject ${quote(where.path.basename(prefix.path))} ${name}`;
    case 'uv':
      // `uv pip` refuses the Pythons that uv keeps (PEP 668), and a tool's packages are what its installation named
      if (isTool) return `uv tool install --with ${name} ${quote(where.path.basename(prefix.path))}`;
      if (managedBy !== null)
        return newEnvironment('.venv', { python: prefix.python, uv: 'uv', name }, where).join(' && ');
      return isLocked(prefix)
        ? `uv add --project ${quote(where.path.dirname(prefix.path))} --dev ${name}`
        : `uv pip install --python ${python} ${name}`;
  }
  if (managedBy === 'debian') return `apt install python3-${name.replaceAll('_', '-')}`;
  const own = prefix.python ?? prefix.join('bin', 'python');
  if (managedBy === 'other') return newEnvironment('.venv', { python: own, uv: null, name }, where).join(' && ');
  // hatch and uv make environments without pip
  if (!hasPip) return `uv pip install --python ${python} ${name}`;
  return `${program(where, own)} -m pip install ${name}`;
}

/** A uv project's own: its lock has what it holds, and `uv sync` takes away what `uv pip` has put there. */
function isLocked({ path, look: { files, where } }: Prefix): boolean {
  const { basename, dirname, join } = where.path;
  return basename(path) === '.venv' && files.stat(join(dirname(path), 'uv.lock')) !== null;
}

/**
 * The commands that make a virtual environment with a package in it, one after the other.
 *
 * @param place its path, as it is typed
 * @param by `uv`: its program, else null; `python`: the one to make it with, which uv may have to choose or get (null)
 */
export function newEnvironment(
  place: string,
  by: { python: string; uv: null; name: string } | { python: string | null; uv: string; name: string },
  where: Where,
): string[] {
  const { python, uv, name } = by;
  const at = quoted(where, place);
  if (uv !== null) {
    const tool = program(where, uv);
    const choice = python === null ? '' : ` --python ${quoted(where, python)}`;
    return [`${tool} venv${choice} ${at}`, `${tool} pip install --python ${at} ${name}`];
  }
  const own = where.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  return [
    `${program(where, python)} -m venv ${at}`,
    `${program(where, where.path.join(place, ...own))} -m pip install ${name}`,
  ];
}

/** A program as the first word of a command: PowerShell takes a quoted word for a text, not for a program. */
export function program(where: Pick<Where, 'platform'>, path: string): string {
  const word = quoted(where, path);
  return where.platform === 'win32' && word.startsWith("'") ? `& ${word}` : word;
}

/** As `installCommand`, for what is known by its project alone: its manager notes there what the environment holds. Null for other kinds. */
export function installInProject(
  kind: EnvironmentKind,
  folder: string,
  where: Where,
  name = 'ipykernel',
): string | null {
  if (kind === 'poetry') return `cd ${quoted(where, folder)} && poetry add --group dev ${name}`;
  if (kind === 'pipenv') return `cd ${quoted(where, folder)} && pipenv install --dev ${name}`;
  return null;
}

/** A word as it is typed: in a POSIX shell, on Windows in PowerShell. */
export function quoted({ platform }: Pick<Where, 'platform'>, word: string): string {
  return platform === 'win32' ? quotedForPowerShell(word) : quotedForShell(word);
}

function quotedForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function quotedForPowerShell(word: string): string {
  return /^[\w@+=:.\\/-]+$/.test(word) ? word : `'${word.replaceAll("'", "''")}'`;
}
