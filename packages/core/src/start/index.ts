export { InterruptError, RawHost, type ShutdownOptions } from './raw-host.js';
export {
  type PlanKernelOptions,
  planKernel,
  type StartedKernel,
  type StartOptions,
  start,
  startPlan,
} from './start.js';
