import type { Environment } from '../environments/index.js';
import { pathFlavour } from '../specs/index.js';
import { interpreterEntry, ipykernelMissing, ownedBy, specsOfEnvironment } from './environment-entries.js';
import { unlessRemote } from './executable.js';
import { EnvironmentIndex, matchEnvironment } from './match.js';
import { compareEntries } from './rank.js';
import type { CatalogEntry, SourceContext } from './types.js';

/**
 * Kernelspecs, environments and the kernelspecs in them as one list, the best first:
 *
 * 1. an installed kernelspec is tied to the environment that it runs in (match.ts);
 * 2. a kernelspec that lies in an environment is that environment's; one that Jupyter finds as well counts once;
 * 3. an environment's interpreter is a kernel, whether anybody registered it or not;
 * 4. of rows that would start the same thing one is shown. A kernelspec that Jupyter lists is always shown; then the interpreter,
 *    which says which environment it is; then what lies in the environment.
 *
 * What is folded stays in the list, hidden, with the row that stands for it.
 */
export function mergeCatalog(
  entries: readonly CatalogEntry[],
  environments: readonly Environment[],
  context: SourceContext,
  rows: (environment: Environment) => CatalogEntry[] = (environment) => rowsOf(environment, context),
): CatalogEntry[] {
  const index = new EnvironmentIndex(environments, context);
  const all = entries.map((entry) => (entry.owner === null ? tie(entry, index, context) : entry));
  const seen = new Set(all.map(({ id }) => id));
  for (const row of environments.flatMap(rows)) {
    if (seen.has(row.id)) continue;
    seen.add(row.id);
    all.push(row);
  }
  return fold(all, context).sort(compareEntries);
}

/** What one environment brings by itself: the kernelspecs in it, and its interpreter. */
export function rowsOf(environment: Environment, context: SourceContext): CatalogEntry[] {
  const own = specsOfEnvironment(environment, context).map((entry) => withProblems(entry, context));
  const interpreter = interpreterEntry(environment, own.length > 0);
  // a Python that has a kernel in xeus-python is no worse for having none in ipykernel
  const isServed = environment.kernelPackage?.name === 'xeus-python' && own.some(isStartablePython);
  return interpreter === null || isServed ? own : [...own, interpreter];
}

function isStartablePython({ startable, language }: CatalogEntry): boolean {
  return startable && language.toLowerCase() === 'python';
}

function tie(entry: CatalogEntry, index: EnvironmentIndex, context: SourceContext): CatalogEntry {
  if (entry.source !== 'kernelspec') return entry;
  const match = matchEnvironment(entry, index);
  if (match === null) return entry;
  const { environment, rung } = match;
  const tied = { ...entry, ...ownedBy(environment, rung) };
  // a bare `python` that stands for another environment's is started as that one's
  const isBare = rung === 'metadata' || rung === 'display-name';
  if (isBare && environment.python !== null && entry.runtime === 'python') {
    return withProblems(
      { ...tied, program: environment.python, file: environment.python, startable: true, problem: null },
      context,
    );
  }
  return withProblems(tied, context);
}

/** An entry whose environment cannot run it says so, however good its own files look. */
function withProblems(entry: CatalogEntry, context: SourceContext): CatalogEntry {
  const { owner, spec, startable } = entry;
  if (owner === null || spec === null) return entry;
  if (!startable) return isLeftToScripts(entry, context) ? { ...entry, startable: true, problem: null } : entry;
  if (owner.problem !== null && entry.runtime === 'python') {
    return { ...entry, startable: false, problem: owner.problem };
  }
  // a path of the spec's own may bring ipykernel: then only a start can tell
  const hasOwnPath = 'PYTHONPATH' in spec.env || owner.variables !== null || context.env.PYTHONHOME;
  if (!startsIpykernel(entry) || owner.kernelPackage?.name === 'ipykernel' || hasOwnPath) return entry;
  return { ...entry, startable: false, problem: ipykernelMissing(owner) };
}

/** A bare name that nothing has, in an environment whose activation scripts may put it on PATH: the plan will tell. */
function isLeftToScripts({ problem, argv, owner }: CatalogEntry, { files, platform }: SourceContext): boolean {
  if (problem?.kind !== 'program-not-found' || owner === null || /[\\/]/.test(argv[0] ?? '')) return false;
  return (
    unlessRemote(() => files.stat(pathFlavour(platform).join(owner.prefix, 'etc', 'conda', 'activate.d'))) !== null
  );
}

/** `python -m ipykernel_launcher -f {connection_file}`, as ipykernel's own kernelspec and every editor's has it. */
function startsIpykernel({ argv, runtime }: CatalogEntry): boolean {
  const at = argv.indexOf('-m');
  return runtime === 'python' && at > 0 && /^ipykernel(?:_launcher)?$/.test(argv[at + 1] ?? '');
}

/** Hides what another row would start just as well. */
function fold(entries: readonly CatalogEntry[], context: SourceContext): CatalogEntry[] {
  const shown = new Map<string, CatalogEntry>();
  const result: CatalogEntry[] = [];
  for (const entry of [...entries].sort((a, b) => standing(a) - standing(b) || compareEntries(a, b))) {
    const key = entry.hidden === null ? launchKey(entry, context) : null;
    const before = key === null ? undefined : shown.get(key);
    if (before !== undefined && !entry.isJupyters) {
      result.push({ ...entry, hidden: { reason: 'duplicate', by: before.id } });
      continue;
    }
    if (key !== null && before === undefined) shown.set(key, entry);
    result.push(entry);
  }
  return result;
}

/** Which of two rows for the same thing is shown. */
function standing({ isJupyters, source }: CatalogEntry): number {
  if (isJupyters) return 0;
  return source === 'environment' ? 1 : source === 'kernelspec' ? 2 : 3;
}

/**
 * What starting an entry comes to: the same text, the same kernel. A Python of an environment is the environment's, by whichever of its
 * names (python, python3, python3.11) it is started.
 */
function launchKey(entry: CatalogEntry, context: SourceContext): string | null {
  const { spec, owner, file, argv, runtime } = entry;
  if (spec === null || argv.length === 0) return null;
  const isOwners = owner !== null && runtime === 'python' && owner.python !== null;
  const start = isOwners
    ? `python ${owner.kind === 'system' ? owner.python : owner.real}`
    : `file ${context.files.real(file ?? argv[0]!)}`;
  const rest = argv.slice(1).map((word) => (word === 'ipykernel' ? 'ipykernel_launcher' : word));
  // -Xfrozen_modules=off is ipykernel's own advice, and changes nothing that anybody would choose by
  const plain = rest.filter((word) => !word.startsWith('-X')).join('\0');
  const env = Object.entries(spec.env).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([start, plain.replace('--f={connection_file}', '-f\0{connection_file}'), env]);
}
