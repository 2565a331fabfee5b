import type { ProvidedKernels } from './kernels.js';
import type { Row } from './rows.js';

/** What a bench works with. */
export interface BenchContext {
  /** Few and short rounds: to see that everything works, not to measure. */
  quick: boolean;
  /** What is to stay as it is over time is watched for ten minutes, and not for one. */
  long: boolean;
  kernels: ProvidedKernels;
  /** A directory of this bench's own, removed after it. Not TMPDIR: some kernels' Unix sockets take no longer path than /tmp gives. */
  directory: string;
  /** Progress, on stderr. */
  say(line: string): void;
}

/** One group of measurements, run in a process of its own. */
export interface Bench {
  name: string;
  run(context: BenchContext): Promise<Row[]>;
}
