#!/usr/bin/env node
// npm run bench [-- NAME ...] [--quick] [--no-build] [--cpu-prof]: measures side by side with jupyter_client, nbclient,
// nbconvert and native zeromq, and prints ratios. A whole run writes bench/RESULTS.md; --quick, or names, only print.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { main, must } from './lib/child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/root.mjs';
import { step } from './lib/step.mjs';

const args = process.argv.slice(2).filter((arg) => arg !== '--no-build');
const cache = join(root, 'bench', '.cache');
const program = join(cache, 'main.mjs');

await main(async () => {
  await ensureInstalled();
  if (!process.argv.includes('--no-build')) await build();
  await step('making sure of the kernels', () =>
    must(process.execPath, [join(root, 'testing', 'kernels.mjs'), '--quiet']),
  );
  await step('bundling the benches', bundle);
  await must(process.execPath, [program, ...args]);
});

async function bundle() {
  await mkdir(cache, { recursive: true });
  const { build: bundleWith } = await import('esbuild');
  await bundleWith({
    entryPoints: [join(root, 'bench', 'main.ts')],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // what a program would get from the packages, without the detour over their dist
    conditions: ['kernelkit-source'],
    external: ['zeromq'],
    sourcemap: 'inline',
    logLevel: 'warning',
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
}
