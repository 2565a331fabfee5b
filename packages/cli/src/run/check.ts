import { type Cell, CHANGING_TEXT, compareOutputs, type Notebook, tagsOf } from '@kernelkit/core';
import { UsageError } from '../errors.js';
import type { CheckPlan } from './plan.js';
import type { CellReport } from './report.js';

/** Patterns that need no spelling out. */
const NAMED: Readonly<Record<string, readonly RegExp[]>> = {
  '@dates': [
    /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/,
    /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d(?: [A-Z]{3,4})? \d{4}\b/,
    /\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b/,
  ],
  '@durations': [
    /\b\d+(?:\.\d+)? ?(?:ns|[uµμ]s|ms|s|sec(?:onds?)?|min(?:utes?)?|h(?:ours?)?)\b/,
    /\b[\d,]+ loops? each\b/,
  ],
  '@uuids': [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/i],
};

/** `--ignore`, beside what is always ignored. @throws UsageError for what is no regular expression */
export function ignored(given: readonly string[]): RegExp[] {
  // a pattern of one's own for numbers would tear dates apart, and leave pieces of them
  const named = given.flatMap((text) => NAMED[text] ?? []);
  const own = given.flatMap((text) => {
    if (NAMED[text] !== undefined) return [];
    if (/^@\w+$/.test(text)) {
      throw new UsageError(
        `--ignore ${text}: there is no such set of patterns`,
        `${Object.keys(NAMED).join(', ')} are there`,
      );
    }
    try {
      return [new RegExp(text, 'gm')];
    } catch (error) {
      throw new UsageError(`--ignore ${text} is no regular expression: ${(error as Error).message}`);
    }
  });
  return [...named, ...own, ...CHANGING_TEXT];
}

type Mark = 'skip' | 'ignore-output' | 'raises-exception';

const MARKS: Readonly<Record<string, Mark>> = {
  'nbval-skip': 'skip',
  'nbval-ignore-output': 'ignore-output',
  'nbval-raises-exception': 'raises-exception',
  NBVAL_SKIP: 'skip',
  NBVAL_IGNORE_OUTPUT: 'ignore-output',
  NBVAL_RAISES_EXCEPTION: 'raises-exception',
  PYTEST_VALIDATE_IGNORE_OUTPUT: 'ignore-output',
};

const COMMENT = /^\s*(?:#|\/\/|--|%)\s*((?:NBVAL|PYTEST)_[A-Z_]+)\b/gm;

/** Whether a cell says so of itself, in nbval's words: by a tag or a comment. */
export function isMarked(cell: Cell, mark: Mark): boolean {
  const comments = [...cell.source.matchAll(COMMENT)].map(([, word]) => word ?? '');
  return [...tagsOf(cell), ...comments].some((word) => MARKS[word] === mark);
}

/**
 * Compares what cells show with what was stored, into the reports. A cell that never ran has nothing stored, and is not compared.
 * @param before the notebook as it was executed, with the outputs that it had
 * @returns how many cells had nothing stored
 */
export function compareCells(
  before: Notebook,
  after: Notebook,
  cells: readonly CellReport[],
  { ignore, media }: CheckPlan,
): number {
  let without = 0;
  for (const report of cells) {
    const [stored, now] = [before.cells[report.index], after.cells[report.index]];
    if (stored === undefined || now === undefined || !isComparable(report) || isMarked(stored, 'ignore-output'))
      continue;
    if (!wasRun(stored)) without += 1;
    else report.differences = compareOutputs(stored.outputs ?? [], now.outputs ?? [], { ignore, media });
  }
  return without;
}

/** The cell that ended the run is told as its error. */
function isComparable({ status }: CellReport): boolean {
  return status === 'ok' || status === 'error';
}

function wasRun({ execution_count: count, outputs = [] }: Cell): boolean {
  return outputs.length > 0 || (count ?? null) !== null;
}

/** Those with outputs that are not as they were. */
export function differing(cells: readonly CellReport[]): CellReport[] {
  return cells.filter(({ differences }) => differences !== null && differences.length > 0);
}
