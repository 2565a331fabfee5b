export type { DotenvFile } from './dotenv.js';
export {
  type EnvironmentChange,
  type EnvironmentLayer,
  mergeEnvironment,
  type VariableSource,
  type Variables,
} from './environment.js';
export { type Explanation, explain } from './explain.js';
export { type LaunchPlan, makePlan, type PlannedActivation, type PlanOptions, type Rung } from './plan.js';
export { fillArgv, substituteVariables } from './template.js';
