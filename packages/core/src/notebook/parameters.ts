import { type Notebook, newCodeCell, tagsOf } from './document.js';
import { translateParameters } from './translate.js';
import { isObject } from './validate.js';

export { parseParameter } from './parse-parameter.js';

/** Name → value: null, booleans, numbers, bigints, ExactNumbers, texts, and lists and objects of them. */
export type Parameters = Readonly<Record<string, unknown>>;

/** How parameters are written into a notebook. */
export interface InjectOptions {
  /** The language. Default: what the notebook's metadata say. */
  language?: string;
  /** The first line of the cell, as a comment. Default `Parameters`. */
  comment?: string;
}

const INJECTED = 'injected-parameters';

/** JSON has no word for NaN and the infinities: they are noted as text. */
function asJson(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(asJson);
  return isPlain(value) ? mapValues(value, asJson) : value;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function mapValues(
  values: Readonly<Record<string, unknown>>,
  change: (value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

/**
 * Gives a notebook parameters, as papermill does: a cell that sets them in the place of the one tagged `injected-parameters`, else
 * after the one tagged `parameters`, else at the top. They are noted in `metadata.papermill.parameters`, where papermill's
 * tools look for them. Returns a new notebook.
 *
 * Other than papermill, which has them wrong, NaN, infinities and characters beyond ASCII are written in a way that R, Julia and
 * Scala take, and a dollar sign in a text does nothing in Julia; JavaScript and TypeScript are known.
 *
 * @throws ParametersError the language is unknown, or has no way to write a value
 */
export function injectParameters(notebook: Notebook, parameters: Parameters, options: InjectOptions = {}): Notebook {
  const { kernelspec, language_info: info, papermill } = notebook.metadata;
  const spec = isObject(kernelspec) ? kernelspec : {};
  const candidates = [options.language, spec.name, isObject(info) ? info.name : undefined, spec.language];
  const names =
    options.language === undefined ? candidates.filter((name) => typeof name === 'string') : [options.language];
  const declaring = notebook.cells.findIndex((cell) => tagsOf(cell).includes('parameters'));
  const injected = notebook.cells.findIndex((cell) => tagsOf(cell).includes(INJECTED));
  const declared = notebook.cells[declaring]?.source ?? '';
  const source = translateParameters(parameters, names as string[], options.comment ?? 'Parameters', declared);
  const at = injected >= 0 ? injected : declaring + 1;
  const cells = notebook.cells.toSpliced(at, injected >= 0 ? 1 : 0, newCodeCell(source, { tags: [INJECTED] }));
  const noted = { ...(isObject(papermill) ? papermill : {}), parameters: mapValues(parameters, asJson) };
  return { ...notebook, metadata: { ...notebook.metadata, papermill: noted }, cells };
}
