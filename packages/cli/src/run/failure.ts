import { CellError } from '@kernelkit/core';
import { tracebackText } from '../display.js';
import type { Paint } from '../paint.js';
import { printable } from '../report.js';
import { differing } from './check.js';
import { differenceText } from './differences.js';
import { type CellReport, type FailurePlace, firstLine, type NotebookReport } from './report.js';

/** Lines of a traceback that are shown without --verbose: its beginning says where, its end says what. */
const HEAD = 12;
const TAIL = 28;
/** Lines of what the cell printed: the last ones tell how far it was. */
const PRINTED = 10;
/** Lines of one difference. */
const DIFFERENCE = 40;

/** `a.ipynb: cell 3, line 2 (file line 41): y = x / 0` */
export function placeText(path: string, { cell, line, text, fileLine }: FailurePlace): string {
  const where = [`cell ${cell.index + 1}`, ...(line === null ? [] : [`line ${line}`])].join(', ');
  return `${path}${fileLine === null ? '' : `:${fileLine}`}: ${where}: ${text.trim()}`;
}

/** A traceback that still fits on a screen. */
export function shortTraceback(text: string, verbose: boolean): string {
  const lines = text.split('\n');
  if (verbose || lines.length <= HEAD + TAIL + 1) return text;
  const left = lines.length - HEAD - TAIL;
  return [...lines.slice(0, HEAD), `… ${left} lines left out; --verbose shows them`, ...lines.slice(-TAIL)].join('\n');
}

/** What a cell printed, as a terminal would show it at its end: progress bars write over themselves. */
export function printedText({ printed }: Pick<CellReport, 'printed'>): string {
  const lines = printable(printed, false).replaceAll('\r\n', '\n').split('\n');
  return lines
    .map((line) => line.replace(/\r+$/, '').replace(/^.*\r/s, ''))
    .join('\n')
    .trimEnd();
}

function printedLines(cell: CellReport, { paint, verbose }: Pick<FailureStyle, 'paint' | 'verbose'>): string {
  const text = printedText(cell);
  if (text === '') return '';
  const all = text.split('\n');
  const shown = verbose ? all : all.slice(-PRINTED);
  const cut = shown.length < all.length ? ` (the last ${shown.length} lines; --verbose shows more)` : '';
  return [`  it printed${cut}:`, ...shown.map((line) => `    ${paint('dim', '|')} ${line}`), ''].join('\n');
}

export interface FailureStyle {
  paint: Paint;
  colour: boolean;
  verbose: boolean;
  /** The traceback was printed when it came. */
  isShown: boolean;
}

/** All that is to be said of a notebook that did not go well, before what its error says itself. Empty: nothing. */
export function failureText(report: NotebookReport, style: FailureStyle): string {
  const { paint, colour, verbose, isShown } = style;
  const { path, error, place } = report;
  const parts: string[] = [];
  for (const cell of differing(report.cells)) {
    const head = `${path}: cell ${cell.index + 1}: ${firstLine(cell.source)}`;
    const limit = verbose ? Number.POSITIVE_INFINITY : DIFFERENCE;
    const body = (cell.differences ?? []).flatMap((difference) => differenceText(difference, paint, limit));
    parts.push([paint('bold', printable(head, false)), ...body.map((line) => `  ${line}`), ''].join('\n'));
  }
  if (place !== null) {
    parts.push(`${paint('bold', printable(placeText(path, place), false))}\n`);
    if (!isShown) parts.push(printedLines(place.cell, style));
  }
  if (error instanceof CellError && !(isShown && place?.cell.raised))
    parts.push(shortTraceback(tracebackText(error, colour), verbose));
  return parts.join('');
}
