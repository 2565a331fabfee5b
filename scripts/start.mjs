#!/usr/bin/env node
// npm start: from a fresh clone to an executed notebook. Installs, builds, lists the kernels of this machine and executes
// the quickstart on the best of them (Deno, which the install brings along, where there is no other).
import { join, relative } from 'node:path';
import { build } from './lib/build.mjs';
import { main, must } from './lib/child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/root.mjs';
import { step } from './lib/step.mjs';

const command = join(root, 'packages/cli/dist/bin/main.js');
const notebook = join('examples', 'quickstart.ipynb');
const executed = join('examples', 'quickstart.executed.ipynb');

await main(async () => {
  await ensureInstalled();
  await build();
  await step('finding kernels: kernelkit list', () => must(process.execPath, [command, 'list']));
  await step(`executing ${notebook} on the best kernel found: kernelkit run`, () =>
    must(process.execPath, [command, 'run', notebook, '-o', executed]),
  );
  process.stderr.write(`The executed notebook is ${join(root, executed)}\n`);
  process.stderr.write(`Go on with: node ${relative(process.cwd(), command)} --help\n`);
});
