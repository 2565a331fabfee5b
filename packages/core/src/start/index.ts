export type { ActivationOptions } from './activation.js';
export { DotenvError } from './dotenv.js';
export { InterruptError, RawHost, type ShutdownOptions } from './raw-host.js';
export {
  type PlanKernelOptions,
  planKernel,
  type StartedKernel,
  type StartOptions,
  start,
  startPlan,
} from './start.js';
