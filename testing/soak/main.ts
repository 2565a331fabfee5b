// npm run soak [-- --minutes 3 --seed N --kernels a,b --concurrency 6]: see scripts/soak.mjs, which gives this process its mark and
// its own directory for temporary files.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { writeHeapSnapshot } from 'node:v8';
import { heavyRows } from '../../packages/core/test/matrix/heavy-rows.js';
import { otherRows } from '../../packages/core/test/matrix/other-rows.js';
import { pythonRows } from '../../packages/core/test/matrix/python-rows.js';
import type { Row } from '../../packages/core/test/matrix/row.js';
import { processesOf } from '../suite/processes.js';
import { kernel } from '../support/kernels.js';
import { ActionLog } from './log.js';
import { Random } from './random.js';
import { type Figures, faults, JUDGED_FROM_MINUTES, report } from './report.js';
import { type Sample, takeRest, takeSample } from './samples.js';
import { type Walker, walk, warmUp } from './walk.js';

const SAMPLE_MS = 3000;
/** How long the system may need to clear away what has been closed. */
const REST_MS = 15_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string' },
    kernels: { type: 'string' },
    concurrency: { type: 'string', default: '6' },
    snapshots: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const concurrency = Number(values.concurrency);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const rows = rowsOf(values.kernels);
const log = new ActionLog();
const stop = new AbortController();
const mark = { marker: `KERNELKIT_SOAK=${process.env.KERNELKIT_SOAK}`, root: process.env.TMPDIR! };
const say = (line: string) => process.stdout.write(`${line}\n`);

if (rows.length === 0 || !(minutes > 0) || !(concurrency >= 1) || !Number.isInteger(seed)) {
  say('nothing to do: none of these kernels is here, or an option is no number');
  process.exitCode = 2;
} else {
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error) => violated(error));
  await soak().catch(violated);
}

async function soak(): Promise<void> {
  say(`soak: seed ${seed}, ${minutes} minutes, ${concurrency} at a time of ${rows.map(({ name }) => name).join(', ')}`);
  const walker = (n: number, of: readonly Row[]): Walker => {
    return { name: `#${n}`, rows: of, random: new Random(seed + n * 7919), log, stop: stop.signal };
  };
  const started = performance.now();
  // the first stack that anybody reads has Node take the source map apart, which is 10 MB of arrays, and stays
  void new Error('read once').stack;
  const waiting = rows.map((row, n) => () => warmUp(walker(100 + n, [row])));
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next();
    }),
  );
  const before = await takeRest(mark, null, REST_MS);
  snapshot('before');
  say(`warm-up: ${((performance.now() - started) / 1000).toFixed(0)} s`);

  const began = performance.now();
  const end = setTimeout(() => stop.abort(), minutes * 60_000);
  const during: Sample[] = [];
  const walks = Array.from({ length: concurrency }, (_, n) => walk(walker(n, rows)));
  // what has been violated by one is not waited out by the others
  const walking = Promise.all(walks).finally(() => stop.abort());
  const sampling = sampleUntil(stop.signal, during);
  await walking;
  clearTimeout(end);
  await sampling;
  const took = (performance.now() - began) / 60_000;
  const figures: Figures = { log, before, after: await takeRest(mark, before, REST_MS), during, minutes: took };
  snapshot('after');
  say(report(figures));
  const found = faults(figures);
  if (took < JUDGED_FROM_MINUTES) say(`memory is not judged in less than ${JUDGED_FROM_MINUTES} minutes`);
  say(found.length === 0 ? 'everything is as it was' : found.join('\n'));
  if (found.length > 0) fail();
  // nothing may keep a program alive that has closed its kernels
  setTimeout(() => {
    say(`the process does not end: ${process.getActiveResourcesInfo().join(', ')}`);
    fail();
    process.exit();
  }, REST_MS).unref();
}

async function sampleUntil(signal: AbortSignal, into: Sample[]): Promise<void> {
  for (let next = performance.now(); !signal.aborted; ) {
    into.push(await takeSample(mark));
    next += SAMPLE_MS;
    await delay(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => {});
  }
}

/** The heap for Chrome's DevTools, which compare two: what is in `after` and not in `before` is what is kept. */
function snapshot(when: string): void {
  if (values.snapshots !== undefined) writeHeapSnapshot(join(values.snapshots, `${when}.heapsnapshot`));
}

function violated(error: unknown): void {
  say(`\nviolated, seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
  if (error instanceof Error && error.cause !== undefined)
    say(`because of: ${(error.cause as Error).stack ?? error.cause}`);
  say(`\nwhat was done last:\n${log.tail().join('\n')}`);
  const processes = (processesOf(mark) ?? []).map(({ pid, parent, argv }) => `${pid} of ${parent}: ${argv.join(' ')}`);
  say(`\nwhat runs:\n${processes.join('\n')}`);
  fail();
  // its exit hook ends every kernel
  process.exit();
}

function fail(): void {
  const names = rows.map(({ name }) => name).join(',');
  say(`again: npm run soak -- --minutes ${minutes} --seed ${seed} --concurrency ${concurrency} --kernels ${names}`);
  process.exitCode = 1;
}

/** The rows of the matrix for the kernels that are named, or for all that are here but the heavy ones. */
function rowsOf(names: string | undefined): Row[] {
  const all = [...pythonRows, ...otherRows];
  const wanted =
    names === undefined ? all : [...all, ...heavyRows].filter((row) => names.split(',').includes(row.name));
  return wanted.filter((row) => kernel(row.name).available);
}
