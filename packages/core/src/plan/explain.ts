import type { KernelEntry } from '../catalog/index.js';
import { toJson } from '../catalog/index.js';
import type { EnvironmentChange } from './environment.js';
import type { LaunchPlan, PlannedActivation } from './plan.js';

/** `kernelkit explain --json`, as the command's contract has it. */
export interface Explanation {
  kernel: KernelEntry;
  argv: string[];
  cwd: string;
  transport: 'ipc' | 'tcp' | 'server';
  interrupt: 'signal' | 'message';
  environment: EnvironmentChange[];
  scripts: string[];
  problem: LaunchPlan['problem'];
  /** An addition to the contract: how the activation was come by; null where the kernel needs none. */
  activation: Pick<PlannedActivation, 'notes' | 'fallbacks' | 'problem' | 'ms' | 'cached'> | null;
}

/** A plan as the document that the contract promises. */
export function explain(plan: LaunchPlan): Explanation {
  return {
    kernel: toJson(plan.entry),
    argv: plan.argv,
    cwd: plan.cwd,
    transport: plan.transport,
    interrupt: plan.interrupt,
    environment: plan.changes,
    scripts: plan.scripts,
    problem: plan.problem,
    activation: plan.activation && activationOf(plan.activation),
  };
}

function activationOf({ notes, fallbacks, problem, ms, cached }: PlannedActivation): Explanation['activation'] {
  return { notes, fallbacks, problem, ms, cached };
}
