// npm run bench [-- name …] [--quick] [--long] [--cpu-prof]: see scripts/bench.mjs. Each bench runs in a process of its own, so that none
// meets the memory and the sockets of another.
import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benches } from './benches/index.js';
import { ProvidedKernels } from './harness/kernels.js';
import { machineAndVersions } from './harness/machine.js';
import { resultsFile, root } from './harness/places.js';
import { line, page } from './harness/report.js';
import { type Failed, type Row, reached } from './harness/rows.js';

const ONE_BENCH_MS = 10 * 60_000;
const ONE_LONG_BENCH_MS = 30 * 60_000;
const SELF = fileURLToPath(import.meta.url);

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    'cpu-prof': { type: 'boolean', default: false },
    child: { type: 'string' },
    directory: { type: 'string' },
  },
});

type Result = { rows: Row[] } | { failed: string };

if (options.child === undefined) await parent();
else await child(options.child);

async function parent(): Promise<void> {
  const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `no such bench: ${unknown.join(', ')}; there are ${benches.map(({ name }) => name).join(', ')}\n`,
    );
    process.exitCode = 2;
    return;
  }
  const kernels = await ProvidedKernels.read(root);
  const facts = await machineAndVersions(root, kernels);
  for (const [what, value] of facts) process.stdout.write(`${what}: ${value}\n`);
  const began = performance.now();
  const all: (Row | Failed)[] = [];
  for (const { name } of benches) {
    if (names.length > 0 && !names.includes(name)) continue;
    const since = performance.now();
    const result = await apart(name);
    const rows = 'failed' in result ? [{ what: name, failed: result.failed }] : result.rows;
    all.push(...rows);
    process.stdout.write(
      `\n${name} (${((performance.now() - since) / 1000).toFixed(0)} s)\n${rows.map(line).join('\n')}\n`,
    );
  }
  // What was measured quickly, or in part, is no result.
  if (!options.quick && names.length === 0) {
    await writeFile(resultsFile, page(facts, all, (performance.now() - began) / 60_000));
    process.stdout.write('\nwritten to bench/RESULTS.md\n');
  }
  const missed = all.filter((row) => !('failed' in row) && reached(row) === false);
  const failed = all.filter((row) => 'failed' in row);
  process.stdout.write(`\n${missed.length} marks missed, ${failed.length} not measured\n`);
  // A mark that was missed is a finding; what could not be measured is an error.
  if (failed.length > 0) process.exitCode = 1;
}

/** Runs a bench in a process of its own. */
async function apart(name: string): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'kkb-'));
  const execArgv = options['cpu-prof']
    ? ['--cpu-prof', `--cpu-prof-dir=${join(root, 'bench', '.cache', 'profiles')}`]
    : [];
  try {
    return await new Promise<Result>((resolve) => {
      const args = [
        '--child',
        name,
        '--directory',
        directory,
        ...(options.quick ? ['--quick'] : []),
        ...(options.long ? ['--long'] : []),
      ];
      // as JSON a value that the system did not say (NaN) would be none
      const worker = fork(SELF, args, { execArgv, serialization: 'advanced' });
      const most = options.long ? ONE_LONG_BENCH_MS : ONE_BENCH_MS;
      const timer = setTimeout(() => {
        worker.kill('SIGTERM');
        resolve({ failed: `it was not done after ${most / 60_000} minutes` });
      }, most);
      let result: Result | null = null;
      worker.on('message', (message) => {
        result = message as Result;
      });
      worker.once('exit', (code, signal) => {
        clearTimeout(timer);
        resolve(result ?? { failed: `its process ended with ${signal ?? `status ${code}`}` });
      });
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function child(name: string): Promise<void> {
  const bench = benches.find((each) => each.name === name);
  let result: Result;
  try {
    const context = {
      quick: options.quick,
      long: options.long,
      kernels: await ProvidedKernels.read(root),
      directory: options.directory ?? tmpdir(),
      say: (text: string) => process.stderr.write(`  ${text}\n`),
    };
    result = { rows: (await bench?.run(context)) ?? [] };
  } catch (error) {
    result = { failed: error instanceof Error ? error.message : String(error) };
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  }
  process.send?.(result, () => process.disconnect());
}
