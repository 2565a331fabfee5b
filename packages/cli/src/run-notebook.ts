import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  type CatalogEntry,
  CellError,
  executeNotebook,
  injectParameters,
  type Notebook,
  type PlanKernelOptions,
  type RunResult,
  readNotebook,
  writeNotebook,
} from '@kernelkit/core';
import { type FoundKernels, kernelOfNotebook, namedKernel } from './choose.js';
import { INTERRUPT_GRACE } from './deadline.js';
import { currentDirectory } from './directory.js';
import { tracebackText } from './display.js';
import { InputFileError } from './errors.js';
import type { ModeFlags } from './options.js';
import { OutputFile } from './output-file.js';
import { duration, Progress } from './progress.js';
import { errorDocument, reportError } from './report.js';
import type { Session } from './session.js';
import { startKernel } from './start-kernel.js';
import { ExitStatus, statusOf } from './status.js';

/** What `run` does with each of its notebooks. */
export interface RunPlan {
  /** What `-k` names. */
  kernel: string | null;
  parameters: Record<string, unknown> | null;
  /** The kernel's directory; null: the notebook's. */
  cwd: string | null;
  /** Seconds for each cell. */
  timeout: number | null;
  allowErrors: boolean;
  /** How its environment is activated. */
  activation: Pick<PlanKernelOptions, 'activate' | 'dotenv'>;
  /** Who starts it. */
  mode: ModeFlags;
}

/**
 * Executes one notebook and writes the result.
 * @param target where to; null: standard output
 * @param catalog read once, when the first notebook needs it
 * @returns the status of what the notebook did
 * @throws whatever kept it from being executed or written, typed; nothing has been written then
 */
export async function runNotebook(
  session: Session,
  path: string,
  target: string | null,
  plan: RunPlan,
  catalog: () => Promise<FoundKernels>,
): Promise<ExitStatus> {
  const { screen, signal, json } = session;
  const from = performance.now();
  // Looked for while the notebook is read.
  const found = catalog();
  found.catch(() => {});
  const notebook = await read(path);
  // Before the kernel: an hour of computing must not end in "permission denied".
  const output = target === null ? null : await OutputFile.prepare(target);
  const kernels = await found;
  const entry = await choose(session, notebook, plan, kernels);
  const input =
    plan.parameters === null
      ? notebook
      : injectParameters(notebook, plan.parameters, entry.language === '' ? {} : { language: entry.language });
  const cwd = plan.cwd ?? dirname(resolve(path));
  const start = { cwd, sessionName: resolve(path), ...plan.activation };
  const kernel = await startKernel(session, kernels, entry, start, plan.mode);

  let result: RunResult;
  try {
    using progress = new Progress(screen, input, (cell) => {
      if (!json) return;
      const { index, id, status, executionCount, ms } = cell;
      // Its failure ends the session by itself.
      void screen
        .json({ notebook: path, cell: index, id, status, execution_count: executionCount, ms })
        .catch(() => {});
    });
    result = await executeNotebook(input, kernel, {
      timeout: plan.timeout === null ? null : plan.timeout * 1000,
      interruptGrace: INTERRUPT_GRACE,
      allowErrors: plan.allowErrors,
      signal,
      onProgress: (event) => progress.take(event),
      ...kernelspecFor(notebook, entry, plan),
    });
    // Ended by a signal: nothing is written.
    signal.throwIfAborted();
  } catch (error) {
    await kernel.close();
    throw error;
  }
  const text = writeNotebook(result.notebook);
  const closed = kernel.close();
  try {
    await (output === null ? screen.write(text) : output.write(text));
  } finally {
    await closed;
  }

  const spent = duration(performance.now() - from);
  const cells = result.executed === 1 ? '1 cell' : `${result.executed} cells`;
  screen.note(
    `${path}: ${result.status === 'ok' ? 'executed' : 'stopped after'} ${cells} in ${spent}${target === null ? '' : `, written to ${target}`}`,
  );
  if (result.error !== null) {
    if (result.error instanceof CellError) await screen.error(tracebackText(result.error, screen.colour.err));
    reportError(screen, `run ${path}`, result.error);
  }
  if (json) {
    await screen.json({
      notebook: path,
      output: target,
      status: result.status,
      executed: result.executed,
      kernel: { id: entry.id, name: entry.name },
      error: result.error === null ? null : errorDocument(result.error),
    });
  }
  return result.error === null ? ExitStatus.ok : statusOf(result.error);
}

async function read(path: string): Promise<Notebook> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new InputFileError(path, error);
  }
  return readNotebook(bytes);
}

async function choose(
  { screen }: Session,
  notebook: Notebook,
  plan: RunPlan,
  found: FoundKernels,
): Promise<CatalogEntry> {
  if (plan.kernel !== null) return namedKernel(screen, found, plan.kernel, currentDirectory());
  return kernelOfNotebook(screen, found, notebook.metadata);
}

/** The author's choice stays in the document, unless there was none or the user made another. */
function kernelspecFor(notebook: Notebook, entry: CatalogEntry, plan: RunPlan) {
  if (plan.kernel === null && notebook.metadata.kernelspec !== undefined) return {};
  return { kernelspec: { name: entry.name, display_name: entry.displayName, language: entry.language } };
}
