import { type Cell, type CellOutput, NBFORMAT, NBFORMAT_MINOR, type Notebook, newCellId } from './document.js';
import { type JsonObject, parseJson } from './json.js';
import { splitLines } from './lines.js';

/** Brings 4.0 to 4.4 to 4.5, in place (nbformat v4 convert.upgrade): cells get ids. Repairs ids that are missing or double. */
export function upgradeMinor(notebook: Notebook): Notebook {
  const fresh = notebook.nbformat_minor < NBFORMAT_MINOR;
  if (fresh) notebook.nbformat_minor = NBFORMAT_MINOR;
  const seen = new Set<string>();
  for (const cell of notebook.cells) {
    // Ids before 4.5 mean nothing, so nbformat replaces them; afterwards the first of equal ones keeps its own.
    if (fresh || cell.id === undefined || seen.has(cell.id)) cell.id = newCellId();
    seen.add(cell.id);
    // Required, and left out by many tools that write notebooks by hand.
    if (cell.cell_type === 'code' && cell.execution_count === undefined) cell.execution_count = null;
  }
  return notebook;
}

const MULTI_LINE_OUTPUTS = ['text', 'html', 'svg', 'latex', 'javascript', 'json'];

/** Joins the lists of lines of a format 3 notebook, in place (nbformat v3 rwbase rejoin_lines). */
export function rejoinVersion3(root: JsonObject): void {
  for (const cell of cellsOf(root)) {
    if (cell.cell_type === 'code') {
      rejoin(cell, ['input']);
      for (const output of (cell.outputs ?? []) as JsonObject[]) rejoin(output, MULTI_LINE_OUTPUTS);
    } else {
      rejoin(cell, ['source', 'rendered']);
    }
  }
}

function rejoin(object: JsonObject, keys: readonly string[]): void {
  for (const key of keys) {
    const lines = object[key];
    if (!Array.isArray(lines)) continue;
    // Old writers split without keeping the line ends.
    const kept = typeof lines[0] === 'string' && /[\n\r]$/.test(lines[0]);
    object[key] = lines.join(kept ? '' : '\n');
  }
}

function cellsOf(root: JsonObject): JsonObject[] {
  return ((root.worksheets ?? []) as JsonObject[]).flatMap((sheet) => sheet.cells as JsonObject[]);
}

/** A checked, rejoined format 3 notebook as 4.5 (nbformat v4 convert.upgrade): worksheets flattened, fields renamed. */
export function upgradeFrom3(root: JsonObject): Notebook {
  const { worksheets: _sheets, orig_nbformat: _major, orig_nbformat_minor: _minor, ...rest } = root;
  const { name: _name, ...metadata } = (root.metadata ?? {}) as JsonObject;
  const cells = cellsOf(root).map(upgradeCell);
  return { ...rest, nbformat: NBFORMAT, nbformat_minor: NBFORMAT_MINOR, metadata, cells };
}

function upgradeCell(old: JsonObject): Cell {
  const metadata = { ...((old.metadata ?? {}) as JsonObject) };
  const cell: JsonObject = { ...old, metadata, id: newCellId() };
  if (old.cell_type === 'code') {
    const { language: _language, collapsed, input, prompt_number: count, ...rest } = cell;
    if (collapsed !== undefined) metadata.collapsed = collapsed;
    const outputs = (old.outputs as JsonObject[]).map(upgradeOutput);
    return { ...rest, source: input ?? '', execution_count: count ?? null, outputs } as unknown as Cell;
  }
  if (old.cell_type === 'heading') {
    const { level = 1, source = '', ...rest } = cell;
    const title = splitLines(source as string, false).join(' ');
    return { ...rest, cell_type: 'markdown', source: `${'#'.repeat(Number(level))} ${title}` } as Cell;
  }
  if (old.cell_type === 'html') cell.cell_type = 'markdown';
  return cell as Cell;
}

const MIME_OF_ALIAS: Record<string, string> = {
  text: 'text/plain',
  html: 'text/html',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpeg: 'image/jpeg',
  latex: 'text/latex',
  json: 'application/json',
  javascript: 'application/javascript',
};

function upgradeOutput(old: JsonObject): CellOutput {
  const { output_type: type, metadata, ...fields } = old;
  switch (type) {
    case 'pyerr':
      return { ...old, output_type: 'error' };
    case 'stream': {
      const { stream = 'stdout', ...rest } = old;
      return { ...rest, output_type: 'stream', name: stream };
    }
    case 'pyout': {
      const { prompt_number: count, execution_count: _count, ...data } = fields;
      return { output_type: 'execute_result', execution_count: count ?? null, ...bundles(data, metadata) };
    }
    case 'display_data': {
      const { execution_count: count, ...data } = fields;
      return { output_type: type, ...(count !== undefined && { execution_count: count }), ...bundles(data, metadata) };
    }
    default:
      return old as CellOutput;
  }
}

function bundles(fields: JsonObject, metadata: unknown): { data: JsonObject; metadata: JsonObject } {
  const data = toMimeKeys(fields);
  const json = data['application/json'];
  if (typeof json === 'string') data['application/json'] = parsed(json);
  return { data, metadata: toMimeKeys((metadata ?? {}) as JsonObject) };
}

function toMimeKeys(data: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [MIME_OF_ALIAS[key] ?? key, value]));
}

/** Format 3 kept JSON data as text. Text that is not JSON stays a text, which is JSON too. */
function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
