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
      if (managedBy !== null) return `uv venv --python ${python} .venv && uv pip install --python .venv ${name}`;
      return `uv pip install --python ${python} ${name}`;
  }
  if (managedBy === 'debian') return `apt install python3-${name.replaceAll('_', '-')}`;
  if (managedBy === 'other') return `${python} -m venv .venv && .venv/bin/python -m pip install ${name}`;
  const start = where.platform === 'win32' && python.startsWith("'") ? '& ' : '';
  // hatch and uv make environments without pip
  if (!hasPip) return `uv pip install --python ${python} ${name}`;
  return `${start}${python} -m pip install ${name}`;
}

/** The same for what is known by its project alone: its manager notes there what the environment holds. Null for other kinds. */
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
export function quoted({ platform }: Where, word: string): string {
  return platform === 'win32' ? quotedForPowerShell(word) : quotedForShell(word);
}

function quotedForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function quotedForPowerShell(word: string): string {
  return /^[\w@+=:.\\/-]+$/.test(word) ? word : `'${word.replaceAll("'", "''")}'`;
}
