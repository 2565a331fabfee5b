import type { KernelModel, KernelSpecsModel, SessionModel } from './types.js';

/** Something that a server sent and that was left out, because nobody could say what it is. */
export interface ServerNotice {
  readonly kind: 'model-skipped';
  readonly message: string;
}

type Fields = Record<string, unknown>;

function fields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A kernel, or null: nothing is made up for what a server leaves out. */
export function readKernel(value: unknown): KernelModel | null {
  const model = fields(value);
  if (model === null || typeof model.id !== 'string' || model.id === '' || typeof model.name !== 'string') return null;
  const reason = text(model.reason);
  const ours = fields(model.kernelkit);
  return {
    id: model.id,
    name: model.name,
    last_activity: text(model.last_activity),
    execution_state: text(model.execution_state),
    connections: typeof model.connections === 'number' ? model.connections : null,
    ...(reason === null ? {} : { reason }),
    ...(ours === null ? {} : { kernelkit: ours }),
  };
}

/** A session, or null. Servers of old have its path under `notebook`. */
export function readSession(value: unknown): SessionModel | null {
  const model = fields(value);
  if (model === null || typeof model.id !== 'string') return null;
  const notebook = fields(model.notebook);
  const path = text(model.path) ?? text(notebook?.path);
  if (path === null) return null;
  const kernel = model.kernel === null || model.kernel === undefined ? null : readKernel(model.kernel);
  if (kernel === null && model.kernel !== null && model.kernel !== undefined) return null;
  return {
    id: model.id,
    path,
    name: text(model.name) ?? text(notebook?.name) ?? '',
    type: text(model.type) ?? (notebook === null ? '' : 'notebook'),
    kernel,
  };
}

/** The kernelspecs, or null where the answer is something else; an odd one among them is left out with a notice. */
export function readKernelSpecs(value: unknown, skipped: (what: string) => void): KernelSpecsModel | null {
  const model = fields(value);
  const all = fields(model?.kernelspecs);
  if (model === null || all === null) return null;
  const kernelspecs: KernelSpecsModel['kernelspecs'] = {};
  for (const [name, entry] of Object.entries(all)) {
    const spec = fields(fields(entry)?.spec);
    if (spec === null) {
      skipped(`the kernelspec ${JSON.stringify(name)}`);
      continue;
    }
    const resources = Object.entries(fields(fields(entry)?.resources) ?? {}).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    );
    kernelspecs[name] = { name: text(fields(entry)?.name) ?? name, spec, resources: Object.fromEntries(resources) };
  }
  return { default: text(model.default) ?? '', kernelspecs };
}

/** The rows of a list that can be read, or null where it is no list. */
export function readList<T>(
  value: unknown,
  what: string,
  read: (row: unknown) => T | null,
  skipped: (what: string) => void,
): T[] | null {
  if (!Array.isArray(value)) return null;
  const rows: T[] = [];
  for (const [at, row] of value.entries()) {
    const model = read(row);
    if (model === null) skipped(`${what} ${at + 1} of ${value.length}`);
    else rows.push(model);
  }
  return rows;
}
