#!/usr/bin/env node
// npm test [-- vitest's arguments]: does its own set-up (install, build, real kernels), then runs the suite. The last line on
// stdout is "N passed, N failed, N skipped".
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { main, must, status } from './lib/child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/root.mjs';
import { step } from './lib/step.mjs';

await main(async () => {
  await ensureInstalled();
  await build();
  await step('providing real kernels: testing/kernels.mjs', () =>
    must(process.execPath, [join(root, 'testing/kernels.mjs')]),
  );
  const scratch = await mkdtemp(join(tmpdir(), 'kk-summary-'));
  try {
    const summary = join(scratch, 'summary.json');
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const code = await status(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
      env: { ...process.env, KERNELKIT_TEST_SUMMARY: summary },
    });
    const counts = await readFile(summary, 'utf8').then(JSON.parse, () => null);
    // a run that never came to its end counts as one failure: nothing passes silently
    const { passed, failed, skipped } = counts ?? { passed: 0, failed: 1, skipped: 0 };
    process.exitCode = code !== 0 ? code : failed > 0 ? 1 : 0;
    process.stdout.write(`${passed} passed, ${code !== 0 && failed === 0 ? 1 : failed} failed, ${skipped} skipped\n`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});
