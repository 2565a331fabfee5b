import type { Cell, CellOutput, Notebook } from './document.js';
import { NotebookError } from './errors.js';
import { formatJson, type JsonObject, JsonSyntaxError, parseJson } from './json.js';
import { isJsonMime, isSplitMime, splitLines } from './lines.js';
import { rejoinVersion3, upgradeFrom3, upgradeMinor } from './upgrade.js';
import { describe, isObject, type NotebookProblem, structureProblem, validateVersion3 } from './validate.js';

/** How a notebook is read. */
export interface ReadOptions {
  /**
   * Gives the notebook in format 4.5, whatever it was (default). False keeps 4.0 to 4.4 as they are, as Python's
   * `nbformat.read(…, as_version=4)` does; format 3 becomes 4.5 all the same.
   */
  upgrade?: boolean;
}

/**
 * Reads an .ipynb file: nbformat 4.0 to 4.5 (and later 4.x), and 3. Unknown fields are kept. What only breaks the schema's finer
 * rules (a tag with a comma, an unknown field) is let through, as Python's nbformat does; `validateNotebook` finds it.
 *
 * @param data the file's bytes (UTF-8) or text
 * @throws NotebookError
 */
export function readNotebook(data: string | Uint8Array, options: ReadOptions = {}): Notebook {
  const root = parse(typeof data === 'string' ? data : decode(data));
  if (!isObject(root)) throw notANotebook(`its top level is ${describe(root)}, not an object`);
  const { nbformat } = root;
  if (nbformat === undefined && !('cells' in root) && !('worksheets' in root)) {
    throw notANotebook('it has none of the fields nbformat, cells and worksheets');
  }
  if (typeof nbformat !== 'number')
    throw invalid({ path: 'nbformat', expected: 'an integer', got: describe(nbformat) });
  if (nbformat !== 3 && nbformat !== 4) {
    throw new NotebookError(
      'unsupported-version',
      `the notebook is of format ${nbformat}; formats 3 and 4 can be read`,
      {
        fix:
          nbformat > 4
            ? 'save it as format 4 with the program that wrote it'
            : 'convert it with: jupyter nbconvert --to notebook',
      },
    );
  }
  if (nbformat === 3) {
    const problem = validateVersion3(root);
    if (problem !== null) throw invalid(problem);
    rejoinVersion3(root);
    return stripTransient(upgradeFrom3(root));
  }
  const problem = structureProblem(root);
  if (problem !== null) throw invalid(problem);
  const notebook = root as Notebook;
  // A notebook that does not say is of the first minor format, to nbformat.
  notebook.nbformat_minor ??= 0;
  notebook.cells.forEach(rejoinLines);
  stripTransient(notebook);
  return options.upgrade === false ? notebook : upgradeMinor(notebook);
}

/**
 * The text of an .ipynb file, byte for byte what Python's nbformat writes for this notebook: sorted keys, one space of
 * indentation, texts split into lines, a newline at the end. Numbers are spelled as they were read. The notebook stays as it is.
 */
export function writeNotebook(notebook: Notebook): string {
  const copy = stripTransient({
    ...notebook,
    metadata: { ...notebook.metadata },
    cells: notebook.cells.map(withSplitLines),
  });
  return `${formatJson(copy)}\n`;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new NotebookError('not-json', 'the file is not a notebook: it is not UTF-8 text', { cause });
  }
}

function parse(text: string): unknown {
  // A byte order mark is no part of the document.
  const json = text.startsWith('\ufeff') ? text.slice(1) : text;
  try {
    return parseJson(json);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw notJson(json, error);
  }
}

function notJson(text: string, error: JsonSyntaxError): NotebookError {
  const before = text.slice(0, error.offset);
  const line = before.split('\n').length;
  const column = error.offset - (before.lastIndexOf('\n') + 1) + 1;
  const { truncated } = error;
  const empty = text.trim() === '';
  const message = empty
    ? 'the file is empty'
    : truncated
      ? `the file ends in the middle of the notebook (line ${line}, column ${column}): it is truncated`
      : `the file is not JSON: ${error.message} at line ${line}, column ${column}`;
  return new NotebookError('not-json', message, {
    line,
    column,
    truncated,
    ...(truncated && { fix: 'fetch or save the file again: its end is missing' }),
    cause: error,
  });
}

function notANotebook(what: string): NotebookError {
  return new NotebookError('not-a-notebook', `the file is JSON, but not a notebook: ${what}`);
}

function invalid(problem: Pick<NotebookProblem, 'path' | 'expected' | 'got'>): NotebookError {
  const { path, expected, got } = problem;
  return new NotebookError('invalid', `the notebook is invalid: ${path} should be ${expected} and is ${got}`, problem);
}

/** What is never written to a file, nor taken from one (nbformat v4 rwbase strip_transient). */
function stripTransient(notebook: Notebook): Notebook {
  for (const key of ['orig_nbformat', 'orig_nbformat_minor', 'signature']) delete notebook.metadata[key];
  for (const cell of notebook.cells) delete cell.metadata.trusted;
  return notebook;
}

/** Makes every text that may be a list of lines one string (nbformat v4 rwbase rejoin_lines), in place. */
function rejoinLines(cell: Cell): void {
  cell.source = joined(cell.source) as string;
  for (const attachment of Object.values(cell.attachments ?? {})) rejoinBundle(attachment);
  if (cell.cell_type !== 'code') return;
  for (const output of cell.outputs ?? []) {
    if (output.output_type === 'execute_result' || output.output_type === 'display_data') rejoinBundle(output.data);
    else if (output.text !== undefined) output.text = joined(output.text);
  }
}

function rejoinBundle(bundle: unknown): void {
  if (!isObject(bundle)) return;
  for (const [mime, value] of Object.entries(bundle)) if (!isJsonMime(mime)) bundle[mime] = joined(value);
}

function joined(value: unknown): unknown {
  return Array.isArray(value) && value.every((line) => typeof line === 'string') ? value.join('') : value;
}

/** The cell as a file has it: texts split into lines (nbformat v4 rwbase split_lines). */
function withSplitLines(cell: Cell): Cell {
  const copy: JsonObject = { ...cell, metadata: { ...cell.metadata } };
  if (typeof cell.source === 'string') copy.source = splitLines(cell.source);
  if (isObject(cell.attachments)) {
    const split = Object.entries(cell.attachments).map(([name, bundle]) => [name, splitBundle(bundle)]);
    copy.attachments = Object.fromEntries(split);
  }
  if (cell.cell_type === 'code' && cell.outputs !== undefined) copy.outputs = cell.outputs.map(splitOutput);
  return copy as Cell;
}

function splitOutput(output: CellOutput): CellOutput {
  if (output.output_type === 'stream' && typeof output.text === 'string')
    return { ...output, text: splitLines(output.text) };
  if (output.output_type === 'execute_result' || output.output_type === 'display_data') {
    return { ...output, data: splitBundle(output.data) };
  }
  return output;
}

function splitBundle(bundle: unknown): unknown {
  if (!isObject(bundle)) return bundle;
  const split = Object.entries(bundle).map(([mime, value]) => [
    mime,
    typeof value === 'string' && isSplitMime(mime) ? splitLines(value) : value,
  ]);
  return Object.fromEntries(split);
}
