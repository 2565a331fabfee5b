import { type ActionLog, aligned } from './log.js';
import { type Trend, trendOf } from './memory.js';
import { count, leftovers, type Sample } from './samples.js';

export interface Figures {
  log: ActionLog;
  /** At rest, after the warm-up and at the end. */
  before: Sample;
  after: Sample;
  during: readonly Sample[];
  minutes: number;
}

/** Shorter runs are not judged by their memory: it has not settled. */
export const JUDGED_FROM_MINUTES = 3;
/** A heap that was collected wavers by 1 or 2 MB with what runs at that moment: a cell's megabyte, a few connections. */
const HEAP_BOUND_MB = 5;
/** What the allocator keeps of freed pages wavers by 20 MB either way in a minute, by a third of that along a line through minutes. */
const RSS_BOUND_MB = 15;

/** The whole of what a soak found, for a person. */
export function report({ log, before, after, during, minutes }: Figures): string {
  const most = (figure: (sample: Sample) => number) => Math.max(0, ...during.map(figure));
  const line = (name: string, figure: (sample: Sample) => number, digits = 0) => [
    name,
    ...[figure(before), most(figure), figure(after)].map((value) => value.toFixed(digits)),
    signed(figure(after) - figure(before), digits),
  ];
  return [
    log.table(),
    '',
    `${log.total} actions in ${minutes.toFixed(1)} minutes, ${during.length} samples`,
    '',
    aligned([
      ['', 'before', 'most', 'after', 'difference'],
      line('descriptors', ({ descriptors }) => count(descriptors)),
      line('processes', ({ processes }) => processes.length),
      line('run directories and what is in them', ({ files }) => files.filter((file) => !isJournal(file)).length),
      line('the journal and its entries', ({ files }) => files.filter(isJournal).length),
      line("files of the kernels' own", ({ foreign }) => foreign),
      line('RSS, MB', ({ rss }) => rss, 1),
      line('heap, MB', ({ heap }) => heap, 1),
      line('outside of the heap, MB', ({ external }) => external, 1),
    ]),
    '',
    ...(['rss', 'heap', 'external'] as const).map((figure) => told(figure, trendOf(during, figure))),
  ].join('\n');
}

/** No run directory can have a name with a dot (journal/directory.ts). */
function isJournal(file: string): boolean {
  return file.startsWith('kernelkit.');
}

/** What is not as it was; empty where everything is. */
export function faults({ before, after, during, minutes }: Figures): string[] {
  const found = leftovers(before, after).map((what) => `left over: ${what}`);
  if (minutes < JUDGED_FROM_MINUTES) return found;
  for (const [figure, bound] of [
    ['heap', HEAP_BOUND_MB],
    ['rss', RSS_BOUND_MB],
  ] as const) {
    const trend = trendOf(during, figure);
    if (trend !== null && trend.growth > bound)
      found.push(`memory grows: ${told(figure, trend)}; the bound is ${bound} MB`);
  }
  const kept = after.heap - before.heap;
  if (kept > HEAP_BOUND_MB)
    found.push(`memory is kept: the heap is ${kept.toFixed(1)} MB larger with everything closed`);
  return found;
}

function told(figure: string, trend: Trend | null): string {
  if (trend === null) return `${figure}: too few samples for a trend`;
  const { first, last, growth, perMinute, n } = trend;
  const line = `${signed(growth, 2)} MB, ${signed(perMinute, 3)} MB a minute`;
  return `${figure}, second half: ${first.toFixed(1)} to ${last.toFixed(1)} MB; straight line through ${n} samples: ${line}`;
}

function signed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return value < 0 ? text : `+${text}`;
}
