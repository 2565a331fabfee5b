import { CellError, CellTimeoutError, KernelkitError } from '@kernelkit/core';
import type { CellReport } from './report.js';

/** How many cells are named. */
const NAMED = 5;

/** With `--check`, outputs are not what is stored. Exit status 1. */
export class OutputDiffersError extends KernelkitError {
  /** Those that differ. */
  readonly cells: readonly CellReport[];

  constructor(cells: readonly CellReport[]) {
    const named = cells.slice(0, NAMED).map(({ index, differences }) => {
      return `cell ${index + 1} (${(differences ?? []).map(({ part }) => part).join(', ')})`;
    });
    const what = cells.length === 1 ? 'a cell has' : `${cells.length} cells have`;
    const more = cells.length > NAMED ? ', …' : '';
    super('output-differs', `${what} other outputs than are stored: ${named.join(', ')}${more}`, {
      fix: 'store the new ones with --inplace; leave out what changes from run to run with --ignore, or a cell by the tag nbval-ignore-output',
    });
    this.cells = cells;
  }
}

/** A directory that was named has no notebook in it. Exit status 8. */
export class NoNotebooksError extends KernelkitError {
  constructor(directory: string) {
    super('no-notebooks', `there is no notebook in ${directory}`, {
      fix: 'name another directory, or the notebooks; hidden directories and those of environments are not looked into',
    });
  }
}

/** `--from` names a cell that there is not. Exit status 2. */
export class NoSuchCellError extends KernelkitError {
  constructor(message: string, fix: string) {
    super('no-such-cell', message, { fix });
  }
}

/** The cell that an error is of, counted from 0; null: of none, or it does not say so. */
export function errorWithCell(error: unknown): number | null {
  return error instanceof CellError || error instanceof CellTimeoutError ? error.cell.index : null;
}
