import { KernelkitError } from '../errors/index.js';
import { toJson } from './entry.js';
import type { KernelEntry, SearchedPlace } from './types.js';

/** No kernel fits what was asked for. */
export class KernelNotFoundError extends KernelkitError {
  /** What was asked for: the query, or what a notebook says. */
  readonly query: string;
  /** What could have been asked for. */
  readonly candidates: KernelEntry[];
  readonly searched: SearchedPlace[];

  constructor(
    query: string,
    message: string,
    options: { candidates: readonly KernelEntry[]; searched: readonly SearchedPlace[]; fix?: string; cause?: unknown },
  ) {
    const names = [...new Set(options.candidates.map(({ name }) => name))];
    const known = names.length === 0 ? 'no kernel was found at all' : `known kernels: ${names.join(', ')}`;
    const failures = options.searched.flatMap(({ path, error }) => (error === null ? [] : [`${path}: ${error}`]));
    const failed = failures.length === 0 ? '' : `; could not be searched: ${failures.join('; ')}`;
    super('kernel-not-found', `${message} (${known}${failed})`, {
      fix: options.fix ?? 'Run "kernelkit list --all" to see every kernel and every place that was searched.',
      cause: options.cause,
    });
    this.query = query;
    this.candidates = options.candidates.map(toJson);
    this.searched = [...options.searched];
  }
}

/** Several kernels fit, and none is the obvious one. */
export class AmbiguousKernelError extends KernelkitError {
  readonly query: string;
  readonly candidates: KernelEntry[];

  constructor(query: string, rung: string, candidates: readonly KernelEntry[]) {
    const list = candidates.map(({ displayName, name, id }) => `${displayName} (${name}, ${id})`).join('; ');
    super('kernel-ambiguous', `${candidates.length} kernels have the ${rung} ${JSON.stringify(query)}: ${list}`, {
      fix: 'Name one by its id.',
    });
    this.query = query;
    this.candidates = candidates.map(toJson);
  }
}

/** A path that leads to something real which cannot be taken as a kernel (yet). */
export class KernelPathError extends KernelkitError {
  readonly path: string;

  constructor(
    kind: 'not-a-kernelspec' | 'kernelspec-invalid',
    path: string,
    message: string,
    options: { fix: string | null; cause?: unknown },
  ) {
    super(kind, message, options);
    this.path = path;
  }
}
