import { errorWithCell } from './errors.js';
import { lineInFile } from './file-line.js';
import { type CellReport, type FailurePlace, firstLine } from './report.js';
import { failingLine } from './source-line.js';

/**
 * Where in the notebook its failure is; null: it is not a cell's.
 * @param text the notebook's file
 * @param shift cells that were put in before this one and are not in the file
 */
export function placeOf(
  error: unknown,
  cells: readonly CellReport[],
  text: string,
  shift: (index: number) => number,
): FailurePlace | null {
  const index = errorWithCell(error);
  const cell = cells.find((each) => each.index === index) ?? cells.find(({ status }) => status === 'died');
  return cell === undefined ? null : placeOfCell(cell, text, shift);
}

export function placeOfCell(cell: CellReport, text: string, shift: (index: number) => number): FailurePlace {
  const line = cell.raised === null ? null : failingLine(cell.raised, cell);
  return {
    ...{ cell, line, text: (line === null ? null : cell.source.split('\n')[line - 1]) ?? firstLine(cell.source) },
    fileLine: lineInFile(text, shift(cell.index), line ?? 1),
  };
}
