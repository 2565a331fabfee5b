#!/usr/bin/env node
// npm run test:all [-- STEP …]: everything that there is to run, one after the other, to its end: lint, types, kernels, the whole suite on
// each Node, the documentation, the benches (quickly), a soak. Ends with a list of how each went, and with 1 when one of them failed.
// With names (lint, types, kernels, suite, docs, benches, soak) only these.
import { execFileSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { main, status } from './lib/child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/root.mjs';

// Nothing is left out for want of a kernel without saying so; the heavy ones only where KERNELKIT_TEST_HEAVY names them.
const env = {
  KERNELKIT_TEST_APT: '1',
  KERNELKIT_REQUIRE_KERNELS: 'all',
  KERNELKIT_TEST_GRACE_MS: '20000',
  ...process.env,
};
const script = (/** @type {string[]} */ ...parts) => join(root, ...parts);

/** @typedef {{ name: string, title: string, file: string, args: string[], env?: NodeJS.ProcessEnv }} Step */

/** @param {string} node @returns {Step} the suite on another Node, which its own children find first, too */
const suiteOn = (node) => ({
  name: 'suite',
  title: `the suite, on Node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}`,
  file: node,
  args: [script('scripts/test.mjs')],
  env: { ...env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
});

/** @returns {Step[]} */
function steps() {
  const node = process.execPath;
  const npm = (/** @type {string} */ name) => ({ file: 'npm', args: ['run', '--silent', name] });
  const others = (process.env.KERNELKIT_TEST_NODES ?? '').split(delimiter).filter((path) => path !== '');
  return [
    { name: 'lint', title: 'lint', ...npm('lint') },
    { name: 'types', title: 'types', ...npm('typecheck') },
    { name: 'kernels', title: 'real kernels', file: node, args: [script('testing/kernels.mjs')] },
    ...[node, ...others].map(suiteOn),
    { name: 'docs', title: 'the documentation’s site', ...npm('docs') },
    { name: 'benches', title: 'benches, quickly', file: node, args: [script('scripts/bench.mjs'), '--quick'] },
    { name: 'soak', title: 'soak, 3 minutes', file: node, args: [script('scripts/soak.mjs'), '--minutes', '3'] },
  ];
}

await main(async () => {
  const all = steps();
  const names = process.argv.slice(2);
  const unknown = names.filter((each) => !all.some(({ name }) => name === each));
  if (unknown.length > 0) {
    process.stderr.write(`no such step: ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}\n`);
    process.exitCode = 2;
    return;
  }
  await ensureInstalled();
  /** @type {string[]} */
  const summary = [];
  for (const { name, title, file, args, env: its = env } of all) {
    if (names.length > 0 && !names.includes(name)) continue;
    process.stderr.write(`\n== ${title}\n`);
    const since = performance.now();
    const code = await status(file, args, { env: its });
    const how = code === 0 ? 'passed' : `FAILED, exit status ${code}`;
    summary.push(`${title.padEnd(28)} ${`${((performance.now() - since) / 1000).toFixed(0)} s`.padStart(7)}   ${how}`);
    if (code !== 0) process.exitCode = 1;
    // it was asked to end, by a signal that the step got, too
    if (code === 130 || code === 143) break;
  }
  process.stdout.write(
    `\n${summary.join('\n')}\n${process.exitCode ? 'not everything passed' : 'everything passed'}\n`,
  );
});
