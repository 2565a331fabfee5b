import type { OutputDifference } from '@kernelkit/core';
import { structuredPatch } from 'diff';
import type { Paint } from '../paint.js';

/** Lines that are the same, around those that differ. */
const CONTEXT = 2;
const MISSING = '\\ No newline at end of file';

/** A difference for people: what is stored with `-`, what came with `+`. Each line ends in nothing that a terminal would obey. */
export function differenceText({ part, stored, now }: OutputDifference, paint: Paint, limit: number): string[] {
  if (stored === null)
    return [
      `${part} is new:`,
      ...cut(
        lines(now ?? '').map((line) => paint('green', `+ ${line}`)),
        limit,
      ),
    ];
  if (now === null)
    return [
      `${part} is gone:`,
      ...cut(
        lines(stored).map((line) => paint('red', `- ${line}`)),
        limit,
      ),
    ];
  const { hunks } = structuredPatch('', '', ended(stored), ended(now), '', '', { context: CONTEXT });
  // nothing but the last newline
  if (hunks.length === 0)
    return [`${part} ${stored.endsWith('\n') ? 'has lost its last newline' : 'ends in a newline now'}`];
  const body = hunks.flatMap((hunk, at) => {
    const shown = hunk.lines.filter((line) => line !== MISSING).map((line) => lineOf(line, paint));
    return at === 0 ? shown : [paint('dim', '  …'), ...shown];
  });
  return [`${part} differs:`, ...cut(body, limit)];
}

function lineOf(line: string, paint: Paint): string {
  const [sign, text] = [line[0], visible(line.slice(1))];
  if (sign === '+') return paint('green', `+ ${text}`);
  if (sign === '-') return paint('red', `- ${text}`);
  return `  ${text}`;
}

function lines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n').map(visible);
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}

function cut(all: readonly string[], limit: number): string[] {
  if (all.length <= limit) return [...all];
  return [...all.slice(0, limit), `  … ${all.length - limit} more lines; --verbose shows them`];
}
