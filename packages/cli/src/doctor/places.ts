import type { Catalog, SearchedPlace } from '@kernelkit/core';
import type { Steps } from './steps.js';

/** Where was looked for kernels: every place with what it gave, or why it gave nothing. */
export async function examinePlaces(steps: Steps, { searched }: Catalog): Promise<void> {
  for (const [name, kind, what] of [
    ['kernelspecs', 'kernelspecs', 'directories of kernelspecs'],
    ['environs', 'environments', 'places of environments'],
  ] as const) {
    const places = searched.filter((place) => place.kind === kind);
    const failed = places.filter(({ error }) => error !== null);
    const giving = places.filter(({ found }) => found > 0);
    await steps.add(
      name,
      failed.length > 0 ? 'warning' : 'ok',
      giving.length === 0
        ? `none of ${places.length} ${what} has any`
        : `${giving.length} of ${places.length} ${what} gave ${sum(places)}`,
      { ms: places.reduce((all, { ms }) => all + (ms ?? 0), 0), details: [...giving, ...failed].map(line) },
    );
  }
}

function sum(places: readonly SearchedPlace[]): number {
  return places.reduce((all, { found }) => all + found, 0);
}

function line({ path, found, error }: SearchedPlace): string {
  return error === null ? `${path}: ${found}` : `${path}: ${error}`;
}
