/**
 * How often a test that failed is tried again. Where CI runs it, once: other jobs take the processors away for tenths of seconds there,
 * in which kernels drop output by themselves (docs/kernels.md). What passed so is listed at the end of the run (reporter.ts).
 */
export const RETRY = process.env.CI ? 1 : 0;
