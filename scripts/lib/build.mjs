import { join } from 'node:path';
import { bundleCli, bundleEmbedded } from './bundle.mjs';
import { must } from './child.mjs';
import { writeManPage } from './man.mjs';
import { root } from './root.mjs';
import { step } from './step.mjs';

/** Everything that is made from the sources: the iopub worker's code, the packages' dist, the command and its manual page. */
export async function build() {
  await step('bundling the programs that core starts beside itself', bundleEmbedded);
  await step('compiling the packages: tsc -b', () =>
    must(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']),
  );
  await step('bundling the command', bundleCli);
  await step('writing its manual page', writeManPage);
}
