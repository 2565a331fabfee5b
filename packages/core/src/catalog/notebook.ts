import { KernelNotFoundError } from './errors.js';
import { jupytersOwnFirst, speaks } from './resolve.js';
import type { Catalog, CatalogEntry } from './types.js';

/** A notebook's metadata; only what names a kernel is looked at, and nothing of it is trusted to have the right type. */
export type NotebookMetadata = Readonly<Record<string, unknown>>;

/** The kernel for a notebook, and why it is that one. */
export interface KernelChoice {
  entry: CatalogEntry;
  /** Why this one, in a sentence for the user. */
  reason: string;
}

/**
 * The kernel for a notebook for which nobody named one: its own kernelspec's name, else a kernel of its language, else,
 * for a notebook that names no language, the best startable one. A kernel that cannot be started is passed over for one of
 * the same language, and `reason` says so; when there is none it is the choice all the same, so that its problem is what
 * the user gets to see.
 *
 * @param metadata the notebook's `metadata`
 * @throws KernelNotFoundError when no kernel speaks the notebook's language, or there is none at all
 */
export function kernelForNotebook(catalog: Catalog, metadata: NotebookMetadata): KernelChoice {
  // one that runs already may be in the middle of somebody's work
  const visible = catalog.kernels.filter(({ hidden, source }) => hidden === null && source !== 'running');
  const { name, displayName, language } = wantsOf(metadata);

  const named = name === '' ? undefined : namedKernel(visible, name, displayName);
  if (named?.startable) return { entry: named, reason: `the notebook asks for the kernel ${named.name}` };

  const wanted = language === '' ? (named?.language ?? '') : language;
  const speaker = visible.find((entry) => entry.startable && speaks(entry, wanted));
  const missing = named ? `${named.name} cannot be started` : `there is no kernel ${name}`;
  if (speaker) {
    const because = `it is the first kernel for ${wanted}, the notebook's language`;
    return { entry: speaker, reason: name === '' ? because : `${missing}; ${because}` };
  }
  if (named) return { entry: named, reason: `the notebook asks for the kernel ${named.name}, which cannot be started` };

  if (wanted !== '') {
    const broken = visible.find((entry) => speaks(entry, wanted));
    if (broken) return { entry: broken, reason: `it is the only kernel for ${wanted}, and cannot be started` };
    throw new KernelNotFoundError(name || wanted, `No kernel speaks the notebook's language, ${wanted}`, {
      candidates: visible,
      searched: catalog.searched,
      fix: `Install a kernel for ${wanted}, or name another kernel with -k.`,
    });
  }
  const best = visible.find(({ startable }) => startable);
  if (best) {
    const because = 'it is the best kernel found';
    return { entry: best, reason: name === '' ? `the notebook names no kernel; ${because}` : `${missing}; ${because}` };
  }
  throw new KernelNotFoundError(name, 'There is no kernel that could be started', {
    candidates: visible,
    searched: catalog.searched,
    fix: 'Install one: python3 -m pip install ipykernel',
  });
}

/**
 * A kernelspec by its name, as Jupyter's manager has it: without case, and `python` is `python3`. Of several (every environment
 * has a `python3`) the one that the notebook's display name tells apart; else Jupyter's own, else the nearest.
 */
function namedKernel(visible: readonly CatalogEntry[], name: string, displayName: string): CatalogEntry | undefined {
  const lower = name.toLowerCase();
  const wanted = lower === 'python' ? 'python3' : lower;
  const named = visible.filter((entry) => entry.name === wanted);
  const called = named.filter((entry) => entry.displayName === displayName && entry.startable);
  return called.length === 1 ? called[0] : jupytersOwnFirst(named)[0];
}

/** `kernelspec.name` and `display_name`, and `kernelspec.language` or `language_info.name`; empty where the notebook does not say. */
function wantsOf(metadata: NotebookMetadata): { name: string; displayName: string; language: string } {
  const kernelspec = memberOf(metadata, 'kernelspec');
  const language =
    textOf(memberOf(kernelspec, 'language')) || textOf(memberOf(memberOf(metadata, 'language_info'), 'name'));
  const [name, displayName] = ['name', 'display_name'].map((member) => textOf(memberOf(kernelspec, member)));
  return { name: name!, displayName: displayName!, language };
}

function memberOf(value: unknown, member: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return undefined;
  return (value as Record<string, unknown>)[member];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
