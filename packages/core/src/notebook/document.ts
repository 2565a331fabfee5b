import type { JsonObject } from './json.js';

/**
 * A notebook in memory, as nbformat keeps it: every multi-line text is one string. Fields that no format knows are kept.
 * Numbers that JavaScript would spell differently are ExactNumbers.
 */
export interface Notebook {
  nbformat: number;
  nbformat_minor: number;
  metadata: JsonObject;
  cells: Cell[];
  [field: string]: unknown;
}

/** A cell of a notebook; fields that nobody knows stay. */
export interface Cell {
  cell_type: string;
  /** Since 4.5. */
  id?: string;
  metadata: JsonObject;
  source: string;
  /** Code cells only. */
  outputs?: CellOutput[];
  execution_count?: number | null;
  attachments?: Record<string, JsonObject>;
  [field: string]: unknown;
}

/** A stored output of a cell, as nbformat has it. */
export interface CellOutput {
  output_type: string;
  [field: string]: unknown;
}

/** The format that is written: nbformat's current one. */
export const NBFORMAT = 4;
export const NBFORMAT_MINOR = 5;

/** A fresh cell id, like nbformat's: eight hexadecimal digits. */
export function newCellId(): string {
  return globalThis.crypto.randomUUID().slice(0, 8);
}

/** A new code cell with nothing shown. */
export function newCodeCell(source: string, metadata: JsonObject = {}): Cell {
  return { cell_type: 'code', id: newCellId(), metadata, source, outputs: [], execution_count: null };
}

/** An empty notebook of the current format. */
export function newNotebook(cells: Cell[] = [], metadata: JsonObject = {}): Notebook {
  return { nbformat: NBFORMAT, nbformat_minor: NBFORMAT_MINOR, metadata, cells };
}

/** The cell's tags; none when it has none, or something else in their place. */
export function tagsOf(cell: Cell): string[] {
  const { tags } = cell.metadata;
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
}
