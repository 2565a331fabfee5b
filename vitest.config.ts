import { defineConfig } from 'vitest/config';
import { RETRY } from './testing/suite/retry.js';

const never = ['**/node_modules/**', '**/dist/**', '**/.cache/**', '**/fixtures/**'];
// A kernel that floods its output drops it when its reader gets no processor: what these tests promise holds on a machine
// that is not busy with other tests.
const alone = ['packages/core/test/kernel/flood.test.ts', 'packages/core/test/launch/many.test.ts'];

// Tests read the packages' sources; `await using` is down-levelled because Node 20 does not parse it.
export default defineConfig({
  resolve: { conditions: ['kernelkit-source'] },
  ssr: { resolve: { conditions: ['kernelkit-source'] } },
  oxc: { target: 'es2022' },
  test: {
    pool: 'forks',
    globalSetup: ['testing/suite/global-setup.ts'],
    reporters: ['default', './testing/suite/reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: RETRY,
    projects: [
      {
        extends: true,
        test: {
          name: 'suite',
          include: ['packages/*/test/**/*.test.ts', 'testing/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...never, ...alone],
          // real kernels are started in every worker, and waited for: with one more than processors those are in use
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, exclude: never, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
