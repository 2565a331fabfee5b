import { readFile } from 'node:fs/promises';
import { type Cell, type Notebook, readNotebook, tagsOf } from '@kernelkit/core';
import { NoSuchCellError } from './errors.js';
import { hasCode } from './report.js';

/** Where a run goes on. */
export interface Resumed {
  /** The first cell that is executed, counted from 0. */
  index: number;
  /** With what the run before left in the cells that are not executed again. */
  notebook: Notebook;
  /** Cells before it whose source is not what was executed. */
  changed: number[];
}

/** The result of the run before; null: there is none that can be read. */
export async function previousResult(path: string | null): Promise<Notebook | null> {
  if (path === null) return null;
  try {
    return readNotebook(await readFile(path));
  } catch {
    return null;
  }
}

/**
 * @param from `failed`, a cell's id, or its number, counted from 1
 * @param path where the result of the run before was looked for
 * @throws NoSuchCellError
 */
export function resume(
  notebook: Notebook,
  from: string,
  previous: Notebook | null,
  allowErrors: boolean,
  path: string | null = null,
): Resumed {
  const index = from === 'failed' ? failedIn(notebook, previous, allowErrors, path) : named(notebook, from);
  const changed: number[] = [];
  const cells = notebook.cells.map((cell, at) => {
    if (at >= index || cell.cell_type !== 'code') return cell;
    const before = counterpart(cell, at, previous);
    if (before === null) return cell;
    if (before.source !== cell.source) changed.push(at);
    const { outputs, execution_count, metadata } = before;
    const { execution } = metadata;
    return {
      ...{ ...cell, outputs: outputs ?? [], execution_count: execution_count ?? null },
      metadata: { ...cell.metadata, ...(execution !== undefined && { execution }) },
    };
  });
  return { index, notebook: { ...notebook, cells }, changed };
}

function named({ cells }: Notebook, from: string): number {
  const byId = cells.findIndex(({ id }) => id === from);
  if (byId >= 0) return byId;
  const number = /^\d+$/.test(from) ? Number(from) : 0;
  if (number >= 1 && number <= cells.length) return number - 1;
  const fix = `give a number from 1 to ${cells.length}, a cell's id, or: failed`;
  throw new NoSuchCellError(`--from ${from}: the notebook has no such cell`, fix);
}

/** The cell of the notebook at which its last run ended. */
function failedIn(notebook: Notebook, previous: Notebook | null, allowErrors: boolean, path: string | null): number {
  const fix = 'name the cell by its number or id';
  if (previous === null) {
    throw new NoSuchCellError(
      `--from failed: there is no result of an earlier run${path === null ? '' : ` (${path})`} that would tell which cell failed`,
      `${fix}, or, where that result is elsewhere, name it with -o`,
    );
  }
  const at = previous.cells.findIndex((cell) => ended(cell, allowErrors));
  const failed = previous.cells[at];
  if (failed === undefined) throw new NoSuchCellError('--from failed: in the earlier run no cell failed', fix);
  const byId = notebook.cells.findIndex(({ id }) => id === failed.id);
  if (byId >= 0) return byId;
  const injected =
    previous.cells.slice(0, at).filter(isInjected).length - notebook.cells.slice(0, at).filter(isInjected).length;
  if (at - injected < notebook.cells.length) return at - injected;
  throw new NoSuchCellError('--from failed: the cell that failed is not in the notebook any more', fix);
}

function ended(cell: Cell, allowErrors: boolean): boolean {
  const tags = tagsOf(cell);
  if (!hasCode(cell) || tags.includes('skip-execution')) return false;
  if ((cell.execution_count ?? null) === null) return true;
  if (allowErrors || tags.includes('raises-exception')) return false;
  return (cell.outputs ?? []).some(({ output_type }) => output_type === 'error');
}

/** The same cell in the earlier result: by its id; files of old formats have none, there by place and source. */
function counterpart({ id, source }: Cell, at: number, previous: Notebook | null): Cell | null {
  const byId = previous?.cells.find((each) => each.id === id && each.cell_type === 'code');
  if (byId !== undefined) return byId;
  const there = previous?.cells[at];
  return there?.cell_type === 'code' && there.source === source ? there : null;
}

function isInjected(cell: Cell): boolean {
  return tagsOf(cell).includes('injected-parameters');
}
