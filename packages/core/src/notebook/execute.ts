import type { JupyterMessage } from '@kernelkit/protocol';
import { AbortedError, KernelkitError } from '../errors/index.js';
import type { ExecuteOptions, ExecuteResult, Execution, OutputEvent } from '../kernel/index.js';
import { RunningCells } from './cells.js';
import { type Cell, type Notebook, tagsOf } from './document.js';
import { CellError, type CellPlace, CellTimeoutError } from './errors.js';
import { waitFor } from './wait.js';
import type { CommSender } from './widgets.js';

/** What running a notebook needs of a kernel. `Kernel` has it. */
export interface NotebookKernel {
  /** The content of its kernel_info_reply. */
  readonly info: { language_info?: unknown };
  execute(code: string, options?: ExecuteOptions): Execution;
  interrupt(): Promise<void>;
  /** Calls the listener for every message on iopub. Returns what ends it. */
  onIopub(listener: (message: JupyterMessage) => void): () => void;
  /** For Output widgets, whose content is sent back to the kernel; without it they are only recorded. */
  registerCommTarget?(name: string, target: (comm: CommSender) => void): () => void;
}

/** Which cells are executed, what they may do, and who hears of each. */
export interface RunOptions {
  /** Milliseconds that a cell may take, or a function that says so for each; null: as long as it likes (default). */
  timeout?: number | null | ((cell: Cell, index: number) => number | null);
  /** Milliseconds that the kernel has to heed an interrupt, after a timeout or an abort. Default 10,000. */
  interruptGrace?: number;
  /** Goes on after errors. Default false; a cell tagged `raises-exception` always may. */
  allowErrors?: boolean;
  /** Goes on after errors of these names (`ename`). */
  allowErrorNames?: readonly string[];
  /** Cells with one of these tags are not executed. Default `skip-execution`. */
  skipTags?: readonly string[];
  /** Cells for which this is true are not executed either, and keep what they show. */
  skip?: (cell: Cell, index: number) => boolean;
  /** Cells for which this is true may raise an error, as those tagged `raises-exception` may. */
  mayRaise?: (cell: Cell, index: number) => boolean;
  /** Writes times into `metadata.execution` of each cell. Default true. */
  recordTiming?: boolean;
  /** Keeps the state of widgets in `metadata.widgets`. Default true. */
  storeWidgetState?: boolean;
  /** Written into the notebook's metadata. Default: what is there stays. */
  kernelspec?: { name: string; display_name: string; language?: string };
  /** Aborting interrupts the kernel and ends the run with what there is. */
  signal?: AbortSignal;
  /** Called for each step. `index` counts all cells from 0. */
  onProgress?: (event: RunEvent) => void;
}

/** How a cell ended. */
export type CellStatus = 'ok' | 'error' | 'skipped' | 'timeout' | 'aborted' | 'died';

/** A step of a run. */
export type RunEvent =
  | { type: 'cell-start'; index: number; total: number; cell: Cell }
  | { type: 'output'; index: number; output: OutputEvent }
  /** `error` is an allowed status too: the run goes on when the cell may raise. `cell` has its outputs. */
  | { type: 'cell-end'; index: number; total: number; cell: Cell; status: CellStatus };

/** How a run ended, and the notebook that it made. */
export interface RunResult {
  status: 'ok' | 'error' | 'timeout' | 'aborted' | 'died';
  /** The notebook with everything executed so far, whatever the status: a new one, the input stays as it was. */
  notebook: Notebook;
  /** Why it ended early: CellError, CellTimeoutError, AbortedError, or how the kernel was lost. Null when it did not. */
  error: Error | null;
  /** Code cells that were sent to the kernel. */
  executed: number;
}

/**
 * Executes a notebook's code cells in order, with nbclient's rules: cells that are empty, not code or tagged to be skipped are
 * left as they are; the first error that is not allowed ends the run. Never rejects for what the notebook or kernel does.
 */
export async function executeNotebook(
  notebook: Notebook,
  kernel: NotebookKernel,
  options: RunOptions = {},
): Promise<RunResult> {
  const run = new NotebookRun(notebook, kernel, options);
  try {
    return await run.all();
  } finally {
    run.close();
  }
}

type End = { status: Exclude<CellStatus, 'skipped'>; error: Error | null };

class NotebookRun {
  readonly #notebook: Notebook;
  readonly #kernel: NotebookKernel;
  readonly #options: RunOptions;
  readonly #cells: RunningCells;
  readonly #stops: (() => void)[];
  #executed = 0;

  constructor(notebook: Notebook, kernel: NotebookKernel, options: RunOptions) {
    const cells = notebook.cells.map((cell) => ({ ...cell, metadata: { ...cell.metadata } }));
    this.#notebook = { ...notebook, metadata: { ...notebook.metadata }, cells };
    this.#kernel = kernel;
    this.#options = options;
    this.#cells = new RunningCells({
      recordTiming: options.recordTiming ?? true,
      onOutput: (index, output) => options.onProgress?.({ type: 'output', index, output }),
    });
    this.#stops = [kernel.onIopub((message) => this.#cells.take(message))];
    const stop = kernel.registerCommTarget?.('jupyter.widget', (comm) => this.#cells.widgets.connect(comm));
    if (stop !== undefined) this.#stops.push(stop);
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  async all(): Promise<RunResult> {
    const { metadata, cells } = this.#notebook;
    const { language_info: language } = this.#kernel.info;
    if (language !== undefined) metadata.language_info = language;
    if (this.#options.kernelspec !== undefined) metadata.kernelspec = this.#options.kernelspec;
    let end: End = { status: 'ok', error: null };
    for (let index = 0; index < cells.length && end.error === null; index += 1)
      end = await this.#step(cells[index]!, index);
    this.#cells.flush();
    const widgets = this.#options.storeWidgetState === false ? null : this.#cells.widgets.metadata();
    if (widgets !== null) metadata.widgets = widgets;
    return { status: end.status, notebook: this.#notebook, error: end.error, executed: this.#executed };
  }

  /** One cell; `error` in what it gives ends the run. */
  async #step(cell: Cell, index: number): Promise<End> {
    const { onProgress, signal } = this.#options;
    const total = this.#notebook.cells.length;
    if (signal?.aborted) return { status: 'aborted', error: new AbortedError('the run', signal.reason) };
    onProgress?.({ type: 'cell-start', index, total, cell });
    const skipped = this.#skips(cell, index);
    const end: End = skipped ? { status: 'ok', error: null } : await this.#execute(cell, index);
    this.#cells.flush();
    onProgress?.({ type: 'cell-end', index, total, cell, status: skipped ? 'skipped' : end.status });
    return end;
  }

  #skips(cell: Cell, index: number): boolean {
    const { skipTags = ['skip-execution'], skip } = this.#options;
    if (cell.cell_type !== 'code' || cell.source.trim() === '') return true;
    return tagsOf(cell).some((tag) => skipTags.includes(tag)) || skip?.(cell, index) === true;
  }

  async #execute(cell: Cell, index: number): Promise<End> {
    const { timeout: limit = null, allowErrors = false, interruptGrace = 10_000, signal, mayRaise } = this.#options;
    const mayFail = allowErrors || tagsOf(cell).includes('raises-exception') || mayRaise?.(cell, index) === true;
    const timeout = typeof limit === 'function' ? limit(cell, index) : limit;
    this.#executed += 1;
    const execution = this.#kernel.execute(cell.source, {
      stopOnError: !mayFail,
      // The cells keep what it shows.
      collect: false,
      ...(cell.id !== undefined && { metadata: { cellId: cell.id } }),
    });
    this.#cells.begin(execution.id, cell, index);
    const waited = await waitFor(execution, {
      timeout,
      ...(signal && { signal }),
      grace: interruptGrace,
      // An interrupt that fails means that the kernel is gone, which the execution says better.
      interrupt: () => void this.#kernel.interrupt().catch(() => {}),
    });
    if (waited.result !== null) {
      cell.execution_count = waited.result.executionCount ?? this.#executed;
      this.#cells.replied(execution.id, waited.result);
    }
    const place: CellPlace = { index, id: cell.id ?? null };
    const ended = waited.result !== null || waited.failure !== null;
    if (waited.stopped === 'timeout')
      return { status: 'timeout', error: new CellTimeoutError(place, timeout ?? 0, ended) };
    if (waited.stopped === 'aborted')
      return { status: 'aborted', error: new AbortedError(`cell ${index + 1}`, signal?.reason) };
    if (waited.failure !== null) return this.#lost(place, waited.failure, mayFail);
    return waited.result === null ? { status: 'ok', error: null } : this.#judge(place, waited.result, mayFail);
  }

  #judge(place: CellPlace, result: ExecuteResult, mayFail: boolean): End {
    if (result.status === 'ok') return { status: 'ok', error: null };
    const error = result.error ?? { ename: 'Aborted', evalue: 'the kernel did not run the cell', traceback: [] };
    const allowed = mayFail || (this.#options.allowErrorNames?.includes(error.ename) ?? false);
    return { status: 'error', error: allowed ? null : new CellError(place, error) };
  }

  /** The execution rejected. A question that nobody answers is the cell's fault; everything else is the end of the kernel. */
  #lost(place: CellPlace, failure: Error, mayFail: boolean): End {
    if (!(failure instanceof KernelkitError) || failure.kind !== 'input-not-allowed')
      return { status: 'died', error: failure };
    const error = { ename: failure.name, evalue: failure.message, traceback: [] };
    return { status: 'error', error: mayFail ? null : new CellError(place, error) };
  }
}
