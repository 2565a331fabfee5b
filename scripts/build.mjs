#!/usr/bin/env node
// npm run build [-- --worker-only]: --worker-only makes only what the type check needs.
import { build } from './lib/build.mjs';
import { bundleEmbedded } from './lib/bundle.mjs';
import { main } from './lib/child.mjs';
import { ensureInstalled } from './lib/install.mjs';

await main(async () => {
  await ensureInstalled();
  await (process.argv.includes('--worker-only') ? bundleEmbedded() : build());
});
