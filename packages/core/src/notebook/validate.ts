import type { Notebook } from './document.js';
import { NBFORMAT_MINOR } from './document.js';
import type { JsonObject } from './json.js';
import { isJsonMime } from './lines.js';
import { ExactNumber } from './numbers.js';

/** One place where a notebook breaks nbformat's schema. */
export interface NotebookProblem {
  /** As in `cells[3].metadata.tags[0]`. */
  path: string;
  expected: string;
  got: string;
  /** Whether the notebook cannot be worked with: a field of the wrong type where everything depends on it. */
  blocking: boolean;
}

/**
 * Everything in which a notebook differs from the published JSON schema of its format (nbformat 4.0 to 4.5): the structure,
 * and the finer rules (ids, tags, names, the fields of kernelspec and language_info, unknown fields). Empty: it is valid.
 */
export function validateNotebook(notebook: Notebook): NotebookProblem[] {
  return new Check(notebook).run();
}

/** The first problem that makes a format 4 document unusable, or null. */
export function structureProblem(root: JsonObject): NotebookProblem | null {
  return new Check(root).run().find((problem) => problem.blocking) ?? null;
}

/** The first problem that keeps a format 3 document from being converted, or null. */
export function validateVersion3(root: JsonObject): NotebookProblem | null {
  const check = new Check(root);
  check.optional(root, '', 'metadata', 'an object', isObject);
  if (root.worksheets !== undefined && check.require(root, '', 'worksheets', 'a list', Array.isArray)) {
    for (const [at, sheet] of (root.worksheets as unknown[]).entries()) check.sheet3(sheet, `worksheets[${at}]`);
  }
  return check.problems.find((problem) => problem.blocking) ?? null;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

/** What a value is, in a word, for messages. */
export function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

const isString = (value: unknown): boolean => typeof value === 'string';
const isText = (value: unknown): boolean => isString(value) || (Array.isArray(value) && value.every(isString));
/** Whether a value is an execution count: an integer from 0, or null. */
export const isCount = (value: unknown): boolean =>
  value === null || (Number.isInteger(value) && (value as number) >= 0);
const isLevel = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0 && Number(value) <= 100;
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';

/** What a code cell's metadata may say: field → words for it, and the test. */
const CODE_METADATA: [string, string, (value: unknown) => boolean][] = [
  ['collapsed', 'true or false', isBoolean],
  ['scrolled', 'true, false or "auto"', (value) => isBoolean(value) || value === 'auto'],
  ['execution', 'an object of strings', (value) => isObject(value) && Object.values(value).every(isString)],
];

const OUTPUT_FIELDS: Record<string, string[]> = {
  execute_result: ['output_type', 'execution_count', 'data', 'metadata'],
  display_data: ['output_type', 'data', 'metadata'],
  stream: ['output_type', 'name', 'text'],
  error: ['output_type', 'ename', 'evalue', 'traceback'],
};

class Check {
  readonly problems: NotebookProblem[] = [];
  readonly #root: JsonObject;
  readonly #minor: number;

  constructor(root: JsonObject) {
    this.#root = root;
    this.#minor = typeof root.nbformat_minor === 'number' ? root.nbformat_minor : 0;
  }

  run(): NotebookProblem[] {
    const root = this.#root;
    // A later minor format may have fields and types of which this one knows nothing.
    this.optional(root, '', 'nbformat_minor', 'an integer', (value) => Number.isInteger(value));
    if (root.nbformat_minor === undefined) this.#add('nbformat_minor', 'an integer', undefined);
    this.#known(root, '', ['nbformat', 'nbformat_minor', 'metadata', 'cells']);
    if (this.require(root, '', 'metadata', 'an object', isObject)) this.#notebookMetadata(root.metadata as JsonObject);
    if (this.require(root, '', 'cells', 'a list', Array.isArray)) {
      for (const [at, cell] of (root.cells as unknown[]).entries()) this.#cell(cell, `cells[${at}]`);
      if (this.#minor >= 5) this.#uniqueIds(root.cells as unknown[]);
    }
    return this.problems;
  }

  /** Notes a problem that blocks unless the field is there and passes; true when it does. */
  require(owner: JsonObject, at: string, field: string, expected: string, test: (value: unknown) => boolean): boolean {
    if (Object.hasOwn(owner, field) && test(owner[field])) return true;
    this.#add(
      at === '' ? field : `${at}.${field}`,
      expected,
      Object.hasOwn(owner, field) ? owner[field] : undefined,
      true,
    );
    return false;
  }

  /** The same for a field that may be absent. */
  optional(owner: JsonObject, at: string, field: string, expected: string, test: (value: unknown) => boolean): boolean {
    return owner[field] === undefined ? false : this.require(owner, at, field, expected, test);
  }

  sheet3(sheet: unknown, at: string): void {
    if (!this.#object(sheet, at, 'an object')) return;
    if (!this.require(sheet, at, 'cells', 'a list', Array.isArray)) return;
    for (const [index, cell] of (sheet.cells as unknown[]).entries()) this.#cell3(cell, `${at}.cells[${index}]`);
  }

  #cell3(cell: unknown, at: string): void {
    if (!this.#object(cell, at, 'an object')) return;
    this.require(cell, at, 'cell_type', 'a string', isString);
    this.optional(cell, at, 'metadata', 'an object', isObject);
    for (const field of ['source', 'input']) this.optional(cell, at, field, 'a text or a list of lines', isText);
    this.optional(cell, at, 'level', 'an integer from 1 to 100', isLevel);
    if (cell.cell_type !== 'code' || !this.require(cell, at, 'outputs', 'a list', Array.isArray)) return;
    for (const [number, output] of (cell.outputs as unknown[]).entries())
      this.#output3(output, `${at}.outputs[${number}]`);
  }

  #output3(output: unknown, at: string): void {
    if (!this.#object(output, at, 'an object')) return;
    this.require(output, at, 'output_type', 'a string', isString);
    this.optional(output, at, 'metadata', 'an object', isObject);
  }

  #cell(cell: unknown, at: string): void {
    if (!this.#object(cell, at, 'an object')) return;
    if (!this.require(cell, at, 'cell_type', 'a string', isString)) return;
    const type = cell.cell_type;
    const known = type === 'code' || type === 'markdown' || type === 'raw';
    if (!known && this.#minor <= NBFORMAT_MINOR) this.#add(`${at}.cell_type`, 'code, markdown or raw', type);
    if (this.require(cell, at, 'metadata', 'an object', isObject)) this.#cellMetadata(cell, `${at}.metadata`);
    if (known) this.require(cell, at, 'source', 'a text or a list of lines', isText);
    if (known && this.#minor >= 5) this.#expect(isId(cell.id), `${at}.id`, '1 to 64 letters, digits, - and _', cell.id);
    if (this.optional(cell, at, 'attachments', 'an object', isObject)) {
      for (const [name, bundle] of Object.entries(cell.attachments as JsonObject))
        this.#bundle(bundle, `${at}.attachments.${name}`);
    }
    const fields = ['cell_type', 'metadata', 'source', ...(this.#minor >= 5 ? ['id'] : [])];
    if (type === 'code') {
      this.#known(cell, at, [...fields, 'outputs', 'execution_count']);
      this.#expect(isCount(cell.execution_count), `${at}.execution_count`, 'a count or null', cell.execution_count);
      if (!this.require(cell, at, 'outputs', 'a list', Array.isArray)) return;
      for (const [number, output] of (cell.outputs as unknown[]).entries())
        this.#output(output, `${at}.outputs[${number}]`);
    } else if (known) this.#known(cell, at, [...fields, 'attachments']);
  }

  #cellMetadata(cell: JsonObject, at: string): void {
    const metadata = cell.metadata as JsonObject;
    const check = (field: string, expected: string, test: (value: unknown) => boolean): void => {
      if (Object.hasOwn(metadata, field))
        this.#expect(test(metadata[field]), `${at}.${field}`, expected, metadata[field]);
    };
    check('name', 'a text that is not empty', (name) => typeof name === 'string' && /^[^\n]+$/.test(name));
    check('tags', 'a list of different texts without commas', isTags);
    check('jupyter', 'an object', isObject);
    if (cell.cell_type === 'raw') check('format', 'a string', isString);
    if (cell.cell_type === 'code') for (const [field, expected, test] of CODE_METADATA) check(field, expected, test);
  }

  #output(output: unknown, at: string): void {
    if (!this.#object(output, at, 'an object')) return;
    if (!this.require(output, at, 'output_type', 'a string', isString)) return;
    const fields = OUTPUT_FIELDS[output.output_type as string];
    if (fields === undefined) {
      if (this.#minor <= NBFORMAT_MINOR) {
        this.#add(`${at}.output_type`, `one of ${Object.keys(OUTPUT_FIELDS).join(', ')}`, output.output_type);
      }
      return;
    }
    this.#known(output, at, fields);
    for (const field of ['name', 'ename', 'evalue']) {
      if (fields.includes(field)) this.#expect(isString(output[field]), `${at}.${field}`, 'a string', output[field]);
    }
    if (fields.includes('text')) this.require(output, at, 'text', 'a text or a list of lines', isText);
    if (fields.includes('traceback')) {
      const { traceback } = output;
      this.#expect(
        Array.isArray(traceback) && traceback.every(isString),
        `${at}.traceback`,
        'a list of strings',
        traceback,
      );
    }
    if (fields.includes('execution_count')) {
      this.#expect(isCount(output.execution_count), `${at}.execution_count`, 'a count or null', output.execution_count);
    }
    if (!fields.includes('data')) return;
    this.#expect(isObject(output.metadata), `${at}.metadata`, 'an object', output.metadata);
    this.#bundle(output.data, `${at}.data`);
  }

  #bundle(bundle: unknown, at: string): void {
    if (!this.#object(bundle, at, 'an object of data by MIME type')) return;
    for (const [mime, value] of Object.entries(bundle)) {
      if (!isJsonMime(mime)) this.#expect(isText(value), `${at}.${mime}`, 'a text or a list of lines', value);
    }
  }

  #notebookMetadata({ kernelspec, language_info: language, title, authors, orig_nbformat: origin }: JsonObject): void {
    const check = (value: unknown, field: string, expected: string, test: (value: unknown) => boolean): void => {
      if (value !== undefined) this.#expect(test(value), `metadata.${field}`, expected, value);
    };
    check(
      kernelspec,
      'kernelspec',
      'an object with name and display_name',
      (spec) => isObject(spec) && isString(spec.name) && isString(spec.display_name),
    );
    check(language, 'language_info', 'an object with a name', (info) => isObject(info) && isString(info.name));
    if (isObject(language)) {
      check(
        language.codemirror_mode,
        'language_info.codemirror_mode',
        'a string or an object',
        (mode) => isString(mode) || isObject(mode),
      );
      for (const field of ['file_extension', 'mimetype', 'pygments_lexer']) {
        check(language[field], `language_info.${field}`, 'a string', isString);
      }
    }
    check(origin, 'orig_nbformat', 'an integer from 1', (value) => Number.isInteger(value) && Number(value) >= 1);
    if (this.#minor < 2) return;
    check(title, 'title', 'a string', isString);
    check(authors, 'authors', 'a list', Array.isArray);
  }

  #uniqueIds(cells: unknown[]): void {
    const seen = new Set<unknown>();
    for (const [at, cell] of cells.entries()) {
      if (!isObject(cell) || cell.id === undefined) continue;
      this.#expect(!seen.has(cell.id), `cells[${at}].id`, 'different from all others', cell.id);
      seen.add(cell.id);
    }
  }

  #known(owner: JsonObject, at: string, fields: readonly string[]): void {
    if (this.#minor > NBFORMAT_MINOR) return;
    for (const field of Object.keys(owner)) {
      if (!fields.includes(field))
        this.#add(at === '' ? field : `${at}.${field}`, 'absent, being unknown', owner[field]);
    }
  }

  #object(value: unknown, path: string, expected: string): value is JsonObject {
    if (isObject(value)) return true;
    this.#add(path, expected, value, true);
    return false;
  }

  #expect(passes: boolean, path: string, expected: string, value: unknown): void {
    if (!passes) this.#add(path, expected, value);
  }

  #add(path: string, expected: string, value: unknown, blocking = false): void {
    this.problems.push({ path, expected, got: describe(value), blocking });
  }
}

function isId(id: unknown): boolean {
  return typeof id === 'string' && /^[a-zA-Z0-9-_]{1,64}$/.test(id);
}

function isTags(tags: unknown): boolean {
  return (
    Array.isArray(tags) &&
    tags.every((tag) => typeof tag === 'string' && /^[^,]+$/.test(tag)) &&
    new Set(tags).size === tags.length
  );
}
