import { stripVTControlCharacters } from 'node:util';
import type { KernelEntry, StartFailure } from '@kernelkit/core';
import { own } from './install-kernel/own.js';
import type { Screen } from './screen.js';
import { shownText } from './secrets.js';
import { ExitStatus, statusOf } from './status.js';
import { oneLine } from './width.js';

/** What `--json` says of a failure. */
export interface ErrorDocument {
  kind: string;
  message: string;
  fix: string | null;
  /** The last that the kernel wrote to standard error, where there is a kernel. */
  stderr?: string;
  /** The command line that was tried, where one was. */
  argv?: readonly string[];
  /** Of a start that failed: what its kind has to tell (`module`, `file`, `exit`, …), and how far it got, in milliseconds. */
  failure?: Record<string, unknown>;
  /** The kernels that could have been meant. */
  candidates?: { id: string; name: string; displayName: string; startable: boolean }[];
}

/** What core advises a program to do, said to somebody who uses the command. */
const fixes: Readonly<Record<string, string>> = {
  'input-not-allowed': 'run it at a terminal with `kernelkit exec`, and give the code as an argument or with -f',
  'cell-error': 'tag the cell raises-exception, or use --allow-errors, to go on after it',
  'cell-asked':
    'nobody is asked while a notebook is executed: give the value with -p, in a cell tagged parameters, or read it from a variable of the environment',
  'kernel-died': 'run it again; the last that it wrote to standard error, if anything, is above',
  'cell-timeout': 'allow more time with --timeout, or none to wait for ever',
  'start-timeout': "see what it wrote to standard error; --verbose shows all that the kernel's process writes",
};

/** Lines of a kernel's standard error that are shown without --verbose. */
const TAIL_LINES = 20;

/** A failure as data. */
export function errorDocument(error: unknown): ErrorDocument {
  const failure = partsOf(error);
  return {
    kind: statusOf(error) === ExitStatus.defect ? (failure.kind ?? 'defect') : (failure.kind ?? 'unknown'),
    message: shownText(failure.message),
    fix: failure.fix === null ? null : shownText(failure.fix),
    ...(failure.stderr !== '' && { stderr: failure.stderr }),
    ...(failure.argv.length > 0 && { argv: failure.argv }),
    ...(failure.details !== null && { failure: failure.details }),
    ...(failure.candidates.length > 0 && {
      candidates: failure.candidates.map(({ id, name, displayName, startable }) => ({
        id,
        name,
        displayName,
        startable,
      })),
    }),
  };
}

/** Tells a person on standard error: what was tried, what happened, the kernel's last words, what to do. */
export function reportError(screen: Screen, command: string, error: unknown): void {
  const paint = screen.paintErr;
  const failure = partsOf(error);
  const status = statusOf(error);
  const lines: string[] = [];
  const defect = status === ExitStatus.defect ? 'a defect in kernelkit: ' : '';
  lines.push(`${paint('red', paint('bold', `kernelkit ${command}:`))} ${defect}${failure.message}`);
  if (failure.argv.length > 0) lines.push(`  tried:  ${failure.argv.map(quoted).join(' ')}`);
  if (failure.stderr !== '') {
    const all = printable(failure.stderr, screen.colour.err).trimEnd().split('\n');
    const shown = screen.verbose ? all : all.slice(-TAIL_LINES);
    const cut = shown.length < all.length ? ` (the last ${shown.length} lines; --verbose shows more)` : '';
    lines.push(`  the kernel's standard error${cut}:`, ...shown.map((line) => `    ${paint('dim', '|')} ${line}`));
  }
  if (failure.candidates.length > 0) lines.push('  candidates:', ...failure.candidates.map(candidateLine));
  if (failure.fix !== null) lines.push(`  ${paint('green', 'fix:')}    ${failure.fix}`);
  if (defect !== '' && !screen.verbose) lines.push('  --verbose shows where it happened');
  if (screen.verbose) lines.push(paint('dim', stackOf(error)));
  screen.warn(lines.join('\n'));
}

/** A word of a command line as a POSIX shell would take it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Text of a kernel for a terminal that takes colour or not: without, escape sequences go. */
export function printable(text: string, colour: boolean): string {
  return colour ? text : stripVTControlCharacters(text);
}

function candidateLine(entry: KernelEntry): string {
  return `    ${oneLine(entry.name)}  (${oneLine(entry.displayName)}, ${entry.specFile ?? entry.argv[0] ?? entry.source})  id ${entry.id}`;
}

interface Parts {
  kind: string | null;
  message: string;
  fix: string | null;
  stderr: string;
  argv: readonly string[];
  details: Record<string, unknown> | null;
  candidates: KernelEntry[];
}

/** Read by shape and not by class: that the classes live in core's launch must not make `list` load it. */
function partsOf(error: unknown): Parts {
  if (!(error instanceof Error))
    return { kind: null, message: String(error), fix: null, stderr: '', argv: [], details: null, candidates: [] };
  const given = error as Error & {
    kind?: string;
    ename?: string;
    fix?: string | null;
    stderr?: string;
    death?: { stderr?: string; fix?: string | null; argv?: readonly string[] };
    failure?: StartFailure;
    argv?: readonly string[];
    candidates?: KernelEntry[];
  };
  return {
    kind: given.kind ?? null,
    message: given.message,
    fix: adviceOn(given.failure, given.death?.fix ?? fixes[givenKind(given)] ?? given.fix ?? null),
    stderr: given.stderr ?? given.death?.stderr ?? '',
    argv: given.argv ?? given.death?.argv ?? [],
    details: given.failure === undefined ? null : detailsOf(given.failure),
    candidates: given.candidates ?? [],
  };
}

/** What ipykernel raises where nobody can be asked has its own advice: going on after it would be no help. */
function givenKind({ kind = '', ename }: { kind?: string; ename?: string }): string {
  return kind === 'cell-error' && ename === 'StdinNotImplementedError' ? 'cell-asked' : kind;
}

/** Debian's packages are an administrator's to install: there is a way without one. */
function adviceOn(failure: StartFailure | undefined, fix: string | null): string | null {
  if (failure?.kind !== 'kernel-package-missing' || fix === null || !fix.startsWith('apt ')) return fix;
  return `${fix}   — or, for an environment of your own: ${own('install-kernel')}`;
}

/** Without what is told beside it, and without the environment, which may hold secrets: `explain` shows that, masked. */
function detailsOf(failure: StartFailure): Record<string, unknown> {
  const { kind: _kind, fix: _fix, argv: _argv, stderr: _stderr, environment: _environment, ...details } = failure;
  return details;
}

function stackOf(error: unknown): string {
  const lines: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause)
    lines.push((lines.length === 0 ? '' : 'caused by ') + (at.stack ?? at.message));
  return lines.join('\n');
}
