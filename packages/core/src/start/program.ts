import { statSync } from 'node:fs';
import { findOnPath } from '../catalog/index.js';
import { NodeFiles } from '../files/index.js';
import type { LaunchPlan } from '../plan/index.js';

/**
 * A plan whose program has been looked for where the kernel itself would find it: a bare name on the *activated* PATH, which
 * an activation script may have put it on (a `java` that only its conda environment has). Its directory must be there as well.
 */
export function withProgram(plan: LaunchPlan): LaunchPlan {
  const [name = '', ...rest] = plan.argv;
  const found = name !== '' && !/[\\/]/.test(name) ? lookFor(plan, name) : undefined;
  if (found === null) return { ...plan, problem: plan.problem ?? notFound(plan, name) };
  const isFound = found !== undefined && plan.problem?.kind === 'program-not-found';
  // without an activation the name stays as its kernelspec has it
  const argv = found === undefined || plan.activation === null ? plan.argv : [found, ...rest];
  return { ...plan, argv, problem: (isFound ? null : plan.problem) ?? directoryProblem(plan.cwd) };
}

function lookFor({ environment, cwd }: LaunchPlan, name: string): string | null {
  return findOnPath({ platform: process.platform, env: environment, cwd, files: new NodeFiles() }, name);
}

function notFound({ entry }: LaunchPlan, name: string): LaunchPlan['problem'] {
  return {
    kind: 'program-not-found',
    message: `there is no program ${JSON.stringify(name)} on the PATH that the kernel would be started with`,
    fix: `Install the program${entry.owner === null ? '' : ` in ${entry.owner.prefix}`}, or install the kernel again.`,
  };
}

function directoryProblem(cwd: string): LaunchPlan['problem'] {
  const info = statSync(cwd, { throwIfNoEntry: false });
  if (info?.isDirectory()) return null;
  const message = info === undefined ? `the working directory ${cwd} does not exist` : `${cwd} is not a directory`;
  return { kind: 'no-directory', message, fix: 'Name another directory for the kernel to work in.' };
}
