/**
 * What the run hands to its test files through the environment (set by testing/suite/global-setup.ts).
 *
 * RUN marks every process that a test starts: the leak check finds those that outlive the run by it, so an environment
 * made for a child must keep it. ROOT is the one directory that temporary files of the run lie in.
 */
export const RUN = 'KERNELKIT_TEST_RUN';
export const ROOT = 'KERNELKIT_TEST_ROOT';

/** The variables that every child's environment keeps, however bare it is otherwise. */
export function suiteEnv(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of [RUN, ROOT, 'TMPDIR']) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
