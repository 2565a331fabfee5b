import { type Environment, programAsTyped } from '@kernelkit/core';
import { quoted } from '../report.js';
import { InstallKernelError } from './errors.js';
import type { Ground } from './ground.js';

/**
 * An environment's command as it can be run here: its manager found where it lies, and told not to ask a second time.
 * @throws InstallKernelError where the manager is not to be found
 */
export function runnable(command: string, owner: Environment | null, ground: Ground): string[] {
  const at = /&& (?=[^&]*$)/.exec(command)?.index;
  const [before, last] = at === undefined ? ['', command] : [command.slice(0, at + 3), command.slice(at + 3)];
  const [, name = '', rest = ''] = /^([\w.-]+)( .*)$/s.exec(last) ?? [];
  // a path, which is the environment's own Python
  if (name === '') return [command];
  const isConda = name === 'conda' || name === 'mamba' || name === 'micromamba';
  const program = ground.onPath(name) === null ? (isConda ? condaOf(name, owner, ground) : null) : name;
  if (program !== null) {
    const how = isConda ? rest.replace(' install ', ' install --yes ') : rest;
    return [`${before}${program === name ? name : quoted(program)}${how}`];
  }
  const [, wanted] = /^ pip install --python .* (\S+)$/.exec(rest) ?? [];
  if (name === 'uv' && wanted !== undefined && owner?.python) {
    // hatch has a uv of its own, and makes environments without pip
    const python = programAsTyped(ground.where, owner.python);
    return [`${python} -m ensurepip`, `${python} -m pip install ${wanted}`];
  }
  throw new InstallKernelError('manager-missing', `${name} is not on PATH, and the command needs it: ${command}`, {
    fix: `put ${name} on PATH, or install it, and run this again`,
  });
}

/** conda is often a function of the shell, and its program not on PATH: as its own variables name it, else in its root. */
function condaOf(name: string, owner: Environment | null, { where, files }: Ground): string | null {
  const root = owner?.manager?.root ?? null;
  const ending = where.platform === 'win32' ? '.exe' : '';
  const inRoot =
    root === null ? [] : ['condabin', 'bin', 'Scripts'].map((dir) => where.path.join(root, dir, name + ending));
  const named = where.read(name === 'conda' ? 'CONDA_EXE' : 'MAMBA_EXE');
  return [...(named ? [named] : []), ...inRoot].find((file) => files.executable(file)) ?? null;
}
