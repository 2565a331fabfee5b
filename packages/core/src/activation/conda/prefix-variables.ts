import type { Context } from '../context.js';
import { parseKeepingNumbers, pythonText } from '../python-text.js';

/** A variable that an environment brings: null unsets it. */
export interface PrefixVariable {
  value: string | null;
  /** `conda env config vars unset` left a mark in its place: activating passes it over, and deactivating does not. */
  tombstone: boolean;
  /** `env_vars.d/10_a.json`, `conda-meta/state` */
  from: string;
}

/** Whose reading counts: they differ in what they make of names, and of values that are no text. */
export type Dialect = 'conda' | 'mamba' | 'pixi';

const TOMBSTONE = '***unset***';

/**
 * R2, the variables that a prefix brings: the files of `etc/conda/env_vars.d` by name, and `conda-meta/state` over them. What conda would
 * fail at (damaged JSON, a list as a value) costs its own entry and is noted.
 */
export function prefixVariables(context: Context, prefix: string, dialect: Dialect): Map<string, PrefixVariable> {
  const { path } = context;
  const result = new Map<string, PrefixVariable>();
  const dir = path.join(prefix, 'etc', 'conda', 'env_vars.d');
  for (const name of context.names(dir)) {
    const file = path.join(dir, name);
    const document = read(context, file);
    if (document !== null) add(context, result, document, { file, from: `env_vars.d/${name}`, dialect });
  }
  const state = path.join(prefix, 'conda-meta', 'state');
  const variables = (read(context, state) as { env_vars?: unknown } | null)?.env_vars ?? null;
  if (variables !== null) add(context, result, variables, { file: state, from: 'conda-meta/state', dialect });
  return result;
}

function read(context: Context, file: string): unknown {
  const text = context.tolerant(null, () => context.files.text(file));
  if (text === null) return null;
  try {
    const value = parseKeepingNumbers(text);
    if (isObject(value)) return value;
    context.note('variables-damaged', `${file} is passed over: it holds no JSON object`, file);
  } catch (error) {
    context.note('variables-damaged', `${file} is passed over: ${(error as Error).message}`, file);
  }
  return null;
}

function add(
  context: Context,
  result: Map<string, PrefixVariable>,
  document: unknown,
  { file, from, dialect }: { file: string; from: string; dialect: Dialect },
): void {
  if (!isObject(document)) {
    context.note('variables-damaged', `${file}: its env_vars are no JSON object`, file);
    return;
  }
  // rattler leaves the names of env_vars.d as they are
  const upper = dialect === 'mamba' || (dialect === 'pixi' && from === 'conda-meta/state');
  for (const [key, given] of Object.entries(document)) {
    const name = upper ? key.toUpperCase() : key;
    const value = pythonText(given);
    if (value === undefined || (dialect !== 'conda' && typeof given !== 'string')) {
      context.note('variable-passed-over', `${file}: ${key} is no text, and is passed over`, file);
      // libmamba's reader ends at the first such value
      if (dialect === 'mamba') return;
      continue;
    }
    const tombstone = value === TOMBSTONE;
    // written again, it takes the place that it has
    result.set(name, { value: tombstone ? null : value, tombstone, from });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
