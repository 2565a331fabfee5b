import { stripVTControlCharacters } from 'node:util';
import { painter } from '../paint.js';
import { errorDocument } from '../report.js';
import { differenceText } from './differences.js';
import { placeText, printedText } from './failure.js';
import { type CellReport, firstLine, type NotebookReport } from './report.js';

/** What a testcase came to. */
interface Verdict {
  /** `failure`: the code is wrong; `error`: it could not be tried. */
  element: 'failure' | 'error' | 'skipped';
  attributes: Record<string, string>;
  text: string;
}

interface Testcase {
  name: string;
  /** Milliseconds. */
  ms: number;
  verdict: Verdict | null;
  /** What it printed; of those that went well the notebook has it. */
  printed: string;
}

const NAME_LENGTH = 100;
/** Characters of one difference or traceback: reports are loaded whole. */
const TEXT_LENGTH = 20_000;

/**
 * A report as CI systems read it: JUnit's XML, with no element or attribute but those of the strictest schema that is in use (junit-10.xsd of
 * Jenkins' xUnit plugin, whose testcase has no file and no line). A notebook is a testsuite, a cell with code a testcase; a notebook
 * that never got so far has one testcase of its own.
 */
export function junit(reports: readonly NotebookReport[]): string {
  const suites = reports.map((report) => ({ report, cases: testcases(report) }));
  const { tests, failures, errors } = counts(suites.flatMap(({ cases }) => cases));
  const ms = reports.reduce((sum, report) => sum + report.ms, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'kernelkit run', tests, failures, errors, time: seconds(ms) })}>`,
    ...suites.flatMap(({ report, cases }) => suite(report, cases)),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(report: NotebookReport, cases: readonly Testcase[]): string[] {
  const { path, startedAt, ms, kernel } = report;
  const timestamp = startedAt.toISOString().slice(0, 19);
  const properties =
    kernel === null
      ? []
      : [
          '    <properties>',
          `      <property${attributes({ name: 'kernel', value: kernel.name })}/>`,
          '    </properties>',
        ];
  return [
    `  <testsuite${attributes({ name: path, ...counts(cases), time: seconds(ms), timestamp, file: path })}>`,
    ...properties,
    ...cases.flatMap((one) => testcase(path, one)),
    '  </testsuite>',
  ];
}

function testcase(path: string, { name, ms, verdict, printed }: Testcase): string[] {
  const given = { classname: path, name, time: seconds(ms) };
  if (verdict === null) return [`    <testcase${attributes(given)}/>`];
  const { element, text } = verdict;
  const opened = `      <${element}${attributes(verdict.attributes)}`;
  const inner = text === '' ? `${opened}/>` : `${opened}>${escaped(text.slice(0, TEXT_LENGTH))}</${element}>`;
  const out = printed === '' ? [] : [`      <system-out>${escaped(printed)}</system-out>`];
  return [`    <testcase${attributes(given)}>`, inner, ...out, '    </testcase>'];
}

function testcases(report: NotebookReport): Testcase[] {
  const { cells, error, path } = report;
  const own = cells.map((cell): Testcase => {
    const name = `cell ${cell.index + 1}: ${firstLine(cell.source)}`.slice(0, NAME_LENGTH);
    return { name, ms: cell.ms, verdict: verdictOf(cell, report), printed: printedText(cell) };
  });
  // told by a cell already, or nothing to tell
  if (error === null || own.some(({ verdict }) => verdict !== null && verdict.element !== 'skipped')) return own;
  const { kind, message, stderr = '' } = errorDocument(error);
  const verdict: Verdict = { element: 'error', attributes: { message, type: kind }, text: `${message}\n${stderr}` };
  return [...own, { name: path, ms: report.ms, verdict, printed: '' }];
}

function verdictOf(cell: CellReport, report: NotebookReport): Verdict | null {
  const { error, place } = report;
  if (cell.status === 'skipped') return { element: 'skipped', attributes: { message: 'not to be executed' }, text: '' };
  if (cell.status === 'not-run') {
    const message =
      place === null ? 'the notebook did not get so far' : `cell ${place.cell.index + 1} ended the notebook`;
    return { element: 'skipped', attributes: { message }, text: '' };
  }
  if (place?.cell === cell) {
    const { kind, message, stderr = '' } = errorDocument(error);
    const traceback = cell.raised?.traceback.join('\n') ?? '';
    const element = kind === 'cell-error' ? 'failure' : 'error';
    const type = element === 'failure' ? (cell.raised?.ename ?? kind) : kind;
    return { element, attributes: { message, type }, text: `${placeText(report.path, place)}\n${traceback || stderr}` };
  }
  if (cell.status === 'aborted') {
    const { kind, message } = errorDocument(error);
    return { element: 'error', attributes: { message, type: kind }, text: '' };
  }
  if (cell.differences === null || cell.differences.length === 0) return null;
  const parts = cell.differences.map(({ part }) => part).join(', ');
  const text = cell.differences.flatMap((difference) => differenceText(difference, painter(false), 200)).join('\n');
  return {
    element: 'failure',
    attributes: { message: `other outputs than are stored: ${parts}`, type: 'output-differs' },
    text,
  };
}

function counts(cases: readonly Testcase[]) {
  const of = (element: Verdict['element']) =>
    String(cases.filter(({ verdict }) => verdict?.element === element).length);
  return { tests: String(cases.length), failures: of('failure'), errors: of('error'), skipped: of('skipped') };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attributes(values: Record<string, string>): string {
  // a line break that is not escaped is read as a blank
  const one = (text: string) =>
    escaped(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${one(value)}"`)
    .join('');
}

/** XML 1.0 has no way at all to write most control characters, half a surrogate pair, U+FFFE and U+FFFF: section 2.2, "Char". */
export function escaped(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
