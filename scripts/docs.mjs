#!/usr/bin/env node
// npm run docs [-- DIR] [-- --no-api]: the site of the documentation, in generated/docs unless DIR says otherwise. Fails where a link leads nowhere.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ChildError, main, npm } from './lib/child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/root.mjs';
import { step } from './lib/step.mjs';

const tool = join(root, 'scripts/docs');

await main(async () => {
  await ensureInstalled();
  const api = !process.argv.includes('--no-api');
  const named = process.argv.slice(2).find((word) => !word.startsWith('-'));
  const out = named === undefined ? join(root, 'generated/docs') : resolve(named);
  // of a folder that somebody named nothing is removed
  if (named === undefined) await rm(out, { recursive: true, force: true });

  const { writeSite } = await import('./docs/site.mjs');
  const { brokenLinks } = await import('./docs/links.mjs');
  await step(`the pages → ${out}`, () => writeSite(out, { api }));
  if (api) {
    if (!existsSync(join(tool, 'node_modules/typedoc')))
      await step('installing typedoc, for the reference alone', () => npm(['ci', '--prefix', tool]));
    // sources import what is built into them
    const { bundleEmbedded } = await import('./lib/bundle.mjs');
    await bundleEmbedded();
    const { writeApi } = await import('./docs/api.mjs');
    await step('the reference, from the doc comments', () => writeApi(join(out, 'api')));
  }
  const broken = await step('checking the links', () => brokenLinks(out));
  if (broken.length > 0) throw new ChildError('npm run docs', 1, `these links lead nowhere:\n${broken.join('\n')}`);
  process.stdout.write(`${join(out, 'index.html')}\n`);
});
