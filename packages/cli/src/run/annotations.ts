import { isAbsolute, relative, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { painter } from '../paint.js';
import { errorDocument } from '../report.js';
import { differing } from './check.js';
import { differenceText } from './differences.js';
import { type CellReport, firstLine, type NotebookReport } from './report.js';

/** Characters of a message: GitHub cuts what is longer than 4 KiB. */
const LENGTH = 3500;

/**
 * What went wrong with a notebook as workflow commands of GitHub Actions, which shows them beside the file's lines.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 * @param lineOf the line of the file that a cell begins on
 */
export function annotations(
  report: NotebookReport,
  lineOf: (cell: CellReport) => number | null,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string[] {
  const { path, place, error } = report;
  const file = inWorkspace(path, env.GITHUB_WORKSPACE);
  const of = (line: number | null, title: string, message: string) => command({ file, line, title }, message);
  const found = differing(report.cells).map((cell) => {
    const text = (cell.differences ?? []).flatMap((difference) => differenceText(difference, painter(false), 40));
    return of(lineOf(cell), `cell ${cell.index + 1}: other outputs than are stored`, text.join('\n'));
  });
  if (error === null || errorDocument(error).kind === 'output-differs') return found;
  const { message } = errorDocument(error);
  if (place === null) return [...found, of(null, 'the notebook was not executed', message)];
  const { cell, line, fileLine, text } = place;
  const where = `cell ${cell.index + 1}${line === null ? '' : `, line ${line}`}`;
  const title = cell.raised === null ? `${where}: ${firstLine(cell.source)}` : `${where}: ${cell.raised.ename}`;
  const traceback = cell.raised?.traceback.join('\n') ?? '';
  return [...found, of(fileLine, title, [message, text.trim(), '', traceback].join('\n').trim())];
}

/** GitHub knows files by their path in the repository. */
function inWorkspace(path: string, workspace: string | undefined): string {
  const from = relative(workspace || process.cwd(), resolve(path));
  return (from.startsWith('..') || isAbsolute(from) ? path : from).replaceAll('\\', '/');
}

/** `::error file=a,line=1,title=b::text`, escaped as actions/toolkit does (packages/core/src/command.ts). */
export function command(
  { file, line, title }: { file: string; line: number | null; title: string },
  message: string,
): string {
  const properties = { file, ...(line !== null && { line: String(line) }), title };
  const given = Object.entries(properties).map(
    ([name, value]) => `${name}=${data(value).replaceAll(':', '%3A').replaceAll(',', '%2C')}`,
  );
  return `::error ${given.join(',')}::${data(message.slice(0, LENGTH))}`;
}

function data(text: string): string {
  return stripVTControlCharacters(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
