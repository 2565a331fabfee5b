#!/usr/bin/env node
// npm run soak [-- --minutes 3 --seed N --kernels a,b --concurrency 6] [--no-set-up]: random starts, executions, interrupts,
// restarts and kills of the provided kernels. Ends with 1 when anything came out wrong, or when anything is left.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleEmbedded } from './lib/bundle.mjs';
import { main, must, status } from './lib/child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { bundleProgram } from './lib/program.mjs';
import { root } from './lib/root.mjs';
import { step } from './lib/step.mjs';

const NO_SET_UP = '--no-set-up';
const args = process.argv.slice(2).filter((arg) => arg !== NO_SET_UP);
const list = process.env.KERNELKIT_TEST_KERNELS ?? join(root, 'testing', '.cache', 'kernels.json');

await main(async () => {
  if (!process.argv.includes(NO_SET_UP)) {
    await ensureInstalled();
    await bundleEmbedded();
    await step('making sure of the kernels', () =>
      must(process.execPath, [join(root, 'testing', 'kernels.mjs'), '--quiet']),
    );
  }
  // Its own name is short: Unix sockets lie below it.
  const scratch = await mkdtemp(join(tmpdir(), 'kks-'));
  try {
    const program = join(root, 'testing', '.cache', 'soak', `main-${process.pid}.mjs`);
    // The matrix's kernels come by way of what its tests import, too; none of them is called.
    await bundleProgram(join(root, 'testing', 'soak', 'main.ts'), program, { stub: ['vitest'] });
    try {
      process.exitCode = await status(process.execPath, ['--expose-gc', '--enable-source-maps', program, ...args], {
        env: {
          ...process.env,
          TMPDIR: scratch,
          // the journal lies among the temporary files then, and is counted with them
          XDG_RUNTIME_DIR: undefined,
          IPYTHONDIR: join(scratch, 'ipython'),
          // what it starts is known by this
          KERNELKIT_SOAK: randomBytes(8).toString('hex'),
          KERNELKIT_TEST_KERNELS: list,
        },
      });
    } finally {
      await rm(program, { force: true });
    }
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
});
