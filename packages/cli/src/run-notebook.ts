import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  type CatalogEntry,
  executeNotebook,
  injectParameters,
  type Kernel,
  type Notebook,
  type RunResult,
  readNotebook,
  writeNotebook,
} from '@kernelkit/core';
import { type FoundKernels, kernelOfNotebook, type Notes, namedKernel } from './choose.js';
import { INTERRUPT_GRACE } from './deadline.js';
import { currentDirectory } from './directory.js';
import { InputFileError } from './errors.js';
import { OutputFile } from './output-file.js';
import type { Progress, ProgressBoard } from './progress.js';
import { compareCells, differing, isMarked } from './run/check.js';
import { OutputDiffersError } from './run/errors.js';
import { lineInFile } from './run/file-line.js';
import type { Turns } from './run/jobs.js';
import { isRunning, type StayingStart, startToStay } from './run/keep.js';
import { placeOf } from './run/place.js';
import type { NotebookTask, RunPlan, Target } from './run/plan.js';
import { CellLog, type CellReport, type NotebookReport } from './run/report.js';
import { resultFile } from './run/result-file.js';
import { previousResult, resume } from './run/resume.js';
import { ShownOutputs } from './run/show.js';
import type { Session } from './session.js';
import { startKernel } from './start-kernel.js';

/** What the notebooks of a run have in common. */
export interface RunShared {
  plan: RunPlan;
  /** Read once, when the first notebook needs it. */
  catalog: () => Promise<FoundKernels>;
  board: ProgressBoard;
  turns: Turns;
  /** Where it is told which kernels were taken. */
  notes: Notes;
  /** Others run beside it, or after it: what an end by a signal left of it is written then, as theirs is. */
  several: boolean;
  /** Several at once. */
  beside: boolean;
}

/**
 * Executes one notebook and writes the result.
 * @returns what the notebook did
 * @throws whatever kept it from being executed or written, typed; nothing has been written then
 */
export async function runNotebook(session: Session, task: NotebookTask, shared: RunShared): Promise<NotebookReport> {
  const { path, target } = task;
  const { plan } = shared;
  // Looked for while the notebook is read.
  const found = shared.catalog();
  found.catch(() => {});
  const { notebook: given, text } = await read(path);
  const begun = plan.from === null ? null : await resumed(session, task, given, plan, plan.from);
  // Before the kernel: an hour of computing must not end in "permission denied".
  const output = await prepared(target);
  const kernels = await found;
  const notebook = begun?.notebook ?? given;
  const entry = await choose(shared.notes, notebook, plan, kernels);
  const language = entry.language === '' ? {} : { language: entry.language };
  const input = plan.parameters === null ? notebook : injectParameters(notebook, plan.parameters, language);
  const endTurn = isRunning(entry) ? await shared.turns.take(entry.id) : null;
  try {
    session.signal.throwIfAborted();
    const run = new NotebookRun(session, task, shared, { given: notebook, input, text, first: begun?.index ?? 0 });
    return await run.on(kernels, entry, output);
  } finally {
    endTurn?.();
  }
}

interface Documents {
  /** As it was read, and the file's text. */
  given: Notebook;
  text: string;
  /** As it is executed. */
  input: Notebook;
  /** The cell that is begun with. */
  first: number;
}

class NotebookRun {
  readonly #session: Session;
  readonly #task: NotebookTask;
  readonly #shared: RunShared;
  readonly #documents: Documents;
  readonly #log: CellLog;
  readonly #startedAt = new Date();
  readonly #begin = performance.now();

  constructor(session: Session, task: NotebookTask, shared: RunShared, documents: Documents) {
    this.#session = session;
    this.#task = task;
    this.#shared = shared;
    this.#documents = documents;
    this.#log = new CellLog(documents.input, documents.first);
  }

  async on(kernels: FoundKernels, entry: CatalogEntry, output: OutputFile | null): Promise<NotebookReport> {
    const { plan, board, beside } = this.#shared;
    const session = this.#session;
    const { input, first } = this.#documents;
    using progress = board.begin(input.cells.slice(first), beside ? this.#task.path : null);
    const start = {
      ...{ cwd: plan.cwd ?? dirname(resolve(this.#task.path)), sessionName: resolve(this.#task.path) },
      ...plan.activation,
    };
    const stays = plan.keepKernel && !isRunning(entry) ? await startToStay(session, kernels, entry, start) : null;
    let result: RunResult;
    let isKept = false;
    try {
      const kernel = await startKernel(session, kernels, stays?.entry ?? entry, start, plan.mode);
      try {
        result = await this.#execute(kernel, entry, progress);
        progress[Symbol.dispose]();
        // Ended by a signal: nothing is written, but where others were begun with it.
        if (!this.#shared.several) session.signal.throwIfAborted();
      } catch (error) {
        await kernel.close();
        throw error;
      }
      const text = writeNotebook(result.notebook);
      const closed = kernel.close();
      try {
        if (this.#task.target.kind === 'stdout') await session.screen.write(text);
        else if (result.executed > 0 || result.status === 'ok') await output?.write(text);
      } finally {
        await closed;
      }
      isKept = mayGoOn(result);
    } finally {
      if (stays !== null && !isKept) await stays.end();
    }
    return this.#report(result, entry, isKept ? stays : null);
  }

  async #execute(kernel: Kernel, entry: CatalogEntry, progress: Progress): Promise<RunResult> {
    const { plan } = this.#shared;
    const { path } = this.#task;
    const { screen, json, signal } = this.#session;
    const { input, first } = this.#documents;
    const shown = plan.show === null ? null : new ShownOutputs(this.#session, path, plan.show);
    progress.watch(kernel);
    if (shown !== null) progress.tellBy((print) => shown.after(print));
    const result = await executeNotebook(input, kernel, {
      timeout: plan.timeout === null ? null : plan.timeout * 1000,
      interruptGrace: INTERRUPT_GRACE,
      allowErrors: plan.allowErrors,
      signal,
      skip: (cell, index) => index < first || (plan.check !== null && isMarked(cell, 'skip')),
      mayRaise: (cell) => plan.check !== null && isMarked(cell, 'raises-exception'),
      onProgress: (event) => {
        if (event.index < first) return;
        progress.take(event);
        if (event.type === 'output') shown?.take(event.index, event.output);
        const ended = this.#log.take(event);
        // Its failure ends the session by itself.
        if (ended !== null && json) void screen.json(lineOf(path, ended)).catch(() => {});
      },
      ...this.#kernelspec(entry),
    });
    await shown?.finish();
    return result;
  }

  #report(result: RunResult, entry: CatalogEntry, kept: StayingStart | null): NotebookReport {
    const { path, target } = this.#task;
    const { check } = this.#shared.plan;
    const { input, text } = this.#documents;
    const { cells } = this.#log;
    const shift = this.#shift();
    const nothingStored = check === null ? null : compareCells(input, result.notebook, cells, check);
    const different = differing(cells);
    // why the signal came says more than that it came
    const ended = result.status === 'aborted' ? this.#session.signal.reason : result.error;
    const error = ended ?? (different.length > 0 ? new OutputDiffersError(different) : null);
    const isWritten = target.kind === 'file' && (result.executed > 0 || result.status === 'ok');
    return {
      ...{ path, executed: result.executed, startedAt: this.#startedAt, ms: performance.now() - this.#begin },
      status: result.status === 'ok' && error !== null ? 'error' : result.status,
      kernel: { id: entry.id, name: entry.name },
      output: isWritten ? target.path : null,
      ...{ cells, error, nothingStored },
      place: result.error === null ? null : placeOf(result.error, cells, text, shift),
      lineOf: (cell) => lineInFile(text, shift(cell.index), 1),
      kept: kept === null ? null : { id: kept.id, server: kept.server },
    };
  }

  /** From a cell's place to its place in the file, which has no cell that was put in. */
  #shift(): (index: number) => number {
    const { given, input } = this.#documents;
    const places = new Map(given.cells.map((cell, index) => [cell, index]));
    return (index) => places.get(input.cells[index]!) ?? -1;
  }

  /** The author's choice stays in the document, unless there was none or the user made another. */
  #kernelspec(entry: CatalogEntry) {
    const { kernel, from } = this.#shared.plan;
    if ((kernel === null || from !== null) && this.#documents.given.metadata.kernelspec !== undefined) return {};
    return { kernelspec: { name: entry.name, display_name: entry.displayName, language: entry.language } };
  }
}

/** A kernel that is gone, or that has nothing left to do, is not kept. */
function mayGoOn({ status }: RunResult): boolean {
  return status === 'error' || status === 'timeout';
}

function lineOf(path: string, { index, id, status, executionCount, ms }: CellReport): Record<string, unknown> {
  return { notebook: path, cell: index, id, status, execution_count: executionCount, ms };
}

async function read(path: string): Promise<{ notebook: Notebook; text: string }> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new InputFileError(path, error);
  }
  return { notebook: readNotebook(bytes), text: new TextDecoder().decode(bytes) };
}

async function prepared(target: Target): Promise<OutputFile | null> {
  if (target.kind !== 'file') return null;
  return target.makeDirectory ? resultFile(target.path, '-o') : OutputFile.prepare(target.path);
}

async function resumed(
  { screen }: Session,
  { path, target }: NotebookTask,
  notebook: Notebook,
  { allowErrors }: RunPlan,
  from: string,
) {
  const place = target.kind === 'file' ? target.path : path;
  const begun = resume(notebook, from, await previousResult(place), allowErrors, place);
  if (begun.changed.length > 0) {
    const cells = begun.changed.map((index) => index + 1).join(', ');
    screen.warn(
      `${screen.paintErr('yellow', 'warning:')} ${path}: not executed again, though other than when it was: cell ${cells}`,
    );
  }
  return begun;
}

async function choose(notes: Notes, notebook: Notebook, plan: RunPlan, found: FoundKernels): Promise<CatalogEntry> {
  if (plan.kernel !== null) return namedKernel(notes, found, plan.kernel, currentDirectory());
  return kernelOfNotebook(notes, found, notebook.metadata);
}
