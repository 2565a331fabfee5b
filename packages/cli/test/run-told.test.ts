import { CellError, compareOutputs, type RunEvent } from '@kernelkit/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { InterruptedError, UsageError } from '../src/errors.js';
import { painter } from '../src/paint.js';
import { ProgressBoard } from '../src/progress.js';
import { errorDocument } from '../src/report.js';
import { ignored } from '../src/run/check.js';
import { total } from '../src/run/conclude.js';
import { failureText } from '../src/run/failure.js';
import { junit } from '../src/run/junit.js';
import type { CellReport, NotebookReport } from '../src/run/report.js';
import type { Screen } from '../src/screen.js';

describe('a cell that takes long, where there is no terminal', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const cell = (source: string) => ({ cell_type: 'code', metadata: {}, source });
  const minute = 60_000;

  test('is told of after a minute, and less and less often, but always within ten', () => {
    const notes: string[] = [];
    const screen = { hasLive: false, liveColumns: 80, live() {}, note: (line: string) => notes.push(line) };
    const board = new ProgressBoard(screen as unknown as Screen, 1, true);
    const cells = [cell('fit(model)'), cell('plot()')];
    const progress = board.begin(cells, 'a.ipynb');
    progress.watch({ status: 'busy' });
    const event = (type: string, index: number) =>
      progress.take({ type, index, cell: cells[index], status: 'ok' } as unknown as RunEvent);
    event('cell-start', 0);
    vi.advanceTimersByTime(minute - 1000);
    expect(notes).toEqual([]);
    vi.advanceTimersByTime(2000);
    expect(notes).toEqual([
      expect.stringMatching(/^ {2}a\.ipynb {2}1\/2 {2}cell 1 {2}busy 1 min 0 s so far: {2}fit\(model\)$/),
    ]);
    vi.advanceTimersByTime(59 * minute);
    const minutes = notes.map((line) => Number(/(\d+) min/.exec(line)?.[1]));
    expect(minutes.slice(0, 4)).toEqual([1, 2, 4, 8]);
    expect(minutes.length).toBeLessThan(16);
    for (const [at, each] of minutes.entries()) expect(each - (minutes[at - 1] ?? 0)).toBeLessThan(10);
    event('cell-end', 0);
    notes.length = 0;
    vi.advanceTimersByTime(10 * minute);
    expect(notes).toEqual([]);
    // the next one begins anew
    event('cell-start', 1);
    vi.advanceTimersByTime(minute + 5000);
    expect(notes).toEqual([expect.stringContaining('plot()')]);
    board[Symbol.dispose]();
    vi.advanceTimersByTime(10 * minute);
    expect(notes).toHaveLength(1);
  });
});

test('many notebooks: how many went well, and those that failed', () => {
  const report = (path: string, error: unknown): NotebookReport => ({
    ...{ path, error, status: 'ok', executed: 1, startedAt: new Date(), ms: 1, kernel: null, output: null, cells: [] },
    ...{ place: null, nothingStored: null, kept: null, lineOf: () => null },
  });
  const failed = new UsageError('cell 3 raised E: much\nand more');
  const reports = [report('a.ipynb', null), report('b.ipynb', failed), report('c.ipynb', null)];
  expect(total([reports[0]!, reports[2]!], 900)).toBe('2 notebooks in 900 ms: 2 ok');
  expect(total(reports, 61_000)).toBe('3 notebooks in 1 min 1 s: 2 ok, 1 failed\n  b.ipynb: cell 3 raised E: much');
  expect(total([...reports, report('d.ipynb', new InterruptedError('SIGINT'))], 5)).toMatch(
    /^4 notebooks in 5 ms: 2 ok, 1 failed, 1 not finished\n {2}b\.ipynb: [^\n]*$/,
  );
});

test('--check: a set of patterns goes before one’s own, which would tear its dates apart', () => {
  const at = (text: string) => [{ output_type: 'stream', name: 'stdout', text } as const];
  const [stored, now] = [at('0.25\n2026-11-30 05:54:10.443\n'), at('0.5\n2026-11-30 05:54:11.223\n')];
  expect(compareOutputs(stored, now, { ignore: ignored(['0\\.\\d+', '@dates']) })).toEqual([]);
});

test('a cell that asks for input: what to do is not to go on after it', () => {
  const fixOf = (ename: string) =>
    errorDocument(new CellError({ index: 0, id: null }, { ename, evalue: '', traceback: [] })).fix;
  expect(fixOf('StdinNotImplementedError')).toContain('-p');
  expect(fixOf('ValueError')).toContain('raises-exception');
});

test('of a cell that failed: the end of what it printed, as a terminal would have it; in JUnit all that is kept', () => {
  const printed = [...Array.from({ length: 30 }, (_, at) => `step ${at}\n`), '\x1b[32m10 %\r', '\x1b[0m90 %\r'].join(
    '',
  );
  const cell: CellReport = {
    ...{ index: 0, id: 'a', source: 'fit()', status: 'error', executionCount: 1, ms: 1, differences: null, printed },
    raised: { ename: 'E', evalue: 'v', traceback: ['E: v'] },
  };
  const well: CellReport = { ...cell, index: 1, status: 'ok', raised: null, printed: 'all is well' };
  const report: NotebookReport = {
    ...{ path: 'a.ipynb', status: 'error', executed: 1, startedAt: new Date(), ms: 1, kernel: null, output: null },
    ...{
      cells: [cell, well],
      error: new CellError({ index: 0, id: 'a' }, cell.raised!),
      nothingStored: null,
      kept: null,
    },
    place: { cell, line: 1, text: 'fit()', fileLine: 9 },
    lineOf: () => 9,
  };
  const style = { paint: painter(false), colour: false, verbose: false, isShown: false };
  const said = failureText(report, style);
  expect(said).toMatch(
    /^a\.ipynb:9: cell 1, line 1: fit\(\)\n {2}it printed \(the last 10 lines; [^\n]*\n {4}\| step 21\n/,
  );
  expect(said).toMatch(/\| step 29\n {4}\| 90 %\nE: v\n$/);
  expect(failureText(report, { ...style, verbose: true })).toMatch(/it printed:\n {4}\| step 0\n/);
  // it went by already
  expect(failureText(report, { ...style, isShown: true })).not.toContain('printed');
  expect(junit([report]).match(/<system-out>[^<]*</g)).toEqual([expect.stringMatching(/>step 0\n[^<]*step 29\n90 %</)]);
});
