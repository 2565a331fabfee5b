import { InterruptedError } from '../errors.js';
import { duration } from '../progress.js';
import { errorDocument, quoted, reportError } from '../report.js';
import type { Session } from '../session.js';
import { ExitStatus, statusOf } from '../status.js';
import { annotations } from './annotations.js';
import { differing } from './check.js';
import { OutputDiffersError } from './errors.js';
import { failureText } from './failure.js';
import { beside } from './notebooks.js';
import { type CellReport, firstLine, type NotebookReport } from './report.js';

export interface ConcludeOptions {
  /** Failures are marked for GitHub Actions. */
  annotate: boolean;
  /** Its outputs were printed as they came. */
  isShown: boolean;
}

/** Tells what became of a notebook: people, then CI, then programs. Gives its status. */
export async function conclude(
  session: Session,
  report: NotebookReport,
  { annotate, isShown }: ConcludeOptions,
): Promise<ExitStatus> {
  const { screen, json } = session;
  const { path, error, kept } = report;
  if (report.kernel !== null || report.executed > 0) screen.note(summary(report));
  if (report.nothingStored && comparedOf(report.cells) === 0) {
    screen.warn(`${screen.paintErr('yellow', 'warning:')} ${path} has no stored outputs: nothing was compared`);
  }
  // that a signal ended them all is told once
  const isTold = error instanceof InterruptedError;
  if (error !== null && !isTold) {
    const style = { paint: screen.paintErr, colour: screen.colour.err, verbose: screen.verbose, isShown };
    await screen.error(failureText(report, style));
    reportError(screen, `run ${path}`, error);
  }
  if (kept !== null) screen.warn(`the kernel stays with its state: ${kept.id}\n${next(session, report, kept)}`);
  if (annotate && !isTold) {
    for (const line of annotations(report, report.lineOf)) screen.warn(line);
  }
  if (json) await screen.json(document(report));
  return error === null ? ExitStatus.ok : statusOf(error);
}

/** What became of many notebooks: nobody scrolls through a log for those that failed. */
export function total(reports: readonly NotebookReport[], ms: number): string {
  const failed = reports.filter(({ error }) => error !== null && !(error instanceof InterruptedError));
  const left = reports.filter(({ error }) => error instanceof InterruptedError).length;
  const well = reports.length - failed.length - left;
  const counts = [`${well} ok`];
  if (failed.length > 0) counts.push(`${failed.length} failed`);
  if (left > 0) counts.push(`${left} not finished`);
  const lines = failed.map(({ path, error }) => `  ${path}: ${firstLine(errorDocument(error).message)}`);
  return [`${reports.length} notebooks in ${duration(ms)}: ${counts.join(', ')}`, ...lines].join('\n');
}

function summary({ path, error, executed, ms, output, cells, nothingStored }: NotebookReport): string {
  const count = executed === 1 ? '1 cell' : `${executed} cells`;
  const isWhole = error === null || error instanceof OutputDiffersError;
  const parts = [`${path}: ${isWhole ? 'executed' : 'stopped after'} ${count} in ${duration(ms)}`];
  const compared = comparedOf(cells);
  if (compared > 0) parts.push(`${compared - differing(cells).length} of ${compared} as stored`);
  if (nothingStored) parts.push(`${nothingStored} with nothing stored`);
  if (output !== null) parts.push(`written to ${output}`);
  return parts.join(', ');
}

function comparedOf(cells: readonly CellReport[]): number {
  return cells.filter(({ differences }) => differences !== null).length;
}

/** What to type. */
function next(
  { servers }: Session,
  { path, output }: NotebookReport,
  { id, server }: { id: string; server: string },
): string {
  const given = servers.server?.length === 1 ? servers.server[0]! : server;
  const on = servers.server === undefined ? '' : ` --server ${quoted(given.includes('?') ? server : given)}`;
  const to = output === null || output === beside(path) ? '' : output === path ? ' --inplace' : ` -o ${quoted(output)}`;
  return [
    `  goes on:  kernelkit run ${quoted(path)} -k ${id} --from failed${to}${on}`,
    `  ends it:  kernelkit stop ${id}${on}`,
  ].join('\n');
}

/** The line of `--json`. */
export function document(report: NotebookReport): Record<string, unknown> {
  const { path, output, status, executed, kernel, error, place, kept, nothingStored, cells } = report;
  const at = place && {
    ...{ cell: place.cell.index, id: place.cell.id, line: place.line, text: place.text, file_line: place.fileLine },
  };
  return {
    ...{ notebook: path, output, status, executed, kernel },
    // only where the traceback names a line: that it is a cell, the message says
    error: error === null ? null : { ...errorDocument(error), ...(at !== null && at.line !== null && { at }) },
    ...(nothingStored !== null && {
      check: {
        compared: comparedOf(cells),
        nothing_stored: nothingStored,
        differ: differing(cells).map(({ index, id, differences }) => ({ cell: index, id, differences })),
      },
    }),
    ...(kept !== null && { kept }),
  };
}
