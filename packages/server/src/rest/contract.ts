import type { Tell } from '../events.js';
import type { Kernels } from '../kernels/index.js';
import type { Sessions } from '../sessions/index.js';
import type { KernelSpecs } from '../specs/index.js';
import type { Counters } from './metrics.js';

/** What the REST API is about. */
export interface Contract {
  readonly kernels: Kernels;
  readonly sessions: Sessions;
  readonly specs: KernelSpecs;
  readonly counters: Counters;
  readonly tell: Tell;
  /** With slashes at both ends. */
  readonly baseUrl: string;
  readonly maxBodyBytes: number;
  /** Whether a client may bring a kernel's whole start. */
  readonly trustedStart: boolean;
  readonly started: Date;
}
