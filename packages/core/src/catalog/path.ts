import type { Stats } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { NodeFiles } from '../files/index.js';
import { expandHome, type InstalledSpec, type KernelSpecRoot, readSpec } from '../specs/index.js';
import { catalog as catalogOf } from './catalog.js';
import { runningEntry } from './entry.js';
import { type Interpreter, interpreterSource } from './environment-source.js';
import { KernelNotFoundError, KernelPathError } from './errors.js';
import { entryOfSpec } from './kernelspec-source.js';
import { compareEntries } from './rank.js';
import type { Catalog, CatalogEntry, SourceContext } from './types.js';

/**
 * The kernels that a path names, the best first: a kernel.json or its directory, an environment's prefix, a Python (or
 * another program that an entry starts). A spec that the catalog does not have is read where it lies.
 *
 * @returns null when the path leads nowhere, or to something that may just happen to bear a kernel's name
 * @throws KernelPathError when the text is clearly a path and what is there is no kernel;
 *   KernelNotFoundError when an environment is there and has no kernel
 */
export async function resolvePath(
  catalog: Catalog,
  query: string,
  context: SourceContext,
): Promise<CatalogEntry[] | null> {
  if (query === '') return null;
  const path = resolve(context.cwd, expandHome(context.platform, query, context.home));
  const info = await statOf(path);
  if (info === null) return null;
  if (info.isDirectory()) {
    const spec = await specAt(catalog, join(path, 'kernel.json'), context);
    if (spec !== null) return [spec];
    const inPrefix = await kernelsOfPrefix(catalog, path, context);
    if (inPrefix.length > 0) return inPrefix;
    return null;
  }
  if (/\.json$/i.test(path)) return [await specOrConnection(catalog, path, context)];
  const isInterpreter = /^(?:python|pypy)[\d.]*t?(\.exe)?$/i.test(basename(path));
  const starting = startedBy(catalog, path, context);
  if (!isInterpreter) return starting.length > 0 ? starting : null;
  // Kernels of other languages are written in Python too; whoever names a Python means to run Python.
  const pythons = [...starting, ...ofInterpreter(catalog, path, context)].filter(({ language }) => isPython(language));
  if (pythons.length > 0) return shownFirst([...new Set(pythons)]);
  const read = (await readAsEnvironment({ python: path }, context)).filter(({ language }) => isPython(language));
  if (read.length > 0) return read;
  throw noKernelAt(catalog, query, path);
}

/** The entry for a kernel.json; null when there is none. */
async function specAt(catalog: Catalog, file: string, context: SourceContext): Promise<CatalogEntry | null> {
  const known = await entryOfFile(catalog, file);
  if (known !== null) return known;
  const read = readSpec(new NodeFiles(), file);
  if (read === null) return null;
  if (read.error !== null) {
    throw new KernelPathError('kernelspec-invalid', file, read.error.message, {
      fix: read.error.fix,
      cause: read.error,
    });
  }
  const resourceDir = dirname(file);
  const installed: InstalledSpec = {
    name: basename(resourceDir).toLowerCase(),
    spec: read.spec,
    specFile: file,
    realFile: read.realFile,
    resourceDir,
    root: rootOf(dirname(resourceDir)),
    shadowedBy: null,
    warnings: read.warnings,
  };
  return entryOfSpec(installed, new Map(), context);
}

/** Any other JSON file: a kernelspec by another name, or the connection file of a running kernel. */
async function specOrConnection(catalog: Catalog, file: string, context: SourceContext): Promise<CatalogEntry> {
  const connection = await connectionIn(file);
  if (connection !== null) return runningEntry(file, connection.kernel_name, catalog.kernels);
  const spec = await specAt(catalog, file, context);
  if (
    spec?.startable === false &&
    spec.argv.length === 0 &&
    spec.specFile !== null &&
    basename(file) !== 'kernel.json'
  ) {
    const message = `${file} is neither a kernelspec (it has no argv) nor a connection file`;
    throw new KernelPathError('not-a-kernelspec', file, message, { fix: 'Give a kernel.json or its directory.' });
  }
  if (spec !== null) return spec;
  throw new KernelPathError('not-a-kernelspec', file, `${file} is not a file`, { fix: null });
}

/** What a connection file says, as far as an entry wants it; null where it is none. */
async function connectionIn(file: string): Promise<{ kernel_name: string | null } | null> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof value !== 'object' || value === null || !('shell_port' in value) || !('iopub_port' in value))
      return null;
    const name = 'kernel_name' in value ? value.kernel_name : null;
    return { kernel_name: typeof name === 'string' && name !== '' ? name : null };
  } catch {
    return null;
  }
}

async function entryOfFile(catalog: Catalog, file: string): Promise<CatalogEntry | null> {
  const real = await realOf(file);
  for (const entry of catalog.kernels) {
    if (entry.specFile !== null && (entry.specFile === file || (await realOf(entry.specFile)) === real)) return entry;
  }
  return null;
}

/** The kernels of an environment: the catalog's, else what is read there now. An environment without any is an entry that says so. */
async function kernelsOfPrefix(catalog: Catalog, prefix: string, context: SourceContext): Promise<CatalogEntry[]> {
  const { files } = context;
  const real = files.real(prefix);
  const known = catalog.kernels.filter(({ owner, prefix: own }) => {
    return (owner?.real ?? (own === null ? null : files.real(own))) === real;
  });
  return known.length > 0 ? shownFirst(known) : readAsEnvironment({ prefix }, context);
}

/** What lies outside every place that was searched, read where it lies. */
async function readAsEnvironment(interpreter: Interpreter, context: SourceContext): Promise<CatalogEntry[]> {
  const found = await catalogOf({ ...context, sources: [interpreterSource([interpreter])], cache: false });
  return shownFirst(found.kernels);
}

/** The best first; what is folded into another row only where there is nothing else. */
function shownFirst(entries: readonly CatalogEntry[]): CatalogEntry[] {
  const shown = entries.filter(({ hidden }) => hidden === null);
  return (shown.length > 0 ? shown : [...entries]).sort(compareEntries);
}

/** A directory of kernelspecs that the caller pointed at. */
function rootOf(path: string): KernelSpecRoot {
  const share = /^(.+?)[\\/]share[\\/]jupyter[\\/]kernels$/.exec(path);
  const prefix = share?.[1] ?? null;
  return { path, prefix: prefix !== null && basename(prefix) === '.local' ? null : prefix, origin: 'argument' };
}

/** The entries that start this very program. */
function startedBy(catalog: Catalog, file: string, context: SourceContext): CatalogEntry[] {
  const place = placeOf(file, context);
  return catalog.kernels.filter((entry) => {
    const program = entry.program ?? entry.argv[0];
    return program !== undefined && isAbsolute(program) && placeOf(program, context) === place;
  });
}

/** The kernels of the environment that has this interpreter, by whichever of its names. */
function ofInterpreter(catalog: Catalog, file: string, context: SourceContext): CatalogEntry[] {
  const place = placeOf(file, context);
  const dir = dirname(place);
  const prefix = /^(?:bin|scripts)$/i.test(basename(dir)) ? dirname(dir) : dir;
  return catalog.kernels.filter(({ owner }) => {
    if (owner === null) return false;
    if ([owner.python, ...owner.aliases].some((path) => path !== null && placeOf(path, context) === place)) return true;
    // python, python3 and python3.11 of one environment; a system's directory holds other Pythons as well, and an environment's
    // link into it is another interpreter
    if (owner.kind !== 'system') return owner.real === prefix;
    const isBeside = dirname(placeOf(owner.python ?? '', context)) === dir;
    return isBeside && context.files.real(owner.python ?? '') === context.files.real(file);
  });
}

/**
 * A program's path with the links in its directory resolved, and not the last one: an environment's python is a link to
 * the Python that it was made with, and is another program for all that; `/bin/python3` and `/usr/bin/python3` are one.
 */
function placeOf(program: string, { files }: SourceContext): string {
  return join(files.real(dirname(program)), basename(program));
}

function noKernelAt(catalog: Catalog, query: string, python: string): KernelNotFoundError {
  return new KernelNotFoundError(query, `${python} is in no Python environment that could be a kernel`, {
    candidates: catalog.kernels.filter(({ hidden }) => hidden === null),
    searched: catalog.searched,
    fix: `See whether it is a Python: "${python}" --version`,
  });
}

function isPython(language: string): boolean {
  return language.toLowerCase() === 'python';
}

async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch {
    return null;
  }
}

async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path;
  }
}
