#!/usr/bin/env node
// node scripts/man.mjs: writes packages/cli/man/kernelkit.1 from what was built last (npm run build does it, too).
import { main } from './lib/child.mjs';
import { writeManPage } from './lib/man.mjs';

await main(writeManPage);
