import { type Failed, type Mark, type Row, type RowSide, reached } from './rows.js';

function number(value: number): string {
  if (Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 1000) return Math.round(value).toLocaleString('en');
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

function mark({ is, value }: Mark): string {
  return { 'at most': '≤ ', 'at least': '≥ ', exactly: '' }[is] + number(value);
}

function figure({ figure, unit }: Row): string {
  return unit === '÷' || unit === '' ? number(figure) : `${number(figure)} ${unit}`;
}

function side({ name, median, min, max, n }: RowSide, unit: string): string {
  const spread = n > 1 ? ` [${number(min)}–${number(max)}], n=${n}` : '';
  return `${name}: ${number(median)} ${unit}${spread}`;
}

function best(row: Row): string[] {
  return row.best === undefined ? [] : [`best ÷ best: ${number(row.best)}`];
}

function verdict(row: Row): string {
  const is = reached(row);
  return is === null ? '' : is ? 'reached' : 'MISSED';
}

/** A row for a terminal. */
export function line(row: Row | Failed): string {
  if ('failed' in row) return `  ${row.what}: NOT MEASURED: ${row.failed}`;
  const against = row.mark === null ? '' : `  (mark ${mark(row.mark)}: ${verdict(row)})`;
  const sides = row.sides.map((each) => `\n      ${side(each, row.measured)}`).join('');
  const at = best(row).map((text) => ` (${text})`);
  return `  ${row.what}: ${figure(row)}${at}${against}${sides}${row.note === undefined ? '' : `\n      ${row.note}`}`;
}

/** The page bench/RESULTS.md. */
export function page(
  facts: readonly (readonly [string, string])[],
  rows: readonly (Row | Failed)[],
  minutes: number,
): string {
  const measured = rows.filter((row): row is Row => !('failed' in row));
  const marked = measured.filter((row) => row.mark !== null);
  const good = marked.filter((row) => reached(row) === true).length;
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const lines = [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; not edited. Each line compares two ways to do the same thing, on the same machine, measured in turn',
    '(every second round in reverse order, after one that does not count). A figure is the ratio of the medians, unless it has a',
    'unit; beside it are the ratio of the best measurements, and the medians with the smallest and largest measurement.',
    '',
    ...facts.map(([what, value]) => `- ${what}: ${value}`),
    `- The run took ${minutes.toFixed(1)} minutes`,
    '',
    `${good} of ${marked.length} marks reached.`,
    '',
    '| what | figure | mark | | measured |',
    '|---|---|---|---|---|',
    ...rows.map((row) => {
      if ('failed' in row) return `| ${cell(row.what)} | – | | NOT MEASURED | ${cell(row.failed)} |`;
      const details = [
        ...best(row),
        ...row.sides.map((each) => side(each, row.measured)),
        ...(row.note === undefined ? [] : [row.note]),
      ];
      return `| ${cell(row.what)} | **${figure(row)}** | ${row.mark === null ? '' : mark(row.mark)} | ${verdict(row)} | ${cell(details.join('; '))} |`;
    }),
    '',
  ];
  return lines.join('\n');
}
