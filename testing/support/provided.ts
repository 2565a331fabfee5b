import { describe, test } from 'vitest';
import { missingRequired } from '../provide/required.mjs';

/** What testing/kernels.mjs provides for the tests, or could not provide. */
export interface Provided {
  readonly name: string;
  readonly available: boolean;
  readonly version: string | null;
  /** Why it is not available. */
  readonly reason: string | null;
}

/** The title of a suite that is skipped. The reporter reads the name back from it. */
export function skippedTitle(what: 'kernel' | 'tool' | 'server', name: string): string {
  return `[no ${what}: ${name}]`;
}

/**
 * A suite that needs what is provided. It is skipped, and listed at the end of the run, where the machine lacks that; it fails
 * where the run may not do without (KERNELKIT_REQUIRE_KERNELS, or Deno).
 *
 * @param all everything of its sort, available or not: what "all" means
 */
export function describeProvided<T extends Provided>(
  what: 'kernel' | 'tool' | 'server',
  provided: T,
  all: readonly Provided[],
  body: (provided: T) => void,
): void {
  const { name, available, version, reason } = provided;
  if (available) {
    describe(`${name} ${version ?? ''}`.trim(), () => body(provided));
  } else if (missingRequired(all, process.env.KERNELKIT_REQUIRE_KERNELS).includes(name)) {
    test(`${what} ${name} is required and missing`, () => {
      throw new Error(reason ?? 'unknown reason');
    });
  } else {
    describe.skip(skippedTitle(what, name), () => body(provided));
  }
}
