import type { FoundKernels, Notes } from '../choose.js';
import type { OutputFile } from '../output-file.js';
import { ProgressBoard } from '../progress.js';
import { errorDocument } from '../report.js';
import { type RunShared, runNotebook } from '../run-notebook.js';
import type { Screen } from '../screen.js';
import type { Session } from '../session.js';
import { ExitStatus, worse } from '../status.js';
import { conclude, document, total } from './conclude.js';
import { inOrder, Turns } from './jobs.js';
import { junit } from './junit.js';
import type { NotebookTask, RunPlan } from './plan.js';
import type { NotebookReport } from './report.js';

export interface RunAllOptions {
  /** Notebooks at the same time. */
  jobs: number;
  /** Where JUnit's report goes. */
  junit: OutputFile | null;
  /** Whether failures are marked for GitHub Actions. */
  annotate: boolean;
  catalog: () => Promise<FoundKernels>;
}

/**
 * Executes all notebooks; what keeps one from being executed does not keep the others. What became of each is told in their order. The
 * worst status counts.
 */
export async function runAll(
  session: Session,
  tasks: readonly NotebookTask[],
  plan: RunPlan,
  options: RunAllOptions,
): Promise<ExitStatus> {
  const { screen, signal } = session;
  const begin = performance.now();
  const several = tasks.length > 1;
  const jobs = Math.min(options.jobs, tasks.length);
  let status: ExitStatus = ExitStatus.ok;
  let reports: NotebookReport[];
  let unheard: unknown = null;
  {
    using board = new ProgressBoard(screen, tasks.length, plan.show === null);
    const shared: RunShared = {
      ...{ plan, catalog: options.catalog, board, turns: new Turns(), several, beside: jobs > 1 },
      notes: toldOnce(screen),
    };
    const [task] = tasks;
    // what is told of a notebook alone that a signal ends; of several, each has its own line by then
    session.failure = (error) =>
      several ? { error: errorDocument(error) } : document(notExecuted(task?.path ?? '', error, new Date()));
    reports = await inOrder(
      tasks,
      jobs,
      (one) => attempt(session, one, shared),
      async (report) => {
        if (isLeft(report, signal) && !several) return;
        // nobody reads it any more: that ends the session, and with it the notebooks that are under way
        const own = await conclude(session, report, {
          annotate: options.annotate,
          isShown: plan.show !== null && !session.json,
        }).catch((error: unknown) => {
          unheard ??= error;
          return ExitStatus.ok;
        });
        status = worse(status, own);
      },
    );
  }
  if (several) screen.note(total(reports, performance.now() - begin));
  await options.junit?.write(junit(reports));
  signal.throwIfAborted();
  if (unheard !== null) throw unheard;
  return status;
}

async function attempt(session: Session, task: NotebookTask, shared: RunShared): Promise<NotebookReport> {
  const startedAt = new Date();
  try {
    session.signal.throwIfAborted();
    return await runNotebook(session, task, shared);
  } catch (error) {
    return notExecuted(task.path, session.signal.aborted ? session.signal.reason : error, startedAt);
  }
}

/** What is the same of many notebooks, their kernel above all, is told once. */
function toldOnce(screen: Screen): Notes {
  const told = new Set<string>();
  const once = (tell: (line: string) => void) => (line: string) => {
    if (!told.has(line)) tell(line);
    told.add(line);
  };
  return {
    note: once((line) => screen.note(line)),
    warn: once((line) => screen.warn(line)),
    detail: once((line) => screen.detail(line)),
    paintErr: screen.paintErr,
  };
}

function notExecuted(path: string, error: unknown, startedAt: Date): NotebookReport {
  return {
    ...{ path, error, startedAt, status: 'error', executed: 0, ms: Date.now() - startedAt.getTime() },
    ...{ kernel: null, output: null, cells: [], place: null, nothingStored: null, kept: null, lineOf: () => null },
  };
}

/** A signal ended it, which the session tells. */
function isLeft({ error }: NotebookReport, { aborted, reason }: AbortSignal): boolean {
  return aborted && error === reason;
}
