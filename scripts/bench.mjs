#!/usr/bin/env node
// npm run bench [-- NAME ...] [--quick] [--long] [--no-build] [--cpu-prof]: measures side by side with jupyter_client, nbclient,
// nbconvert, native zeromq, @jupyterlab/services and jupyter_server, and prints ratios. --long: ten minutes for what must not grow. A whole run writes
// bench/RESULTS.md; --quick, or names, only print.
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { main, must } from './lib/child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { bundleProgram } from './lib/program.mjs';
import { root } from './lib/root.mjs';
import { step } from './lib/step.mjs';

const args = process.argv.slice(2).filter((arg) => arg !== '--no-build');
const program = join(root, 'bench', '.cache', 'main.mjs');

await main(async () => {
  await ensureInstalled();
  if (!process.argv.includes('--no-build')) await build();
  await step('making sure of the kernels', () =>
    must(process.execPath, [join(root, 'testing', 'kernels.mjs'), '--quiet']),
  );
  await step('bundling the benches', () =>
    // Servers are started by what is made for tests; nothing of vitest is called.
    bundleProgram(join(root, 'bench', 'main.ts'), program, { stub: ['vitest'] }),
  );
  const cache = join(root, 'testing', '.cache');
  await must(process.execPath, [program, ...args], {
    env: {
      ...process.env,
      // where they look by themselves, there is nothing: the program lies elsewhere
      KERNELKIT_TEST_KERNELS: join(cache, 'kernels.json'),
      KERNELKIT_TEST_SERVERS: join(cache, 'servers.json'),
    },
  });
});
