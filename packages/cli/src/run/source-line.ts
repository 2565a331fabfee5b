import { stripVTControlCharacters } from 'node:util';
import type { RaisedError } from './report.js';

/**
 * How kernels name a line of the cell that they run, with its execution count. ipykernel 6.5 and later, and SyntaxErrors there; IPython
 * 8.0 to 8.4; IPython before 8, where only an arrow tells the line; xeus-python.
 */
const FRAMES: readonly RegExp[] = [
  /\bCell In\s*\[(\d+)\], line (\d+)/g,
  /\bInput In \[(\d+)\], in <cell line: (\d+)>/g,
  /<ipython-input-(\d+)-[0-9a-f]+>[^\n]*\n(?:(?!\n|<ipython-input-|[~/])[^\n]*\n)*?-+> ?(\d+) /g,
  /^In {1,2}\[(\d+)\]:\nLine (\d+):/gm,
];

/** Of a SyntaxError, where the traceback names the parser's lines and not the cell's. */
const SYNTAX = /\((?:<[^>]*>|\d+\.py|<ipython-input-[^>]*>), line (\d+)\)$/;

/**
 * The line of a cell, from 1, on which an error arose: the innermost one that its traceback names. Null: it names none. What kernels of
 * compiled languages name is a line of what they made of the cell (Deno), and is not taken.
 */
export function failingLine(
  { ename, evalue, traceback }: RaisedError,
  { source, executionCount }: { source: string; executionCount: number | null },
): number | null {
  const text = stripVTControlCharacters(traceback.join('\n'));
  const count = source.split('\n').length;
  const known = (line: number) => Number.isInteger(line) && line >= 1 && line <= count;
  for (const frame of FRAMES) {
    const own = [...text.matchAll(frame)].filter(([, cell]) => Number(cell) === executionCount);
    const line = Number(own.at(-1)?.[2]);
    if (known(line)) return line;
  }
  const line = /^(?:Syntax|Indentation|Tab)Error$/.test(ename) ? Number(SYNTAX.exec(evalue)?.[1]) : Number.NaN;
  return known(line) ? line : null;
}
