import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { NoNotebooksError } from './errors.js';
import type { NotebookTask, Target } from './plan.js';

/** A notebook that was named, or found in a directory that was. */
export interface NamedNotebook {
  path: string;
  /** Its place in the directory that was named; the file's name where it was named itself. */
  below: string;
}

/** Where results go, from the command line. */
export interface TargetOptions {
  output?: string;
  inplace?: boolean;
  stdout?: boolean;
  check?: boolean;
}

/** What is no place for one's notebooks: other people's packages, and copies that Jupyter keeps. */
const PASSED_OVER = new Set(['node_modules', 'venv', 'site-packages', '__pycache__']);
const RESULT = '.executed.ipynb';

/**
 * The notebooks that arguments name: files as they are, of directories all `.ipynb` below, in the order of their names. Hidden
 * directories, environments and `node_modules` are passed over, and results of earlier runs. Each notebook comes once.
 * @throws NoNotebooksError; UsageError for a directory that cannot be read
 */
export async function findNotebooks(named: readonly string[]): Promise<NamedNotebook[]> {
  const found = new Map<string, NamedNotebook>();
  const add = (notebook: NamedNotebook): void => {
    const key = resolve(notebook.path);
    if (!found.has(key)) found.set(key, notebook);
  };
  for (const path of named) {
    // what is not there is told when it is read, and does not keep the others
    if (!(await isDirectory(path))) {
      add({ path, below: basename(path) });
      continue;
    }
    const below = await notebooksBelow(path, '');
    if (below.length === 0) throw new NoNotebooksError(path);
    for (const each of below) add({ path: join(path, each), below: each });
  }
  return [...found.values()];
}

async function notebooksBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((cause: Error) => {
    throw new UsageError(`${join(root, folder)} cannot be read: ${cause.message}`);
  });
  const names = new Set(entries.map(({ name }) => name));
  if (names.has('pyvenv.cfg') || names.has('conda-meta')) return [];
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = entry;
    if (name.startsWith('.') || PASSED_OVER.has(name)) continue;
    const path = join(folder, name);
    if (entry.isDirectory()) found.push(...(await notebooksBelow(root, path)));
    else if (isNotebook(name, names) && (entry.isFile() || (await isFile(join(root, path))))) found.push(path);
  }
  return found;
}

function isNotebook(name: string, beside: ReadonlySet<string>): boolean {
  if (extname(name) !== '.ipynb') return false;
  return !name.endsWith(RESULT) || !beside.has(`${name.slice(0, -RESULT.length)}.ipynb`);
}

/**
 * Gives each notebook the place that its result goes to.
 * @param single one notebook was named, and no directory: `-o` is its file then, and else a directory
 * @throws UsageError for two results in one place
 */
export async function withTargets(
  notebooks: readonly NamedNotebook[],
  single: boolean,
  options: TargetOptions,
): Promise<NotebookTask[]> {
  const { output, check } = options;
  const toStdout = options.stdout === true || output === '-';
  if (toStdout && !single) throw severalInOne('standard output', 'run them one by one');
  if (output !== undefined && !toStdout && !single) {
    const is = await stat(output).catch(() => null);
    if (is === null ? extname(output) === '.ipynb' : !is.isDirectory()) {
      throw severalInOne('file', 'name a directory with -o, or run them one by one');
    }
  }
  // as cp has it
  const intoDirectory = output !== undefined && (!single || /[\\/]$/.test(output) || (await isDirectory(output)));
  const targetOf = ({ path, below }: NamedNotebook): Target => {
    if (toStdout) return { kind: 'stdout' };
    if (options.inplace === true) return { kind: 'file', path, makeDirectory: false };
    if (output !== undefined) {
      return { kind: 'file', path: intoDirectory ? join(output, below) : output, makeDirectory: intoDirectory };
    }
    if (check === true) return { kind: 'none' };
    return { kind: 'file', path: beside(path), makeDirectory: false };
  };
  const tasks = notebooks.map((notebook) => ({ path: notebook.path, target: targetOf(notebook) }));
  const taken = new Map<string, string>();
  for (const { path, target } of tasks) {
    if (target.kind !== 'file') continue;
    const other = taken.get(resolve(target.path));
    if (other !== undefined) {
      throw new UsageError(
        `the results of ${other} and ${path} would both go to ${target.path}`,
        'name the directory that has both, which keeps them apart, or run them one by one',
      );
    }
    taken.set(resolve(target.path), path);
  }
  return tasks;
}

/** Where a result goes that nobody named a place for. */
export function beside(path: string): string {
  return join(dirname(path), `${basename(path, extname(path))}${RESULT}`);
}

function severalInOne(what: string, fix: string): UsageError {
  return new UsageError(`several notebooks cannot be written to one ${what}`, fix);
}

export async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}
