/** The table in docs/kernels.md: a line for each row of the matrix, between two marks. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { withLock } from '../../../../testing/provide/lock.mjs';
import type { Facts, Row } from './row.js';

const FILE = fileURLToPath(new URL('../../../../docs/kernels.md', import.meta.url));
const LOCK = fileURLToPath(new URL('../../../../testing/.cache/kernels-md.lock', import.meta.url));
const BEGIN = '<!-- generated: packages/core/test/matrix -->';
const END = '<!-- end of what is generated -->';

/** Whether this run makes the table, and does not only compare it. */
export const isWritingDocs = process.env.KERNELKIT_WRITE_DOCS === '1';

const yes = (value: boolean): string => (value ? 'yes' : 'no');
const SIGINT = { interrupts: 'interrupts', ends: '**ends it**', ignored: 'ignored' };
const REFUSED = { error: 'an error', asks: 'asks all the same', empty: 'no answer' };

/** Column → what stands in it; some the matrix demands of every kernel. The first names the line; the two last are of one machine and one day. */
const COLUMNS: Record<string, (facts: Facts) => string> = {
  'Unix sockets': ({ ipc }) => yes(ipc),
  'ports of 0': ({ zeroPorts }) => yes(zeroPorts),
  'chosen ports': () => 'yes',
  SIGINT: ({ sigint }) => SIGINT[sigint],
  'interrupt request': ({ interruptRequest }) => interruptRequest,
  'so `interrupt()`': ({ interrupt }) => (interrupt === 'refused' ? 'says it cannot' : `by ${interrupt}`),
  'interrupted cell': ({ interrupted }) => interrupted ?? '–',
  'variables then': ({ interruptKeeps }) => (interruptKeeps === null ? '–' : interruptKeeps ? 'kept' : '**lost**'),
  input: ({ stdin }) => yes(stdin),
  'input refused': ({ stdinRefused }) => (stdinRefused === null ? '–' : REFUSED[stdinRefused]),
  complete: ({ complete }) => yes(complete),
  inspect: ({ inspect }) => yes(inspect),
  'is complete': ({ isComplete }) => isComplete ?? 'no answer',
  display: ({ display }) => yes(display),
  'result comes as': ({ result }) => result,
  errors: ({ errors }) => (errors === 'error' ? 'as such' : '**as text**'),
  echo: ({ executeInput }) => yes(executeInput),
  '10 MB': ({ tenMegabytes }) => (tenMegabytes ? 'whole' : 'cut'),
  restart: () => 'yes',
  ends: ({ shutdown }) => (shutdown === 'asked' ? 'when asked' : 'by SIGTERM'),
};
const MEASURED = ['within', 'version'];
const HEAD = ['kernel', ...Object.keys(COLUMNS), ...MEASURED];

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const cellsOf = (text: string): string[] =>
  text
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

function timeClass(ms: number): string {
  const limit = [100, 250, 500, 1000, 2500, 5000, 10_000].find((each) => ms <= each);
  return limit === undefined ? '> 10 s' : limit < 1000 ? `${limit} ms` : `${limit / 1000} s`;
}

/** The lines of the table by their first cell; none where there is no table yet. */
function linesOf(text: string): Map<string, string> {
  const lines = text.slice(text.indexOf(BEGIN), text.indexOf(END)).split('\n');
  return new Map(lines.filter((each) => each.startsWith('| ')).map((each) => [cellsOf(each)[0]!, each]));
}

/**
 * The kernel's line in the table is what its row says (versions and times aside); or, with KERNELKIT_WRITE_DOCS=1, becomes it.
 *
 * @param endedAfterMs how long it took to end; null where that test did not run
 */
export async function checkOrWriteDocs(row: Row, version: string | null, endedAfterMs: number | null): Promise<void> {
  const facts = Object.values(COLUMNS).map((cell) => cell(row.facts));
  if (!isWritingDocs) {
    const known = linesOf(readFileSync(FILE, 'utf8')).get(row.title);
    expect(cellsOf(known ?? '').slice(0, -MEASURED.length), 'KERNELKIT_WRITE_DOCS=1 writes it').toEqual([
      row.title,
      ...facts,
    ]);
    return;
  }
  expect(endedAfterMs, 'the table is made by whole runs only').not.toBeNull();
  const own = line([row.title, ...facts, timeClass(endedAfterMs!), version ?? '']);
  // Several files of tests run at once, and each writes its own lines.
  await withLock(LOCK, async () => {
    const text = readFileSync(FILE, 'utf8');
    const lines = linesOf(text).set(row.title, own);
    lines.delete('kernel');
    lines.delete('---');
    const table = [line(HEAD), line(HEAD.map(() => '---')), ...[...lines.values()].sort()];
    const before = text.slice(0, text.indexOf(BEGIN) + BEGIN.length);
    writeFileSync(FILE, `${before}\n\n${table.join('\n')}\n\n${text.slice(text.indexOf(END))}`);
  });
}
