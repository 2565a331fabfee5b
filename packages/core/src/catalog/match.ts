import type { Environment } from '../environments/index.js';
import type { Files } from '../files/index.js';
import { pathFlavour } from '../specs/index.js';
import type { CatalogEntry, MatchRung, SourceContext } from './types.js';

/** Which environment a kernelspec runs in, and by which rung of the ladder that was found. */
export interface Match {
  environment: Environment;
  rung: MatchRung;
}

/** Environments by the places that a kernelspec may name. */
export class EnvironmentIndex {
  readonly #byPrefix = new Map<string, Environment>();
  readonly #byPython = new Map<string, Environment>();
  readonly #byName = new Map<string, Environment[]>();
  readonly #context: SourceContext;

  constructor(environments: readonly Environment[], context: SourceContext) {
    this.#context = context;
    for (const environment of environments) this.add(environment);
  }

  add(environment: Environment): void {
    const { prefix, real, python, aliases, name, kind } = environment;
    // a system's prefix holds several Pythons, of which the first found is the one that its bare names mean
    for (const path of [prefix, real]) if (!this.#byPrefix.has(path)) this.#byPrefix.set(path, environment);
    for (const path of [python, ...aliases]) {
      // an environment's own paths are resolved already, as far as they lie in it
      const isOwn = path?.startsWith(`${prefix}/`) && kind !== 'system';
      if (path !== null)
        this.#byPython.set(isOwn ? real + path.slice(prefix.length) : this.#placeOf(path), environment);
    }
    // a system's Python is met by any of its links
    if (python !== null && kind === 'system') this.#byPython.set(this.#files.real(python), environment);
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), environment]);
  }

  get #files(): Files {
    return this.#context.files;
  }

  /** An environment by its prefix, whichever way it is written. */
  ofPrefix(path: string): Environment | undefined {
    return this.#byPrefix.get(path) ?? this.#byPrefix.get(this.#files.real(path));
  }

  /** The environment whose interpreter, or other program, a file is. */
  ofProgram(file: string): Environment | undefined {
    const { dirname, basename } = this.#path;
    const known = this.#byPython.get(this.#placeOf(file));
    if (known !== undefined) return known;
    const dir = dirname(file);
    const environment = this.ofPrefix(/^(?:bin|scripts)$/i.test(basename(dir)) ? dirname(dir) : dir);
    if (environment === undefined || environment.kind !== 'system') return environment;
    // /usr/bin holds everything: only its Pythons say which Python is meant
    return this.#byPython.get(this.#files.real(file));
  }

  /** The one environment of a name; undefined where there are several. */
  ofName(name: string): Environment | undefined {
    const found = this.#byName.get(name) ?? [];
    return found.length === 1 ? found[0] : undefined;
  }

  get #path() {
    return pathFlavour(this.#context.platform);
  }

  /** A program's path with the links in its directory resolved, and not the last one: that leads to the base. */
  #placeOf(file: string): string {
    const { dirname, join, basename } = this.#path;
    return join(this.#files.real(dirname(file)), basename(file));
  }
}

/**
 * The environment that an installed kernelspec runs in (the ladder of vscode-jupyter, `findMatchingInterpreter`, with the
 * rungs that it lacks). Null: it needs none, or nobody can say.
 */
export function matchEnvironment(entry: CatalogEntry, index: EnvironmentIndex): Match | null {
  const { spec, prefix, argv, file } = entry;
  if (spec === null) return null;
  const at = (environment: Environment | undefined, rung: MatchRung): Match | null =>
    environment === undefined ? null : { environment, rung };

  const owner = prefix === null ? undefined : index.ofPrefix(prefix);
  const noted = interpreterNoted(spec.metadata);
  const first = argv[0] ?? '';
  const isPath = /[\\/]/.test(first);
  // a spec in /usr/share belongs to the system, but to which of its Pythons, argv says
  const isOwned = owner !== undefined && owner.kind !== 'system';
  const conda = condaRun(argv);
  return (
    (isOwned ? at(owner, 'owned') : null) ??
    (noted === null ? null : at(index.ofProgram(noted), 'metadata')) ??
    (conda === null ? null : at(index.ofPrefix(conda) ?? index.ofName(conda), 'conda-run')) ??
    (isPath ? at(index.ofProgram(first), 'argv') : null) ??
    (file === null ? null : at(index.ofProgram(file), 'program')) ??
    (isBarePython(first) && file === null ? at(index.ofName(entry.displayName), 'display-name') : null)
  );
}

/** `metadata.interpreter.path` of VS Code, and `interpreterPath` of its older versions. */
function interpreterNoted(metadata: Record<string, unknown>): string | null {
  const interpreter = metadata.interpreter;
  const path =
    typeof interpreter === 'object' && interpreter !== null && 'path' in interpreter
      ? interpreter.path
      : metadata.interpreterPath;
  return typeof path === 'string' && path !== '' ? path : null;
}

/** The prefix or name that `conda run` is told. */
function condaRun(argv: readonly string[]): string | null {
  const [program = '', command] = argv;
  if (!/(?:^|[\\/])(?:conda|mamba|micromamba)(?:\.exe|\.bat)?$/i.test(program) || command !== 'run') return null;
  const at = argv.findIndex((word) => /^(?:-p|--prefix|-n|--name)$/.test(word));
  if (at !== -1) return argv[at + 1] ?? null;
  return argv.flatMap((word) => /^--(?:prefix|name)=(.+)$/.exec(word)?.[1] ?? [])[0] ?? null;
}

function isBarePython(program: string): boolean {
  return /^python(?:3(?:\.\d+)?)?$/.test(program);
}
