import { KernelkitError } from '../errors/index.js';

/**
 * `not-json`: the file is not JSON, or ends too early. `not-a-notebook`: JSON, but no notebook. `unsupported-version`: a
 * notebook of a format that is not read. `invalid`: a notebook, with a field of a wrong type or missing.
 */
export type NotebookErrorKind = 'not-json' | 'not-a-notebook' | 'unsupported-version' | 'invalid';

/** Where a notebook is broken. */
export interface NotebookErrorDetails {
  /** `not-json`: where, counted from 1; `column` in UTF-16 units. */
  line?: number;
  column?: number;
  /** `not-json`: the text ends before the document does. */
  truncated?: boolean;
  /** `invalid`: the field, as in `cells[3].outputs[0].data`. */
  path?: string;
  expected?: string;
  got?: string;
  fix?: string;
  cause?: unknown;
}

/** A notebook file that cannot be read. */
export class NotebookError extends KernelkitError {
  declare readonly kind: NotebookErrorKind;
  readonly line: number | null;
  readonly column: number | null;
  readonly truncated: boolean;
  readonly path: string | null;
  readonly expected: string | null;
  readonly got: string | null;

  constructor(kind: NotebookErrorKind, message: string, details: NotebookErrorDetails = {}) {
    super(kind, message, { fix: details.fix ?? null, cause: details.cause });
    this.line = details.line ?? null;
    this.column = details.column ?? null;
    this.truncated = details.truncated ?? false;
    this.path = details.path ?? null;
    this.expected = details.expected ?? null;
    this.got = details.got ?? null;
  }
}

/** Parameters that cannot be written in the notebook's language. */
export class ParametersError extends KernelkitError {
  constructor(kind: 'unknown-language' | 'untranslatable-parameter', message: string, fix: string) {
    super(kind, message, { fix });
  }
}

/** Which cell of a run: its index counts all cells from 0. */
export interface CellPlace {
  index: number;
  /** The cell's id, where it has one. */
  id: string | null;
}

/** A cell raised an error that neither its tags nor the options allow. */
export class CellError extends KernelkitError {
  readonly cell: CellPlace;
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];

  constructor(cell: CellPlace, error: { ename: string; evalue: string; traceback: readonly string[] }) {
    super('cell-error', `cell ${cell.index + 1} raised ${error.ename}: ${error.evalue}`, {
      fix: 'tag the cell raises-exception, or allow errors, to go on after it',
    });
    this.cell = cell;
    this.ename = error.ename;
    this.evalue = error.evalue;
    this.traceback = error.traceback;
  }
}

/** A cell ran longer than it may. `ended` tells whether the interrupt got the kernel out of it. */
export class CellTimeoutError extends KernelkitError {
  readonly cell: CellPlace;
  /** Milliseconds. */
  readonly timeout: number;
  readonly ended: boolean;

  constructor(cell: CellPlace, timeout: number, ended: boolean) {
    super('cell-timeout', `cell ${cell.index + 1} ran longer than ${timeout / 1000} s`, {
      fix: ended ? 'give it more time' : 'give it more time; the kernel did not heed the interrupt and is still busy',
    });
    this.cell = cell;
    this.timeout = timeout;
    this.ended = ended;
  }
}
