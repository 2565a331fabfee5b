import type { Cell, CellStatus, Notebook, OutputDifference, RunEvent } from '@kernelkit/core';

/** Characters of what a cell printed that are kept. */
const PRINTED = 8000;

/** What became of a cell with code. */
export interface CellReport {
  /** Counts all cells from 0. */
  index: number;
  id: string | null;
  source: string;
  /** `not-run`: the notebook ended before it. */
  status: CellStatus | 'not-run';
  executionCount: number | null;
  ms: number;
  /** An error that it raised, allowed or not. */
  raised: RaisedError | null;
  /** The end of what it printed. */
  printed: string;
  /** How its outputs differ from those that are stored; null: they were not compared. */
  differences: readonly OutputDifference[] | null;
}

export interface RaisedError {
  ename: string;
  evalue: string;
  traceback: readonly string[];
}

/** Where in a notebook something went wrong. */
export interface FailurePlace {
  cell: CellReport;
  /** The line of its source, from 1; null: nobody said. */
  line: number | null;
  /** That line's text; without one, the first of the cell. */
  text: string;
  /** The line of the notebook's file that it is on, from 1. */
  fileLine: number | null;
}

/** What became of a notebook. */
export interface NotebookReport {
  path: string;
  status: 'ok' | 'error' | 'timeout' | 'aborted' | 'died';
  /** Cells that were sent to the kernel. */
  executed: number;
  startedAt: Date;
  ms: number;
  kernel: { id: string; name: string } | null;
  /** Where the result is; null: it was not written to a file. */
  output: string | null;
  cells: readonly CellReport[];
  /** Why it ended early, or what else is wrong with it. */
  error: unknown;
  /** The cell that ended it. */
  place: FailurePlace | null;
  /** Cells that were not compared, since nothing is stored for them; null: none was to be. */
  nothingStored: number | null;
  /** The line of the notebook's file that a cell begins on, from 1. */
  lineOf: (cell: CellReport) => number | null;
  /** A kernel that was left running with its state. */
  kept: { id: string; server: string } | null;
}

/** The cells of a run, as they go by. */
export class CellLog {
  readonly cells: CellReport[];
  readonly #byIndex: ReadonlyMap<number, CellReport>;
  #since = 0;

  /** @param first the cell that the run begins with */
  constructor({ cells }: Notebook, first: number) {
    this.cells = cells.flatMap((cell, index) => (index >= first && hasCode(cell) ? [reportOf(cell, index)] : []));
    this.#byIndex = new Map(this.cells.map((report) => [report.index, report]));
  }

  /** For `executeNotebook`'s `onProgress`. Gives the cell that has ended. */
  take(event: RunEvent): CellReport | null {
    const report = this.#byIndex.get(event.index);
    if (report === undefined) return null;
    if (event.type === 'cell-start') this.#since = performance.now();
    else if (event.type === 'output') {
      if (event.output.output_type === 'error') report.raised = event.output;
      else if (event.output.output_type === 'stream')
        report.printed = (report.printed + event.output.text).slice(-PRINTED);
    } else {
      report.status = event.status;
      report.executionCount = event.cell.execution_count ?? null;
      report.ms = Math.round((performance.now() - this.#since) * 10) / 10;
      return report;
    }
    return null;
  }
}

export function hasCode({ cell_type, source }: Cell): boolean {
  return cell_type === 'code' && source.trim() !== '';
}

function reportOf({ id, source }: Cell, index: number): CellReport {
  return {
    ...{ index, id: id ?? null, source, status: 'not-run', executionCount: null, ms: 0 },
    ...{ raised: null, printed: '', differences: null },
  };
}

/** The first line that says something. */
export function firstLine(source: string): string {
  return source.trim().split('\n', 1)[0] ?? '';
}
