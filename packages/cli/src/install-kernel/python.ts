import { BELOW, type CatalogEntry, commandToInstall, type Environment, externalManager } from '@kernelkit/core';
import { InstallKernelError } from './errors.js';
import { environmentsOf, type Ground } from './ground.js';
import { runnable } from './managers.js';
import { ownEnvironment } from './own-environment.js';
import type { Plan } from './remedy.js';
import { aptCommand } from './system.js';

/** The package for a Python kernel: ipykernel, or xeus-python, which brings a kernelspec. */
export type PythonPackage = 'ipykernel' | 'xeus-python';

/**
 * A kernel in an environment: by its own manager; one that its system manages (PEP 668) stays as it is.
 * @throws InstallKernelError
 */
export async function inEnvironment(
  ground: Ground,
  environment: Environment,
  name: string,
  notes: readonly string[] = [],
): Promise<Plan> {
  const { found } = ground;
  const isOf = ({ owner }: CatalogEntry) => owner !== null && sameEnvironment(owner, environment);
  const gives = (entry: CatalogEntry) => isOf(entry) && isGiven(entry, name);
  const entry = found.kernels.find(gives);
  if (entry !== undefined) return { kind: 'there', entry };
  const { problem, prefix, python, version } = environment;
  // what is wrong with it no package mends
  if (problem !== null && problem.kind !== 'python-missing')
    throw new InstallKernelError('not-installable', problem.message, { fix: problem.fix });
  const system = externalManager(environment, ground);
  if (system !== null)
    return ownEnvironment(ground, environment, name, [...notes, ...why(ground, environment, system, name)]);
  const commands = runnable(commandToInstall(environment, name, ground), environment, ground);
  const what = `${name} goes into ${prefix}${version === null ? '' : ` (${environment.kind}, Python ${version})`}.`;
  return {
    kind: 'remedy',
    remedy: { commands, notes: [...notes, ...(python === null ? [] : [what])], makes: null, gives },
  };
}

function isGiven({ startable, hidden, language, spec, name }: CatalogEntry, wanted: string): boolean {
  if (!startable || language.toLowerCase() !== 'python') return false;
  return wanted === 'xeus-python' ? isXeus({ spec, name }) : hidden === null;
}

/** xeus-python's kernelspecs: `xpython`, `xpython-raw`. */
export function isXeus({ spec, name }: Pick<CatalogEntry, 'spec' | 'name'>): boolean {
  return name.startsWith('xpython') || (spec?.argv ?? []).some((word) => /xpython(?:_launcher)?\b/.test(word));
}

function sameEnvironment(a: Environment, b: Environment): boolean {
  return a.real === b.real && (a.kind !== 'system' || a.python === b.python);
}

function why(ground: Ground, { python, prefix }: Environment, system: 'debian' | 'other', name: string): string[] {
  const who = system === 'debian' ? 'Debian’s' : 'managed by the system';
  const lines = [
    `${python ?? prefix} is ${who} (PEP 668), and is left alone: ${name} goes into an environment of your own.`,
  ];
  if (system === 'debian' && name === 'ipykernel')
    lines.push(`For the whole machine instead: ${aptCommand(ground, 'python3-ipykernel')}`);
  return lines;
}

/**
 * A Python kernel where nobody said for which environment: in the project's or the active one; where there is neither, any will do
 * that is there, else one of the user's own. No other environment is touched: it was made for something.
 */
export async function somePython(ground: Ground, name: PythonPackage): Promise<Plan> {
  const { found } = ground;
  const near = environmentsOf(ground)
    .filter(({ nearness, distance }) => (nearness === 'workspace' && distance < BELOW) || nearness === 'active')
    .sort((a, b) => rank(a) - rank(b))[0];
  if (near !== undefined) return inEnvironment(ground, near, name);
  const there = found.kernels.find(
    (entry) => entry.source !== 'running' && entry.server === null && isGiven(entry, name) && entry.hidden === null,
  );
  if (there !== undefined) return { kind: 'there', entry: there };
  return ownEnvironment(ground, null, name, []);
}

/** The project's own before the active one, which may be a shell's everyday (conda's base). */
function rank({ nearness, distance }: Environment): number {
  return nearness === 'active' ? BELOW : distance;
}
