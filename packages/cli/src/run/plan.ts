import type { PlanKernelOptions } from '@kernelkit/core';
import type { Display } from '../display.js';
import type { ModeFlags } from '../options.js';

/** What `run` does with each of its notebooks. */
export interface RunPlan {
  /** What `-k` names. */
  kernel: string | null;
  parameters: Record<string, unknown> | null;
  /** The kernel's directory; null: the notebook's. */
  cwd: string | null;
  /** Seconds for each cell. */
  timeout: number | null;
  allowErrors: boolean;
  /** How its environment is activated. */
  activation: Pick<PlanKernelOptions, 'activate' | 'dotenv' | 'overrides'>;
  /** Who starts it. */
  mode: ModeFlags;
  /** Outputs are compared with the stored ones; null: they are not. */
  check: CheckPlan | null;
  /** The cell that is begun with: `failed`, its number from 1, or its id. Null: the first. */
  from: string | null;
  /** A kernel whose notebook did not come to its end is left as it is. */
  keepKernel: boolean;
  /** Outputs are printed as they come, so; null: they are not. */
  show: Display | null;
}

export interface CheckPlan {
  ignore: readonly RegExp[];
  media: boolean;
}

/** A notebook to execute. */
export interface NotebookTask {
  /** As it was named. */
  path: string;
  /** Where the result goes. */
  target: Target;
}

export type Target =
  /** `makeDirectory`: the directory that it is in is made where it is missing. */
  { kind: 'file'; path: string; makeDirectory: boolean } | { kind: 'stdout' } | { kind: 'none' };
