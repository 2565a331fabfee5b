import type { Stats } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { NodeFiles } from '../files/index.js';
import { expandHome, type InstalledSpec, type KernelSpecRoot, readSpec } from '../specs/index.js';
import { KernelNotFoundError, KernelPathError } from './errors.js';
import { entryOfSpec, kernelspecSource } from './kernelspec-source.js';
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
    if (!(await isPrefix(path))) return null;
    throw emptyEnvironment(catalog, query, path);
  }
  if (/\.json$/i.test(path)) return [await specOrConnection(catalog, path, context)];
  const starting = await startedBy(catalog, path);
  const isInterpreter = /^python[\d.]*(\.exe)?$/i.test(basename(path));
  // Kernels of other languages are written in Python too; whoever names a Python means to run Python.
  const fitting = isInterpreter ? starting.filter(({ language }) => isPython(language)) : starting;
  if (fitting.length > 0) return fitting;
  if (!isInterpreter) return null;
  const dir = dirname(await placeOf(path));
  const prefix = /^(bin|scripts)$/i.test(basename(dir)) ? dirname(dir) : dir;
  const pythons = (await kernelsOfPrefix(catalog, prefix, context)).filter(({ language }) => isPython(language));
  if (pythons.length > 0) return pythons;
  if (starting.length > 0) return starting;
  throw emptyEnvironment(catalog, query, prefix);
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
  if (await isConnectionFile(file)) {
    const message = `${file} is the connection file of a running kernel: joining one is not supported yet`;
    throw new KernelPathError('connection-file-not-supported', file, message, { fix: 'Name a kernel to start.' });
  }
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

async function isConnectionFile(file: string): Promise<boolean> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof value === 'object' && value !== null && 'shell_port' in value && 'iopub_port' in value;
  } catch {
    return false;
  }
}

async function entryOfFile(catalog: Catalog, file: string): Promise<CatalogEntry | null> {
  const real = await realOf(file);
  for (const entry of catalog.kernels) {
    if (entry.specFile !== null && (entry.specFile === file || (await realOf(entry.specFile)) === real)) return entry;
  }
  return null;
}

/** The kernels that a prefix owns: the catalog's, else those that are installed in it. */
async function kernelsOfPrefix(catalog: Catalog, prefix: string, context: SourceContext): Promise<CatalogEntry[]> {
  const real = await realOf(prefix);
  const known: CatalogEntry[] = [];
  for (const entry of catalog.kernels) {
    if (entry.prefix !== null && (await realOf(entry.prefix)) === real) known.push(entry);
  }
  if (known.length > 0) return known;
  const root = rootOf(join(prefix, 'share', 'jupyter', 'kernels'));
  const { entries } = await kernelspecSource({ roots: [root] }).find(context);
  return entries.sort(compareEntries);
}

/** A directory of kernelspecs that the caller pointed at. */
function rootOf(path: string): KernelSpecRoot {
  const share = /^(.+?)[\\/]share[\\/]jupyter[\\/]kernels$/.exec(path);
  const prefix = share?.[1] ?? null;
  return { path, prefix: prefix !== null && basename(prefix) === '.local' ? null : prefix, origin: 'argument' };
}

/** The entries that start this very program. */
async function startedBy(catalog: Catalog, file: string): Promise<CatalogEntry[]> {
  const place = await placeOf(file);
  const starting: CatalogEntry[] = [];
  for (const entry of catalog.kernels) {
    const program = entry.program ?? entry.argv[0];
    if (program !== undefined && isAbsolute(program) && (await placeOf(program)) === place) starting.push(entry);
  }
  return starting;
}

/**
 * A program's path with the links in its directory resolved, and not the last one: an environment's python is a link to
 * the Python that it was made with, and is another program for all that; `/bin/python3` and `/usr/bin/python3` are one.
 */
async function placeOf(program: string): Promise<string> {
  return join(await realOf(dirname(program)), basename(program));
}

async function isPrefix(path: string): Promise<boolean> {
  const marks = ['pyvenv.cfg', 'conda-meta', 'bin/python', 'bin/python3', 'python.exe', 'Scripts/python.exe'];
  return (await Promise.all(marks.map((mark) => statOf(join(path, mark))))).some((info) => info !== null);
}

function emptyEnvironment(catalog: Catalog, query: string, prefix: string): KernelNotFoundError {
  const python = join(prefix, process.platform === 'win32' ? 'python.exe' : 'bin/python');
  return new KernelNotFoundError(query, `The environment ${prefix} has no kernelspec`, {
    candidates: catalog.kernels.filter(({ hidden }) => hidden === null),
    searched: catalog.searched,
    fix: `Install a kernel in it: "${python}" -m pip install ipykernel`,
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
