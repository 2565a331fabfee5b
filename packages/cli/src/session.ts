import { InterruptedError, ReaderGoneError } from './errors.js';
import { errorDocument, reportError } from './report.js';
import { Screen } from './screen.js';
import type { ServerFlags } from './servers/flags.js';
import { abortOnSignals } from './signals.js';
import { ExitStatus, statusOf } from './status.js';

/** Milliseconds after a signal until it is told that the end takes its time. */
const PATIENCE = 1000;
const ENDING = 'ending what runs, in order; a second Ctrl-C ends it at once';

/** The options that every subcommand takes. */
export interface CommonOptions {
  json: boolean;
  /** False: --no-cache. */
  cache: boolean;
  verbose: boolean;
  quiet: boolean;
  colour: boolean;
  /** --server and what belongs to it. */
  servers: ServerFlags;
}

/** What a subcommand works with. */
export interface Session {
  screen: Screen;
  /** Aborts on Ctrl-C, SIGTERM, SIGHUP, and when standard output can no longer be written. Its reason is a typed error. */
  signal: AbortSignal;
  json: boolean;
  cache: boolean;
  /** The Jupyter servers whose kernels count as well. */
  servers: ServerFlags;
  /** Work that goes on beside the command, and that its end waits for. It does not fail. */
  beside: (work: Promise<void>) => void;
  /** Makes the document that --json prints for a failure; a command that streams replaces it by its own last line. */
  failure: (error: unknown) => unknown;
  /** Tells a failure on standard error; a command whose standard error is data replaces it. */
  report: (error: unknown) => void;
}

/**
 * Runs a subcommand's body: from the signals to the exit status, with every failure told once.
 * @param command its name, for messages
 */
export async function inSession(
  command: string,
  options: CommonOptions,
  body: (session: Session) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const ending = new AbortController();
  const screen = new Screen(options, (error) => ending.abort(error));
  const besides: Promise<void>[] = [];
  const session: Session = {
    screen,
    beside: (work) => void besides.push(work),
    signal: ending.signal,
    json: options.json,
    cache: options.cache,
    servers: options.servers,
    failure: (error) => ({ error: errorDocument(error) }),
    report(error) {
      if (error instanceof InterruptedError) screen.note(`kernelkit ${command}: ${error.message}`);
      else reportError(screen, command, error);
    },
  };
  const stopListening = abortOnSignals(ending);
  let patience: NodeJS.Timeout | undefined;
  // a kernel that does not heed an interrupt takes seconds, and whoever is told nothing takes the command for hung
  ending.signal.addEventListener('abort', () => {
    if (!(ending.signal.reason instanceof InterruptedError)) return;
    patience = setTimeout(() => screen.note(ENDING), PATIENCE);
  });
  let status: ExitStatus;
  try {
    status = await body(session);
    // A signal that came when everything was done already still decides what the caller is told.
    if (ending.signal.aborted) status = await told(ending.signal.reason, session);
  } catch (error) {
    // What an abort made of whatever was under way says less than its reason.
    status = await told(ending.signal.aborted ? ending.signal.reason : error, session);
  }
  await Promise.all(besides);
  clearTimeout(patience);
  screen.live('');
  await screen.flush();
  stopListening();
  return status;
}

async function told(error: unknown, session: Session): Promise<ExitStatus> {
  const { screen } = session;
  screen.live('');
  if (error instanceof ReaderGoneError) return ExitStatus.ok;
  session.report(error);
  if (session.json) await screen.json(session.failure(error)).catch(() => {});
  return statusOf(error);
}
